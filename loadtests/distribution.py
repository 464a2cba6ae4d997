"""The distribution of latencies in an HdrHistogram: 3 digits and a fixed size, however many they are; keeps no single one."""

import math
from typing import Any

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
        found: dict[str, Any] = {"n": self.n, "failed": self.failed}
        for percent in percents:
            rank = max(1, math.ceil(self.n * percent / 100))
            name = f"p{percent:g}_ms".replace(".", "_")
            inside = good and rank <= good
            found[name] = self.histogram.get_value_at_percentile(100 * rank / good) / 1000 if inside else None
        return found
