"""The distribution of latencies in an HdrHistogram: 3 digits and a fixed size, however many they are; keeps no single one."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]

_LONGEST_US = 3_600_000_000
_DIGITS = 3


class Distribution:
    """Latencies of one operation of one side, to 3 digits, however many they are."""

    def __init__(self) -> None:
        self.histogram = HdrHistogram(1, _LONGEST_US, _DIGITS)
        self.failed = 0

    def add(self, latency_us: int, times: int = 1) -> None:
        """Record a latency so many times."""
        self.histogram.record_value(max(1, latency_us), times)

    @property
    def n(self) -> int:
        """How many were answered or failed."""
        return int(self.histogram.get_total_count()) + self.failed

    def told(self, *percents: float) -> dict[str, Any]:
        """Number, failures, and percentiles in milliseconds over all: those that failed took for ever, which stands as None."""
        good = int(self.histogram.get_total_count())
        return _told(
            good, self.failed, percents, lambda rank: self.histogram.get_value_at_percentile(100 * rank / good)
        )


def told_exactly(latencies_us: Any, failed: int, *percents: float) -> dict[str, Any]:
    """The same of an array of latencies that were kept."""
    ordered = np.sort(latencies_us)
    return _told(len(ordered), failed, percents, lambda rank: float(ordered[rank - 1]))


def _told(good: int, failed: int, percents: tuple[float, ...], at: Callable[[int], float]) -> dict[str, Any]:
    n = good + failed
    found: dict[str, Any] = {"n": n, "failed": failed}
    for percent in percents:
        rank = max(1, math.ceil(n * percent / 100))
        found[f"p{percent:g}_ms".replace(".", "_")] = at(rank) / 1000 if rank <= good else None
    return found
