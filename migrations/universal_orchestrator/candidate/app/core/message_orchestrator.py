"""The old import path of MessageOrchestrator: the same messages and answers, on a universal orchestrator."""

from typing import Any

from .legacy_desk import LegacyDesk
from .orchestrator_config import OrchestratorConfig


class MessageOrchestrator:
    """Answers {"ok": true, ...} or {"ok": false, "error": {"code", "message"}}; `id` of a message comes back."""

    def __init__(self, slots: int = 5) -> None:
        self.slots = slots
        self._desk = LegacyDesk(
            OrchestratorConfig(
                max_agents=1_000_000, max_concurrent_tasks=1_000_000, max_tasks_per_agent=slots, queue_when_full=False
            )
        )
        self.agents: dict[str, list[str]] = {}
        self._operations = {
            "register": self._register,
            "delegate": self._delegate,
            "complete": self._complete,
            "status": self._status,
        }

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        """Every task with its agent and state (active or done)."""
        found = self._desk.orchestrator.roster.tasks.values()
        return {
            task.id: {"agent": task.agent, "state": "active" if task.state == "active" else "done"} for task in found
        }

    def handle(self, message: dict[str, Any]) -> dict[str, Any]:
        """Do what the message asks; TypeError for what is no dict."""
        if not isinstance(message, dict):
            raise TypeError("a message is a dict")
        answer = self._answer(message)
        return {"id": message["id"], **answer} if "id" in message else answer

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        operation = self._operations.get(str(message.get("op")))
        if operation is None:
            return _no("unknown-op", f"no operation {message.get('op')!r}")
        try:
            return operation(message)
        except KeyError as error:
            return _no("missing-field", f"the message lacks {error.args[0]!r}")

    def _register(self, message: dict[str, Any]) -> dict[str, Any]:
        name = message["agent"]
        if not self._desk.enlist(name, message.get("capabilities", [])):
            return _no("duplicate", f"agent {name!r} is registered")
        self.agents[name] = list(message.get("capabilities", []))
        return {"ok": True, "agents": len(self.agents)}

    def _delegate(self, message: dict[str, Any]) -> dict[str, Any]:
        task = message["task"]
        needs = message.get("requires", [])
        if task in self._desk.held:
            return {"ok": True, "agent": self._desk.move(task, needs)}
        self._desk.forget(task)
        return {"ok": True, "agent": self._desk.assign(task, needs)}

    def _complete(self, message: dict[str, Any]) -> dict[str, Any]:
        task = message["task"]
        agent = self._desk.holder(task)
        if agent is None:
            return _no("unknown-task", f"no open task {task!r}")
        self._desk.finish(task, message.get("result"))
        return {"ok": True, "agent": agent, "result": message.get("result")}

    def _status(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "agents": sorted(self.agents), "active": len(self._desk.held)}


def _no(code: str, message: str) -> dict[str, Any]:
    return {"ok": False, "error": {"code": code, "message": message}}
