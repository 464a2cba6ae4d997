"""UniversalOrchestrator: registration, delegation and completion, with plugins around them; knows no plugin by name."""

import asyncio
import importlib
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .orchestrator_config import AgentRole, OrchestratorConfig, OrchestratorMode, TaskPriority
from .orchestrator_plugins import OrchestratorContext, PluginManager, PluginType
from .roster import Agent, Roster, Task
from .vital_signs import VitalSigns

__all__ = [
    "AgentRole",
    "OrchestratorConfig",
    "OrchestratorMode",
    "PluginType",
    "TaskPriority",
    "UniversalOrchestrator",
    "get_universal_orchestrator",
]

logger = logging.getLogger("universal_orchestrator")


class UniversalOrchestrator:
    """One orchestrator for everything. Use `get_universal_orchestrator`, or await start() before the first call."""

    def __init__(self, config: OrchestratorConfig | None = None) -> None:
        self.config = config or OrchestratorConfig()
        self.roster = Roster(self.config)
        self.vital_signs = VitalSigns(self.config)
        self.context = OrchestratorContext(self.config, self.roster, self.vital_signs)
        self.plugin_manager = PluginManager(self.context)
        self.is_ready = False

    async def start(self) -> "UniversalOrchestrator":
        """Load the plugins that the configuration enables; one that does not exist here is left out."""
        began_s = time.perf_counter()
        for name in self.config.enabled_plugins():
            module = importlib.import_module(f".orchestrator_plugins.{name}_plugin", __package__)
            self.plugin_manager.register_plugin(module.PLUGIN())
        await self.plugin_manager.activate()
        self.is_ready = True
        self.vital_signs.note("initialization_ms", _ms_since(began_s))
        return self

    async def register_agent(
        self,
        agent_id: str,
        role: AgentRole | str,
        capabilities: Iterable[str],
        metadata: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether the agent is registered now; False for a known id or one too many, ValueError for a bad id or role."""
        if not isinstance(agent_id, str) or not agent_id:  # type: ignore[redundant-expr]
            raise ValueError("an agent id is a text that is not empty")
        began_s = time.perf_counter()
        details = dict(metadata or {})
        agent = Agent(agent_id, _role(role), frozenset(capabilities), details, float(details.get("weight", 1.0)))
        await self.plugin_manager.activate()
        allowed = await self.plugin_manager.allows("register_agent", {"agent_id": agent_id, "metadata": details})
        new = allowed and self.roster.enlist(agent)
        if new:
            await self._drain()
        await self.context.publish("agent.registered" if new else "agent.refused", {"agent_id": agent_id})
        self.vital_signs.note("registration_ms", _ms_since(began_s))
        return new

    async def delegate_task(
        self,
        task_id: str,
        task_type: str,
        required_capabilities: Iterable[str],
        priority: TaskPriority | str = TaskPriority.MEDIUM,
        metadata: Mapping[str, Any] | None = None,
    ) -> str | None:
        """The agent that has the task now, or None; then it waits if somebody could do it later and queueing is on.

        ValueError for a task that is known or a priority that is not; RuntimeError beyond the limit of tasks.
        """
        began_s = time.perf_counter()
        task = self._new_task(task_id, task_type, required_capabilities, priority, metadata)
        self._admit(task)
        await self.plugin_manager.activate()
        context = await self.plugin_manager.before_task(
            {"task_id": task_id, "task_type": task_type, "priority": task.priority.value, "metadata": task.metadata}
        )
        self._admit(task)  # once more: another call may have come in between
        task.metadata = dict(context.get("metadata", task.metadata))
        agent = self.roster.choose(task.needs)
        logger.debug("task %s needs %s: %s", task_id, sorted(task.needs), agent.id if agent else "nobody")
        if agent is not None:
            await self._begin(task, agent)
        elif self.config.queue_when_full and self.roster.able(task.needs):
            self.roster.queue(task)
        await self.context.publish("task.delegated" if agent else "task.waiting", {"task_id": task_id})
        self.vital_signs.note("delegation_ms", _ms_since(began_s))
        return agent.id if agent else None

    async def complete_task(self, task_id: str, agent_id: str, result: Any = None, success: bool = True) -> bool:
        """Whether the task was this agent's and active; KeyError for a task that nobody knows."""
        task = self.roster.tasks[task_id]
        if task.agent != agent_id or task.state != "active":
            return False
        took_ms = _ms_since(task.begun_s)
        context = {"task_id": task_id, "agent_id": agent_id, "success": success, "took_ms": took_ms,
                   "metadata": task.metadata}  # fmt: skip
        kept = await self.plugin_manager.after_task(context, result)
        self.roster.close(task, kept, success)
        self.vital_signs.finished(took_ms, success)
        await self.context.publish(
            "task.completed" if success else "task.failed", {"task_id": task_id, "agent": agent_id}
        )
        await self._drain()
        return True

    async def get_system_status(self) -> dict[str, Any]:
        """Health, agents, tasks, performance, limits and plugins; `critical_alerts` is there where there are any."""
        await self.plugin_manager.activate()
        signs, roster = self.vital_signs, self.roster
        plugins = await self.plugin_manager.health()
        sick = sum(report["status"] != "healthy" for report in plugins.values())
        critical = self.context.critical_alerts
        status: dict[str, Any] = {
            "health_status": signs.health(critical, sick),
            "mode": self.config.mode.value,
            "agents": {"total": len(roster.agents), "busy": roster.busy},
            "tasks": {
                "active": len(roster.active), "queued": roster.queued, "completed": signs.completed, "failed": signs.failed
            },
            "performance": {
                "average_task_duration_ms": round(signs.average_ms, 3),
                "error_rate_percent": round(signs.error_percent, 3),
            },
            "limits": signs.readings(),
            "plugins": plugins,
        }  # fmt: skip
        return {**status, "critical_alerts": critical} if critical else status

    async def shutdown(self) -> None:
        """End all plugins, forget agents and tasks, and let the next get_universal_orchestrator make a new one."""
        await self.plugin_manager.shutdown()
        self.roster.restore({"agents": [], "tasks": []})
        self.is_ready = False
        if _shared.get("orchestrator") is self:
            del _shared["orchestrator"]

    def _new_task(
        self,
        task_id: str,
        task_type: str,
        needs: Iterable[str],
        priority: TaskPriority | str,
        metadata: Mapping[str, Any] | None,
    ) -> Task:
        try:
            urgency = TaskPriority(priority)
        except ValueError:
            raise ValueError(f"unknown priority {priority!r}") from None
        details = dict(metadata or {})
        return Task(task_id, task_type, frozenset(needs), urgency, details, cost=float(details.get("cost", 1.0)))

    def _admit(self, task: Task) -> None:
        if task.id in self.roster.tasks:
            raise ValueError(f"task {task.id!r} is known already")
        if not self.roster.has_room():
            raise RuntimeError(f"no more than {self.config.max_concurrent_tasks} tasks")

    async def _begin(self, task: Task, agent: Agent) -> None:
        self.roster.assign(task, agent)
        task.begun_s = time.perf_counter()
        if agent.asleep:
            agent.asleep = False
            await self.context.publish("agent.woken", {"agent_id": agent.id})

    async def _drain(self) -> None:
        for task in self.roster.drain():
            task.begun_s = time.perf_counter()
            await self.context.publish("task.delegated", {"task_id": task.id})


_shared: dict[str, UniversalOrchestrator] = {}
_starting: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}


async def get_universal_orchestrator(config: OrchestratorConfig | None = None) -> UniversalOrchestrator:
    """The orchestrator that the process shares, ready for use.

    The first call's configuration decides; ValueError for another one before the shared orchestrator was shut down.
    """
    lock = _starting.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with lock:
        known = _shared.get("orchestrator")
        if known is None:
            known = _shared["orchestrator"] = await UniversalOrchestrator(config).start()
        elif config is not None and config != known.config:
            raise ValueError("the shared orchestrator has another configuration; shut it down first")
        return known


def _role(role: AgentRole | str) -> AgentRole:
    try:
        return AgentRole(role)
    except ValueError:
        raise ValueError(f"unknown role {role!r}") from None


def _ms_since(began_s: float) -> float:
    return (time.perf_counter() - began_s) * 1000
