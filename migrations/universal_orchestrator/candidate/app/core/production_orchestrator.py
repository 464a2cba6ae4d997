"""The old import path of ProductionOrchestrator: dicts in, records out, exceptions of its own, on a universal orchestrator."""

from collections.abc import Mapping
from typing import Any

from .legacy_desk import LegacyDesk
from .orchestrator_config import OrchestratorConfig


class AgentExistsError(ValueError):
    """An agent of this name is registered already."""


class NoAgentAvailableError(LookupError):
    """Nobody who is free can do the task."""


class UnknownTaskError(KeyError):
    """No such task, or it is done."""


class ProductionOrchestrator:
    """ProductionOrchestrator as it was called before."""

    REQUIRED = ("id", "requires")

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = {"mode": "production", "tasks_per_agent": 5, "sla_percent": 95.0, **(config or {})}
        self._desk = LegacyDesk(
            OrchestratorConfig(
                mode=self.config["mode"],
                max_agents=1_000_000,
                max_concurrent_tasks=1_000_000,
                max_tasks_per_agent=self.config["tasks_per_agent"],
                queue_when_full=False,
            )
        )
        self._outcomes: list[bool] = []
        self._audit: list[dict[str, Any]] = []

    def register_agent(
        self, *, agent_id: str, capabilities: list[str], role: str = "worker", **details: Any
    ) -> dict[str, Any]:
        """The new agent's record; AgentExistsError for a second one of this name."""
        # Roles were free words here.
        if not self._desk.enlist(agent_id, capabilities, metadata={"role": role, "details": details}):
            raise AgentExistsError(agent_id)
        self._note("register", agent_id)
        return {"agent_id": agent_id, "role": role, "capabilities": list(capabilities), "details": details}

    def delegate_task(self, task: Mapping[str, Any]) -> str:
        """The agent that was given the task; NoAgentAvailableError if there is none, ValueError for a half task."""
        missing = [name for name in self.REQUIRED if name not in task]
        if missing:
            raise ValueError(f"a task needs {', '.join(missing)}")
        chosen = self._desk.assign(task["id"], task["requires"])
        if chosen is None:
            self._note("refuse", task["id"])
            raise NoAgentAvailableError(task["id"])
        self._note("delegate", task["id"])
        return chosen

    def complete_task(self, task_id: str, *, result: Any = None, success: bool = True) -> dict[str, Any]:
        """The record of the finished task; UnknownTaskError if there is none that is open."""
        agent = self._desk.holder(task_id)
        if agent is None:
            raise UnknownTaskError(task_id)
        self._desk.finish(task_id, result, success)
        self._desk.forget(task_id)
        self._outcomes.append(success)
        self._note("complete" if success else "fail", task_id)
        return {"task": task_id, "agent": agent, "success": success, "result": result}

    def sla_report(self) -> dict[str, Any]:
        """How many of the finished tasks succeeded, in percent, and whether that is enough."""
        ended = len(self._outcomes)
        percent = round(100.0 * sum(self._outcomes) / ended, 1) if ended else 100.0
        return {"finished": ended, "percent": percent, "met": percent >= self.config["sla_percent"]}

    def audit(self) -> list[dict[str, Any]]:
        """Every deed in order: number, action, subject."""
        return [dict(entry) for entry in self._audit]

    def _note(self, action: str, subject: str) -> None:
        self._audit.append({"seq": len(self._audit) + 1, "action": action, "subject": subject})


production_orchestrator = ProductionOrchestrator()
"""The instance that most of the code uses."""
