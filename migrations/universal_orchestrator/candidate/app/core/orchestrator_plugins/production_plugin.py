"""ProductionPlugin: SLA, anomalies and scaling, security events, snapshots, Prometheus, audit; asks for nothing outside."""

import hashlib
import json
from collections.abc import Mapping
from statistics import fmean, pstdev
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from .contract import OrchestratorPlugin, PluginMetadata, PluginType

ENOUGH = 10
FAR_OUT = 4.0


class ProductionPlugin(OrchestratorPlugin):
    """`sla_ms` is how long a task may take; a share of less than the configured percentage within it is an alert."""

    def __init__(self, sla_ms: float = 1000.0) -> None:
        super().__init__(
            PluginMetadata("production", "1.0.0", PluginType.PRODUCTION, "SLA, audit, metrics, recovery", priority=90)
        )
        self.sla_ms = sla_ms
        self.audit: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        self.security_events = 0
        self._took: list[float] = []
        self._waiting: list[int] = []
        self._kept: dict[str, str] = {}
        self._context: Any = None
        self._registry = CollectorRegistry()
        self._tasks = Counter("orchestrator_tasks_total", "Ended tasks", ["outcome"], registry=self._registry)
        self._seconds = Histogram("orchestrator_task_seconds", "Time a task took", registry=self._registry)
        self._agents = Gauge("orchestrator_agents", "Registered agents", registry=self._registry)

    async def initialize(self, orchestrator_context: Any) -> bool:
        """Listen to everything."""
        self._context = orchestrator_context
        orchestrator_context.subscribe("*", self._record)
        return True

    def _record(self, topic: str, details: Mapping[str, Any]) -> None:
        previous = self.audit[-1]["hash"] if self.audit else ""
        entry = {"seq": len(self.audit) + 1, "action": topic, "details": dict(details)}
        text = previous + json.dumps(entry, sort_keys=True, default=str)
        self.audit.append({**entry, "hash": hashlib.sha256(text.encode()).hexdigest()})
        self.security_events += topic == "agent.refused"
        self._agents.set(len(self._context.roster.agents))
        self._watch_queue()

    async def post_task_execution(self, task_context: dict[str, Any], result: Any) -> Any:
        """Count the task, and look whether the SLA holds."""
        took_ms = task_context["took_ms"]
        self._tasks.labels("completed" if task_context["success"] else "failed").inc()
        self._seconds.observe(took_ms / 1000)
        if self.is_anomaly(took_ms):
            self._decide("anomaly", f"a task took {took_ms:.0f} ms")
        self._took.append(took_ms)
        if self.sla_percent < self._context.config.sla_percent:
            self._context.alert(self.metadata.name, "the SLA is not met", "critical")
        return result

    @property
    def sla_percent(self) -> float:
        """Share of tasks within the SLA."""
        return 100.0 * sum(took <= self.sla_ms for took in self._took) / len(self._took) if self._took else 100.0

    def is_anomaly(self, took_ms: float) -> bool:
        """Whether a duration lies far outside of those before it."""
        if len(self._took) < ENOUGH:
            return False
        return took_ms > fmean(self._took) + FAR_OUT * max(pstdev(self._took), 1.0)

    def _watch_queue(self) -> None:
        queued = self._context.roster.queued
        if queued and queued > 2 * max(len(self._context.roster.agents), 1):
            self._decide("scale-up", f"{queued} tasks wait")

    def _decide(self, what: str, why: str) -> None:
        self.decisions.append({"decision": what, "reason": why})

    def keep(self, name: str) -> None:
        """Keep a snapshot of agents and tasks."""
        self._kept[name] = json.dumps(self._context.roster.snapshot(), default=str)

    def recover(self, name: str) -> None:
        """Put a snapshot back; KeyError for an unknown one."""
        self._context.roster.restore(json.loads(self._kept[name]))

    def exposition(self) -> bytes:
        """Metrics as Prometheus text."""
        return generate_latest(self._registry)

    def dashboard(self) -> dict[str, Any]:
        """A Grafana dashboard over these metrics."""
        queries = {
            "Tasks by outcome": "sum by (outcome) (rate(orchestrator_tasks_total[5m]))",
            "Task time, p95": "histogram_quantile(0.95, rate(orchestrator_task_seconds_bucket[5m]))",
            "Agents": "orchestrator_agents",
        }
        panels = [
            {"id": number, "title": title, "type": "timeseries", "targets": [{"expr": expr}]}
            for number, (title, expr) in enumerate(queries.items(), 1)
        ]
        return {"title": "Universal orchestrator", "schemaVersion": 39, "panels": panels}

    async def health_check(self) -> dict[str, Any]:
        """Degraded while the SLA is not met."""
        met = self.sla_percent >= self._context.config.sla_percent
        return {"status": "healthy" if met else "degraded", "sla_percent": round(self.sla_percent, 3)}


PLUGIN = ProductionPlugin
