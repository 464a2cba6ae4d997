"""A load under way, as it is told once a second; decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class SoFar:
    """One operation on one side since the warm-up: how many ended, how many failed, percentiles in milliseconds.

    A percentile is None while it lies among those that failed, which took for ever.
    """

    n: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """A load so far: seconds since its start, requests sent and failed, arrivals a second and percentiles of the last ten seconds.

    `recent_n` ended in those, `recent_failed` of them badly; a percentile is None while it lies among these.
    `sides` holds the whole run since its warm-up, by side and operation.
    """

    seconds: float
    sent: int
    failed: int
    p95_ms: float | None
    rate_per_s: float = 0.0
    p50_ms: float | None = None
    p99_ms: float | None = None
    recent_n: int = 0
    recent_failed: int = 0
    sides: Mapping[str, Mapping[str, SoFar]] = field(default_factory=dict)

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> "Progress":
        """A line of the file `progress`."""
        sides = {
            side: {operation: SoFar(**each) for operation, each in operations.items()}
            for side, operations in line.get("sides", {}).items()
        }
        return cls(**{**line, "sides": sides})

    def __str__(self) -> str:
        p95 = "p95 never answered" if self.p95_ms is None else f"p95 {self.p95_ms:.1f} ms"
        return f"{self.seconds:.0f} s: {self.sent} sent, {self.failed} failed, {p95}"
