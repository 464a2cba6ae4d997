"""Keeps count of the money: one record a task, an alert for each budget and period, and the end of the budget."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fleet_1_0_5.candidate.memory import AccessLevel, SwarmMemoryManager
from fleet_1_0_5.candidate.settings import CostTracking, Price
from plumbing.identifiers import now_text

PARTITION = "routing/costs"
LOOK_S = 0.5
LATE = timedelta(seconds=10)


def price_of(price: Price, unit: int, tokens_in: int, tokens_out: int) -> float:
    """USD for tokens at a price for `unit` tokens."""
    return (tokens_in * price.input + tokens_out * price.output) / unit


@dataclass(frozen=True, slots=True)
class Spent:
    """One budget: what was spent, what may be, in USD."""

    period: str
    usd: float
    limit: float
    alert_percent: float

    @property
    def percent(self) -> float:
        """Share of the budget in percent, without the dust of sums; a budget of nothing is used up."""
        return round(100.0 * self.usd / self.limit, 6) if self.limit else 100.0

    @property
    def is_alarming(self) -> bool:
        """Whether somebody is to be told."""
        return self.percent >= self.alert_percent

    @property
    def is_used_up(self) -> bool:
        """Whether nothing more may be spent."""
        return self.percent >= 100.0


class CostTracker:
    """The costs of a fleet, kept in its memory: a restart forgets none, and what others spend counts soon."""

    def __init__(
        self,
        memory: SwarmMemoryManager,
        on_alert: Callable[[str], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory = memory
        self._on_alert = on_alert
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._totals: dict[str, float] = {}
        self._counted: dict[str, str] = {}
        self._last_look_s = -math.inf

    def record(self, task_id: str, model: str, tokens: tuple[int, int], usd: float) -> dict[str, Any]:
        """Keeps the costs of one task."""
        moment = self._clock().isoformat()
        entry = {"taskId": task_id, "model": model, "inputTokens": tokens[0], "outputTokens": tokens[1]}
        record = entry | {"usd": usd, "ts": moment}
        self._memory.store(f"tasks/{task_id}", record, _options())
        self._count(f"tasks/{task_id}", record, now_text())
        return record

    def spent(self, tracking: CostTracking) -> list[Spent]:
        """Both budgets as they stand."""
        day, totals = self._clock().isoformat()[:10], self._looked_up()
        limits, alerts = tracking.budgetLimits, tracking.alertThresholds
        return [
            Spent("daily", totals.get(day, 0.0), limits.daily, alerts.dailyPercent),
            Spent("monthly", totals.get(day[:7], 0.0), limits.monthly, alerts.monthlyPercent),
        ]

    def used_up(self, tracking: CostTracking) -> Spent | None:
        """The budget that is used up, if one is."""
        return next((budget for budget in self.spent(tracking) if budget.is_used_up), None)

    def alert(self, tracking: CostTracking) -> list[str]:
        """Tells of each budget that has come to its threshold, once in its period; the keys of the new alerts."""
        day, told = self._clock().isoformat()[:10], []
        for budget in self.spent(tracking):
            key = f"alerts/{budget.period}/{day if budget.period == 'daily' else day[:7]}"
            if budget.is_alarming and self._memory.retrieve(key, PARTITION) is None:
                note = {"period": budget.period, "usd": budget.usd, "limit": budget.limit, "percent": budget.percent}
                self._memory.store(key, note | {"ts": self._clock().isoformat()}, _options())
                self._on_alert(budget.period)
                told.append(key)
        return told

    def records(self) -> list[dict[str, Any]]:
        """The costs of all tasks, oldest first."""
        return [entry["value"] for entry in self._memory.entries(PARTITION, None, prefix="tasks/")]

    def alerts(self) -> list[dict[str, Any]]:
        """All alerts."""
        return [entry["value"] for entry in self._memory.entries(PARTITION, None, prefix="alerts/")]

    def _looked_up(self) -> dict[str, float]:
        """What was spent by day and by month; other services on the same memory are heard of after LOOK_S seconds."""
        if self._monotonic_s() - self._last_look_s >= LOOK_S:
            self._last_look_s = self._monotonic_s()
            newest = max(self._counted.values(), default="")
            since = (datetime.fromisoformat(newest) - LATE).isoformat(timespec="microseconds") if newest else ""
            # Clocks of other services may be a little behind; what is older than that comes no more.
            self._counted = {key: at for key, at in self._counted.items() if at >= since}
            for key, record, stored_at in self._memory.stored_since(PARTITION, "tasks/", since):
                self._count(key, record, stored_at)
        return self._totals

    def _count(self, key: str, record: dict[str, Any], stored_at: str) -> None:
        if key in self._counted:
            return
        self._counted[key] = stored_at
        for period in (record["ts"][:10], record["ts"][:7]):
            self._totals[period] = self._totals.get(period, 0.0) + record["usd"]


def _options() -> dict[str, Any]:
    return {"partition": PARTITION, "owner": "cost-tracker", "accessLevel": AccessLevel.SYSTEM}
