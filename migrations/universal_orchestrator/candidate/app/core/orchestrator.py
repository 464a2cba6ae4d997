"""The old import path of AgentOrchestrator: the same synchronous calls, served by a universal orchestrator.

With ORCHESTRATOR_FALLBACK=legacy in the environment the name means the legacy class itself.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from . import legacy_orchestrator
from .legacy_desk import LegacyDesk
from .orchestrator_config import AgentRole, TaskPriority
from .views import agent_view, task_view

ROLES = tuple(role.value for role in AgentRole)
UNDERSTOOD = ("max_agents", "max_tasks", "tasks_per_agent")
PRIORITIES = tuple(priority.value for priority in TaskPriority)


class AgentOrchestrator:
    """AgentOrchestrator as it was called before."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        settings = dict(config or {})
        self.mode = settings.get("mode", "production")
        # Settings that it did not know never troubled it.
        self._desk = LegacyDesk({name: settings[name] for name in UNDERSTOOD if name in settings})
        self.max_agents = self._desk.config.max_agents
        self.max_tasks = self._desk.config.max_concurrent_tasks
        self.tasks_per_agent = self._desk.config.max_tasks_per_agent
        self._open = True

    def register_agent(
        self,
        agent_id: str,
        role: str = "worker",
        capabilities: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether the agent is new; ValueError for a bad id or role, RuntimeError where no agent fits any more."""
        new = self._desk.enlist(agent_id, capabilities, role, metadata)
        if not new and agent_id not in self._desk.agents:
            raise RuntimeError(f"no more than {self.max_agents} agents")
        return new

    def delegate_task(
        self,
        task_id: str,
        task_type: str,
        required_capabilities: Sequence[str] = (),
        priority: str = "medium",
        metadata: Mapping[str, Any] | None = None,
    ) -> str | None:
        """The agent that has the task now, or None; ValueError for a known task or an unknown priority."""
        return self._desk.assign(task_id, required_capabilities, task_type, priority, metadata)

    def complete_task(self, task_id: str, agent_id: str, result: Any = None, success: bool = True) -> bool:
        """Whether the task was this agent's and still open; KeyError for a task that nobody has."""
        return self._desk.finish(task_id, result, success, agent_id)

    def get_agent(self, agent_id: str) -> dict[str, Any]:
        """One agent; KeyError for an unknown one."""
        return agent_view(self._desk.agent(agent_id))

    def get_task(self, task_id: str) -> dict[str, Any]:
        """One task; KeyError for an unknown one."""
        return task_view(self._desk.task(task_id))

    def list_agents(self, capability: str | None = None) -> list[str]:
        """Ids in the order of registration, of those with the capability if one is named."""
        return [name for name, agent in self._desk.agents.items() if capability in (None, *agent.capabilities)]

    def get_status(self) -> dict[str, Any]:
        """Counts of agents and tasks, and one word on health."""
        states = self._desk.states()
        return {
            "status": "healthy" if self._open else "stopped",
            "mode": self.mode,
            "agents": len(self._desk.agents),
            "busy": self._desk.orchestrator.roster.busy,
            "active_tasks": states.count("active"),
            "completed": states.count("completed"),
            "failed": states.count("failed"),
        }

    def shutdown(self) -> None:
        """Forget all agents and tasks."""
        self._desk.close()
        self._open = False


if os.environ.get("ORCHESTRATOR_FALLBACK") == "legacy":
    AgentOrchestrator = legacy_orchestrator.AgentOrchestrator  # type: ignore[misc,assignment]

_shared: list[AgentOrchestrator] = []


def get_orchestrator(config: Mapping[str, Any] | None = None) -> AgentOrchestrator:
    """The orchestrator that the whole process shares; the first call's configuration decides."""
    if not _shared:
        _shared.append(AgentOrchestrator(config))
    return _shared[0]
