"""Compares canary and stable metric by metric, each with its direction and tolerance; missing figures never promote."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Decision = Literal["promote", "hold", "abort"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How much worse one metric of the canary may be, in percent of stable's, and from where on it is unbearable."""

    name: str
    unit: str
    lower_is_better: bool
    tolerated: float
    unbearable: float
    floor: float = 0.0


RULES = (
    Rule("error_percent", "%", lower_is_better=True, tolerated=0, unbearable=100, floor=0.05),
    Rule("p95_s", "s", lower_is_better=True, tolerated=10, unbearable=50, floor=0.04),
    Rule("memory_mb", "MB", lower_is_better=True, tolerated=27.3, unbearable=100),
    Rule("cost_usd", "USD", lower_is_better=True, tolerated=-20, unbearable=20),
    Rule("tasks_per_s", "1/s", lower_is_better=False, tolerated=10, unbearable=50),
)
"""The tolerances: error rate at most stable's, latency within 10 %, memory 700 of 550 MB, cost a fifth lower, 45 of 50 tasks."""


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of the comparison."""

    rule: Rule
    canary: float | None
    stable: float | None

    @property
    def delta_percent(self) -> float | None:
        """Canary against stable."""
        if self.canary is None or self.stable is None:
            return None
        if self.stable == 0:
            return 0.0 if self.canary == 0 else float("inf")
        return 100 * (self.canary - self.stable) / self.stable

    @property
    def decision(self) -> Decision:
        """What this metric alone would have done; a difference under the floor counts for nothing."""
        delta = self.delta_percent
        if delta is None or self.canary is None or self.stable is None:
            return "hold"
        worse = delta if self.rule.lower_is_better else -delta
        if worse <= self.rule.tolerated or (self.rule.floor and abs(self.canary - self.stable) <= self.rule.floor):
            return "promote"
        return "abort" if worse > self.rule.unbearable else "hold"

    def __str__(self) -> str:
        delta = "unknown" if self.delta_percent is None else f"{self.delta_percent:+.0f} %".replace("+0 %", "0 %")
        shown = ["none" if each is None else f"{each:g}" for each in (self.canary, self.stable)]
        return f"{self.rule.name:14} canary {shown[0]:>8} stable {shown[1]:>8} {self.rule.unit:4} {delta:>8}  {self.decision}"


def compare(canary: Mapping[str, float | None], stable: Mapping[str, float | None]) -> list[Row]:
    """One row for each rule."""
    return [Row(rule, canary.get(rule.name), stable.get(rule.name)) for rule in RULES]


def decide(rows: list[Row]) -> Decision:
    """Promote only if every metric would; abort if one would; else hold."""
    said = {row.decision for row in rows}
    if "abort" in said:
        return "abort"
    return "promote" if said == {"promote"} else "hold"
