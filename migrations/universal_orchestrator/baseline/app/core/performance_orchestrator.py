"""PerformanceOrchestrator: weighs agents and tasks, and is used through one shared instance; answers None, never raises."""

from typing import Any


class PerformanceOrchestrator:
    """Routes each task to the agent with the least work for its weight; ties go to the lower name."""

    def __init__(self, slots: int = 5) -> None:
        self.slots = slots
        self.reset()

    def reset(self) -> None:
        """Start afresh."""
        self._weights: dict[str, float] = {}
        self._skills: dict[str, frozenset[str]] = {}
        self._routed: dict[str, tuple[str, float]] = {}
        self._spent: dict[str, list[float]] = {}

    def register_agent(self, name: str, skills: tuple[str, ...] | list[str] = (), weight: float = 1.0) -> int:
        """How many agents there are now; a known name gets new skills and weight."""
        self._skills[name] = frozenset(skills)
        self._weights[name] = weight
        return len(self._skills)

    def route_task(self, task: str, skills: tuple[str, ...] | list[str] = (), cost: float = 1.0) -> str | None:
        """The name of the agent, or None; a routed task stays where it is."""
        if task in self._routed:
            return self._routed[task][0]
        able = sorted(
            name for name, has in self._skills.items() if has.issuperset(skills) and self._count(name) < self.slots
        )
        if not able:
            return None
        name = min(able, key=lambda each: self._work(each) / self._weights[each])
        self._routed[task] = (name, cost)
        return name

    def finish_task(self, task: str, ok: bool = True, duration_ms: float = 0.0) -> bool:
        """Whether there was such a task; only good ones count for the timings."""
        if task not in self._routed:
            return False
        name, _ = self._routed.pop(task)
        if ok:
            self._spent.setdefault(name, []).append(duration_ms)
        return True

    def timings(self) -> dict[str, dict[str, Any]]:
        """Finished tasks and their average duration for each agent that finished any."""
        return {
            name: {"tasks": len(spent), "average_ms": round(sum(spent) / len(spent), 3)}
            for name, spent in sorted(self._spent.items())
        }

    def _count(self, name: str) -> int:
        return sum(holder == name for holder, _ in self._routed.values())

    def _work(self, name: str) -> float:
        return sum(cost for holder, cost in self._routed.values() if holder == name)


performance_orchestrator = PerformanceOrchestrator()
"""The instance that the code uses."""
