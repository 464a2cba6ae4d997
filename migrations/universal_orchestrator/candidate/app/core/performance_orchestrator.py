"""The old import path of performance_orchestrator: weights and costs, None instead of exceptions, on a universal one."""

from typing import Any

from .legacy_desk import LegacyDesk
from .orchestrator_config import OrchestratorConfig


class PerformanceOrchestrator:
    """PerformanceOrchestrator as it was called before."""

    def __init__(self, slots: int = 5) -> None:
        self.slots = slots
        self.reset()

    def reset(self) -> None:
        """Start afresh."""
        self._desk = LegacyDesk(
            OrchestratorConfig(
                max_agents=1_000_000,
                max_concurrent_tasks=1_000_000,
                max_tasks_per_agent=self.slots,
                queue_when_full=False,
            )
        )
        self._spent: dict[str, list[float]] = {}

    def register_agent(self, name: str, skills: tuple[str, ...] | list[str] = (), weight: float = 1.0) -> int:
        """How many agents there are now; a known name gets new skills and weight."""
        if not self._desk.enlist(name, skills, metadata={"weight": weight}):
            agent = self._desk.agent(name)
            agent.capabilities, agent.weight = frozenset(skills), weight
        self._sort()
        return len(self._desk.agents)

    def route_task(self, task: str, skills: tuple[str, ...] | list[str] = (), cost: float = 1.0) -> str | None:
        """The name of the agent, or None; a routed task stays where it is."""
        return self._desk.holder(task) or self._desk.assign(task, skills, metadata={"cost": cost})

    def finish_task(self, task: str, ok: bool = True, duration_ms: float = 0.0) -> bool:
        """Whether there was such a task; only good ones count for the timings."""
        name = self._desk.holder(task)
        if name is None:
            return False
        self._desk.finish(task, success=ok)
        self._desk.forget(task)
        if ok:
            self._spent.setdefault(name, []).append(duration_ms)
        return True

    def timings(self) -> dict[str, dict[str, Any]]:
        """Finished tasks and their average duration for each agent that finished any."""
        return {
            name: {"tasks": len(spent), "average_ms": round(sum(spent) / len(spent), 3)}
            for name, spent in sorted(self._spent.items())
        }

    def _sort(self) -> None:
        # Ties went to the lower name, and the roster gives them to whoever stands first.
        agents = self._desk.orchestrator.roster.agents
        for name in sorted(agents):
            agents[name] = agents.pop(name)


performance_orchestrator = PerformanceOrchestrator()
"""The instance that the code uses."""
