"""AutomationPlugin: sleep and wake, tiers of recovery, circuit breakers, routing by speed, rules on events; no task is lost."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .contract import OrchestratorPlugin, PluginMetadata, PluginType

TIERS = ("retry", "restart-agent", "replace-agent", "call-a-person")
SLOW_FACTOR = 3.0


@dataclass
class CircuitBreaker:
    """Closed until `limit` failures in a row, then open for `rest_s`, then half-open for one try."""

    limit: int = 3
    rest_s: float = 30.0
    failures: int = 0
    opened_s: float | None = None

    def state(self, now_s: float) -> str:
        """closed, open or half-open."""
        if self.opened_s is None:
            return "closed"
        return "half-open" if now_s - self.opened_s >= self.rest_s else "open"

    def note(self, success: bool, now_s: float) -> None:
        """Count an outcome."""
        if success:
            self.failures, self.opened_s = 0, None
            return
        self.failures += 1
        if self.failures >= self.limit or self.state(now_s) == "half-open":
            self.opened_s = now_s


class AutomationPlugin(OrchestratorPlugin):
    """Agents sleep after `idle_s` without a task; each agent has a breaker and a tier of recovery."""

    def __init__(self, idle_s: float = 300.0) -> None:
        super().__init__(
            PluginMetadata(
                "automation", "1.0.0", PluginType.AUTOMATION, "Sleep, recovery, breakers, rules", priority=60
            )
        )
        self.idle_s = idle_s
        self.breakers: dict[str, CircuitBreaker] = {}
        self.recoveries: list[tuple[str, str]] = []
        self._tiers: dict[str, int] = {}
        self._seen_s: dict[str, float] = {}
        self._took: dict[str, list[float]] = {}
        self._context: Any = None

    async def initialize(self, orchestrator_context: Any) -> bool:
        """Listen to what happens to tasks."""
        self._context = orchestrator_context
        for topic in ("task.completed", "task.failed"):
            orchestrator_context.subscribe(topic, self._ended)
        return True

    def when(self, topic: str, act: Callable[[str, Mapping[str, Any]], Awaitable[None] | None]) -> None:
        """Have something done on every event of a topic."""
        self._context.subscribe(topic, act)

    def put_to_sleep(self) -> list[str]:
        """Let all agents sleep that have had no task for `idle_s`; an agent wakes with its next task."""
        now_s, slept = self._context.clock(), []
        for agent in self._context.roster.agents.values():
            idle_s = now_s - self._seen_s.setdefault(agent.id, now_s)
            if not agent.tasks and not agent.asleep and idle_s >= self.idle_s:
                agent.asleep = True
                slept.append(agent.id)
        return slept

    async def post_task_execution(self, task_context: dict[str, Any], result: Any) -> Any:
        """Send less work to agents that are much slower than the others."""
        self._took.setdefault(task_context["agent_id"], []).append(task_context["took_ms"])
        averages = {name: sum(took) / len(took) for name, took in self._took.items()}
        for name, own in averages.items():
            others = [average for other, average in averages.items() if other != name]
            agent = self._context.roster.agents.get(name)
            if agent is not None and others:
                agent.penalty = 1.0 if own > SLOW_FACTOR * sum(others) / len(others) else 0.0
        return result

    def breaker(self, agent_id: str) -> str:
        """State of an agent's breaker."""
        return self.breakers.setdefault(agent_id, CircuitBreaker()).state(self._context.clock())

    def _ended(self, topic: str, details: Mapping[str, Any]) -> None:
        agent_id, now_s = str(details["agent"]), self._context.clock()
        good = topic == "task.completed"
        self._seen_s[agent_id] = now_s
        self.breakers.setdefault(agent_id, CircuitBreaker()).note(good, now_s)
        if good:
            self._tiers.pop(agent_id, None)
            return
        tier = self._tiers.get(agent_id, 0)
        self.recoveries.append((agent_id, TIERS[tier]))
        self._tiers[agent_id] = min(tier + 1, len(TIERS) - 1)
        if TIERS[tier] == "call-a-person":
            self._context.alert(self.metadata.name, f"agent {agent_id} does not recover", "critical")

    async def health_check(self) -> dict[str, Any]:
        """Degraded while a breaker is open."""
        opened = sorted(name for name in self.breakers if self.breaker(name) == "open")
        return {"status": "degraded" if opened else "healthy", "open_breakers": opened}


PLUGIN = AutomationPlugin
