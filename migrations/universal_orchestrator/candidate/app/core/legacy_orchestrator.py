"""AgentOrchestrator: plain synchronous calls with positional arguments; refuses what it does not know by ValueError."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

ROLES = ("coordinator", "specialist", "worker", "monitor", "security", "optimizer")
PRIORITIES = ("high", "medium", "low")


class AgentOrchestrator:
    """Gives each task to the least busy agent that has every capability it needs; ties go to whoever came first."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        settings = dict(config or {})
        self.mode = settings.get("mode", "production")
        self.max_agents = settings.get("max_agents", 100)
        self.max_tasks = settings.get("max_tasks", 1000)
        self.tasks_per_agent = settings.get("tasks_per_agent", 5)
        self._agents: dict[str, dict[str, Any]] = {}
        self._tasks: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._open = True

    def register_agent(
        self,
        agent_id: str,
        role: str = "worker",
        capabilities: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether the agent is new; ValueError for a bad id or role, RuntimeError where no agent fits any more."""
        if not isinstance(agent_id, str) or not agent_id:  # type: ignore[redundant-expr]
            raise ValueError("an agent id is a text that is not empty")
        if role not in ROLES:
            raise ValueError(f"unknown role {role!r}")
        with self._lock:
            if agent_id in self._agents:
                return False
            if len(self._agents) >= self.max_agents:
                raise RuntimeError(f"no more than {self.max_agents} agents")
            self._agents[agent_id] = {
                "id": agent_id,
                "role": role,
                "capabilities": sorted(set(capabilities)),
                "metadata": dict(metadata or {}),
                "load": 0,
            }
            return True

    def delegate_task(
        self,
        task_id: str,
        task_type: str,
        required_capabilities: Sequence[str] = (),
        priority: str = "medium",
        metadata: Mapping[str, Any] | None = None,
    ) -> str | None:
        """The agent that has the task now, or None; ValueError for a known task or an unknown priority."""
        if priority not in PRIORITIES:
            raise ValueError(f"unknown priority {priority!r}")
        with self._lock:
            if task_id in self._tasks:
                raise ValueError(f"task {task_id!r} is known already")
            if sum(task["state"] == "active" for task in self._tasks.values()) >= self.max_tasks:
                raise RuntimeError(f"no more than {self.max_tasks} tasks")
            chosen = self._choose(set(required_capabilities))
            if chosen is None:
                return None
            chosen["load"] += 1
            self._tasks[task_id] = {
                "id": task_id,
                "type": task_type,
                "agent": chosen["id"],
                "priority": priority,
                "metadata": dict(metadata or {}),
                "state": "active",
                "result": None,
            }
            return str(chosen["id"])

    def complete_task(self, task_id: str, agent_id: str, result: Any = None, success: bool = True) -> bool:
        """Whether the task was this agent's and still open; KeyError for a task that nobody has."""
        with self._lock:
            task = self._tasks[task_id]
            if task["agent"] != agent_id or task["state"] != "active":
                return False
            task["state"] = "completed" if success else "failed"
            task["result"] = result
            self._agents[agent_id]["load"] -= 1
            return True

    def get_agent(self, agent_id: str) -> dict[str, Any]:
        """One agent; KeyError for an unknown one."""
        return dict(self._agents[agent_id])

    def get_task(self, task_id: str) -> dict[str, Any]:
        """One task; KeyError for an unknown one."""
        return dict(self._tasks[task_id])

    def list_agents(self, capability: str | None = None) -> list[str]:
        """Ids in the order of registration, of those with the capability if one is named."""
        return [name for name, agent in self._agents.items() if capability in (None, *agent["capabilities"])]

    def get_status(self) -> dict[str, Any]:
        """Counts of agents and tasks, and one word on health."""
        states = [task["state"] for task in self._tasks.values()]
        return {
            "status": "healthy" if self._open else "stopped",
            "mode": self.mode,
            "agents": len(self._agents),
            "busy": sum(agent["load"] > 0 for agent in self._agents.values()),
            "active_tasks": states.count("active"),
            "completed": states.count("completed"),
            "failed": states.count("failed"),
        }

    def shutdown(self) -> None:
        """Forget all agents and tasks."""
        with self._lock:
            self._agents.clear()
            self._tasks.clear()
            self._open = False

    def _choose(self, needed: set[str]) -> dict[str, Any] | None:
        free = [
            agent
            for agent in self._agents.values()
            if needed <= set(agent["capabilities"]) and agent["load"] < self.tasks_per_agent
        ]
        return min(free, key=lambda agent: int(agent["load"]), default=None)


_shared: list[AgentOrchestrator] = []


def get_orchestrator(config: Mapping[str, Any] | None = None) -> AgentOrchestrator:
    """The orchestrator that the whole process shares; the first call's configuration decides."""
    if not _shared:
        _shared.append(AgentOrchestrator(config))
    return _shared[0]
