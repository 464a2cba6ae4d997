"""PerformancePlugin: samples CPU, memory and disk, alerts, recommends, exports and names bottlenecks; changes nothing."""

from collections import deque
from collections.abc import Mapping
from typing import Any

import psutil

from .contract import OrchestratorPlugin, PluginMetadata, PluginType

SAMPLES_KEPT = 120
SLOW_FACTOR = 3.0
CPU_EVERY_S = 0.5
"""CPU use is told from sample to sample; over a shorter time it says nothing."""
DEFAULT_THRESHOLDS = {"cpu_percent": 150.0, "memory_percent": 95.0, "disk_percent": 98.0}


class PerformancePlugin(OrchestratorPlugin):
    """`thresholds` are percentages over which an alert is raised, once for each resource."""

    def __init__(self, thresholds: Mapping[str, float] | None = None) -> None:
        super().__init__(
            PluginMetadata(
                "performance", "1.0.0", PluginType.PERFORMANCE, "Live resources, alerts and bottlenecks", priority=80
            )
        )
        self.thresholds = {**DEFAULT_THRESHOLDS, **(thresholds or {})}
        self.samples: deque[dict[str, float]] = deque(maxlen=SAMPLES_KEPT)
        self._durations: dict[str, list[float]] = {}
        self._context: Any = None
        self._process = psutil.Process()

    async def initialize(self, orchestrator_context: Any) -> bool:
        """Take a first sample, since CPU use is told from sample to sample."""
        self._context = orchestrator_context
        self._process.cpu_percent(None)
        self.sample()
        return True

    def sample(self) -> dict[str, float]:
        """The resources as they are now: CPU of this process in percent of a core, memory and disk of the machine."""
        at_s = float(self._context.clock())
        now = {
            "at_s": at_s,
            "cpu_percent": self._cpu_percent(at_s),
            "memory_percent": float(psutil.virtual_memory().percent),
            "disk_percent": float(psutil.disk_usage("/").percent),
        }
        self.samples.append(now)
        for name, limit in self.thresholds.items():
            if now[name] > limit:
                self._context.alert(self.metadata.name, f"{name} is over {limit:g}")
        return now

    def _cpu_percent(self, at_s: float) -> float:
        if self.samples and at_s - self.samples[-1]["at_s"] < CPU_EVERY_S:
            return self.samples[-1]["cpu_percent"]
        return float(self._process.cpu_percent(None)) if self.samples else 0.0

    async def post_task_execution(self, task_context: dict[str, Any], result: Any) -> Any:
        """Keep how long the agent took."""
        self._durations.setdefault(task_context["agent_id"], []).append(task_context["took_ms"])
        return result

    def bottlenecks(self) -> list[str]:
        """Agents that take over three times as long as the others on average, the slowest first."""
        averages = {name: sum(took) / len(took) for name, took in self._durations.items()}
        slow = []
        for name, own in averages.items():
            others = [average for other, average in averages.items() if other != name]
            if others and own > SLOW_FACTOR * sum(others) / len(others):
                slow.append(name)
        return sorted(slow, key=averages.__getitem__, reverse=True)

    def recommendations(self) -> list[str]:
        """What would help, in words."""
        advice = [f"take work off {name}: it is slower than the others" for name in self.bottlenecks()]
        if self._context.roster.queued:
            advice.append(f"register more agents: {self._context.roster.queued} tasks wait")
        return advice

    def export(self) -> dict[str, list[float]]:
        """All samples as one series for each resource."""
        return {name: [sample[name] for sample in self.samples] for name in ("at_s", *DEFAULT_THRESHOLDS)}

    async def health_check(self) -> dict[str, Any]:
        """A fresh sample; degraded over a threshold."""
        now = self.sample()
        over = sorted(name for name, limit in self.thresholds.items() if now[name] > limit)
        return {"status": "degraded" if over else "healthy", "over": over, "samples": len(self.samples)}


PLUGIN = PerformancePlugin
