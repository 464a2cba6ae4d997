"""What the orchestrator knows of its own health: durations, failures, budgets, memory; it measures, and mends nothing."""

import logging
from collections import deque
from typing import Any

import psutil

from .orchestrator_config import OrchestratorConfig

logger = logging.getLogger("universal_orchestrator")
MB = 1024 * 1024
ENOUGH_TASKS = 4
UNHEALTHY_PERCENT = 25.0


class VitalSigns:
    """Worst cases beside their limits, and the outcome of the last tasks."""

    def __init__(self, config: OrchestratorConfig) -> None:
        self.config = config
        self.worst = {"registration_ms": 0.0, "delegation_ms": 0.0, "initialization_ms": 0.0}
        self.durations_ms: deque[float] = deque(maxlen=max(config.history, 1))
        self.completed = 0
        self.failed = 0
        self._process = psutil.Process()
        self._at_rest_mb = self._resident_mb()

    def note(self, what: str, took_ms: float) -> None:
        """Keep the worst duration of a kind; a breach of its limit is logged."""
        self.worst[what] = max(self.worst[what], took_ms)
        if took_ms > self.limits[what]:
            logger.warning("%s took %.1f ms, over the limit of %.1f ms", what, took_ms, self.limits[what])

    def finished(self, took_ms: float, success: bool) -> None:
        """Count one ended task."""
        self.durations_ms.append(took_ms)
        self.completed += success
        self.failed += not success

    @property
    def limits(self) -> dict[str, float]:
        """Limits by kind."""
        return {
            "registration_ms": self.config.max_agent_registration_ms,
            "delegation_ms": self.config.max_task_delegation_ms,
            "initialization_ms": self.config.max_system_initialization_ms,
            "memory_mb": self.config.max_memory_mb,
        }

    def readings(self) -> dict[str, dict[str, Any]]:
        """Each limit with the worst value so far and whether it is breached."""
        seen = {**self.worst, "memory_mb": self.memory_mb()}
        return {
            name: {"limit": limit, "worst": round(seen[name], 3), "breached": seen[name] > limit}
            for name, limit in self.limits.items()
        }

    def memory_mb(self) -> float:
        """Resident memory that came since the start, in MB."""
        return max(self._resident_mb() - self._at_rest_mb, 0.0)

    @property
    def average_ms(self) -> float:
        """Average duration of the last tasks; 0 without any."""
        return sum(self.durations_ms) / len(self.durations_ms) if self.durations_ms else 0.0

    @property
    def error_percent(self) -> float:
        """Share of ended tasks that failed."""
        ended = self.completed + self.failed
        return 100.0 * self.failed / ended if ended else 0.0

    def health(self, critical_alerts: int, sick_plugins: int) -> str:
        """One of healthy, degraded, unhealthy, critical."""
        if critical_alerts:
            return "critical"
        if self.completed + self.failed >= ENOUGH_TASKS and self.error_percent > UNHEALTHY_PERCENT:
            return "unhealthy"
        breached = any(reading["breached"] for reading in self.readings().values())
        return "degraded" if breached or sick_plugins else "healthy"

    def _resident_mb(self) -> float:
        return float(self._process.memory_info().rss) / MB
