"""ProductionOrchestrator: tasks are dicts, trouble is exceptions of its own, and every deed stands in an audit log."""

from collections.abc import Mapping
from typing import Any


class AgentExistsError(ValueError):
    """An agent of this name is registered already."""


class NoAgentAvailableError(LookupError):
    """Nobody who is free can do the task."""


class UnknownTaskError(KeyError):
    """No such task, or it is done."""


class ProductionOrchestrator:
    """Registers agents by keyword, takes tasks as dicts and answers with records."""

    REQUIRED = ("id", "requires")

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = {"mode": "production", "tasks_per_agent": 5, "sla_percent": 95.0, **(config or {})}
        self._crew: list[dict[str, Any]] = []
        self._open: dict[str, dict[str, Any]] = {}
        self._done: list[dict[str, Any]] = []
        self._audit: list[dict[str, Any]] = []

    def register_agent(
        self, *, agent_id: str, capabilities: list[str], role: str = "worker", **details: Any
    ) -> dict[str, Any]:
        """The new agent's record; AgentExistsError for a second one of this name."""
        if any(agent["agent_id"] == agent_id for agent in self._crew):
            raise AgentExistsError(agent_id)
        agent = {"agent_id": agent_id, "role": role, "capabilities": list(capabilities), "details": details}
        self._crew.append({**agent, "busy": 0})
        self._note("register", agent_id)
        return agent

    def delegate_task(self, task: Mapping[str, Any]) -> str:
        """The agent that was given the task; NoAgentAvailableError if there is none, ValueError for a half task."""
        missing = [name for name in self.REQUIRED if name not in task]
        if missing:
            raise ValueError(f"a task needs {', '.join(missing)}")
        best: dict[str, Any] | None = None
        for agent in self._crew:
            if all(each in agent["capabilities"] for each in task["requires"]):
                room = agent["busy"] < self.config["tasks_per_agent"]
                if room and (best is None or agent["busy"] < best["busy"]):
                    best = agent
        if best is None:
            self._note("refuse", task["id"])
            raise NoAgentAvailableError(task["id"])
        best["busy"] += 1
        self._open[task["id"]] = {"task": dict(task), "agent": best}
        self._note("delegate", task["id"])
        return str(best["agent_id"])

    def complete_task(self, task_id: str, *, result: Any = None, success: bool = True) -> dict[str, Any]:
        """The record of the finished task; UnknownTaskError if there is none that is open."""
        if task_id not in self._open:
            raise UnknownTaskError(task_id)
        entry = self._open.pop(task_id)
        entry["agent"]["busy"] -= 1
        record = {"task": task_id, "agent": entry["agent"]["agent_id"], "success": success, "result": result}
        self._done.append(record)
        self._note("complete" if success else "fail", task_id)
        return dict(record)

    def sla_report(self) -> dict[str, Any]:
        """How many of the finished tasks succeeded, in percent, and whether that is enough."""
        good = sum(record["success"] for record in self._done)
        percent = round(100.0 * good / len(self._done), 1) if self._done else 100.0
        return {"finished": len(self._done), "percent": percent, "met": percent >= self.config["sla_percent"]}

    def audit(self) -> list[dict[str, Any]]:
        """Every deed in order: number, action, subject."""
        return [dict(entry) for entry in self._audit]

    def _note(self, action: str, subject: str) -> None:
        self._audit.append({"seq": len(self._audit) + 1, "action": action, "subject": subject})


production_orchestrator = ProductionOrchestrator()
"""The instance that most of the code uses."""
