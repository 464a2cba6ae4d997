"""What V2's door counts: requests, commands by how they ended, calls of the model API."""

import json

from plumbing.metrics import RequestMetrics
from plumbing.upstream import Answered, Asked


class DoorMetrics(RequestMetrics):
    """The counters of V2."""

    def __init__(self) -> None:
        super().__init__("coordination", "commands, agents, work, status and models")
        self._operations = self.counter("operations_total", "Commands by how they ended", "command", "result")
        self._tasks = self.counter("agent_tasks_total", "Work that agents ended", "team", "result")
        self.model_calls = self.counter("model_calls_total", "Calls of the model API by how they ended", "result")

    def count_command(self, asked: Asked, answered: Answered) -> None:
        """Counts a command, and the work that it ended."""
        name = asked.path.removeprefix("/commands/")
        if name == asked.path:
            return
        result = "ok" if answered.status < 400 else "failed"
        self._operations.labels(name, result).inc()
        if name == "complete-work" and answered.status == 200:
            work = json.loads(answered.body)["result"]["work"]
            self._tasks.labels(work["team"], "ok" if work["status"] == "done" else "failed").inc()
