"""Tells whether a load under way is past a limit at which it ends at once, and how much of each limit is used; ends nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from godwit.checks.intervals import floats, quantile
from godwit.plan import StopAt
from godwit.verdict import LoadRun

LEAST_N = 20
"""Fewer answers than this, or than leave one beyond a percentile, stop nothing."""

_PERCENTILES = (("p50", 50), ("p95", 95), ("p99", 99))


@dataclass(frozen=True, slots=True)
class Recent:
    """What ended in the last ten seconds: how many, how many of them failed, and percentiles in milliseconds.

    A percentile is None while it lies among those that failed, which took for ever.
    """

    n: int
    failed: int
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A limit and what was seen beside it, in its unit; `seen` is infinite for a percentile among those that failed."""

    name: str
    seen: float
    limit: float
    unit: str

    @property
    def is_past(self) -> bool:
        """Whether the limit is broken."""
        return self.seen > self.limit

    def __str__(self) -> str:
        seen = "none answered" if self.seen == float("inf") else f"{self.seen:.3g} {self.unit}"
        return f"{self.name} {seen} of {self.limit:g} {self.unit}"


def uses(limits: StopAt, recent: Recent) -> tuple[Use, ...]:
    """Every limit that there is enough to tell of, with what was seen."""
    return tuple(_uses(limits, recent))


def why_stop(limits: StopAt, recent: Recent, over: str = "the last 10 s") -> str:
    """Which limits are broken, in words; nothing while none is."""
    broken = [str(use) for use in uses(limits, recent) if use.is_past]
    return f"{'; '.join(broken)} over {over}" if broken else ""


def untold(limits: StopAt, seen: Recent) -> tuple[str, ...]:
    """The limits of which nothing can be told, because there are too few answers."""
    told = {use.name for use in uses(limits, seen)}
    named = {name.removesuffix("_s"): getattr(limits, name) for name in type(limits).model_fields}
    return tuple(name for name, limit in named.items() if limit is not None and name not in told)


def whole(run: LoadRun) -> Recent:
    """A whole run, all sides and operations together, as the last ten seconds of it are told."""
    series = [each for operations in run.sides.values() for each in operations.values()]
    good = [us for each in series for us in each.latencies_us]
    failed = sum(each.failed for each in series)
    return Recent(len(good) + failed, failed, *percentiles_ms(good, failed, [percent for _, percent in _PERCENTILES]))


def percentiles_ms(latencies_us: Sequence[int], failed: int, percents: Sequence[float]) -> tuple[float | None, ...]:
    """Percentiles of answers and failures together; None for one that lies among these, or of nothing."""
    ordered = np.concatenate([np.sort(floats(latencies_us)) / 1000, np.full(failed, np.inf)])
    values = [quantile(ordered, percent / 100) if len(ordered) else np.inf for percent in percents]
    return tuple(None if np.isinf(value) else value for value in values)


def _uses(limits: StopAt, recent: Recent) -> Iterator[Use]:
    if limits.errors is not None and recent.n >= LEAST_N:
        yield Use("errors", 100 * recent.failed / recent.n, limits.errors, "%")
    for name, percent in _PERCENTILES:
        limit_s: float | None = getattr(limits, f"{name}_s")
        seen_ms: float | None = getattr(recent, f"{name}_ms")
        if limit_s is not None and recent.n >= max(LEAST_N, 100 / (100 - percent)):
            yield Use(name, float("inf") if seen_ms is None else seen_ms, 1000 * limit_s, "ms")
