"""Finds the highest rate at which a load kept to its limits, between what is proven to hold and what is proven to break."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from godwit.checks.intervals import Floats, quantile_interval, share_interval
from godwit.plan import Segment, StopAt
from godwit.verdict import LoadRun

_WHOLE = 0.95
"""A step of whose arrivals fewer were answered was cut off: it may have broken, it cannot have held."""

_PERCENTILES = (("p50_s", 0.5), ("p95_s", 0.95), ("p99_s", 0.99))


@dataclass(frozen=True, slots=True)
class Step:
    """One rate (arrivals a second), how many requests it made, and what came of it: proven to hold, to break, or neither."""

    per_s: float
    n: int
    state: Literal["held", "broke", "open"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Knee:
    """The steps that were reached; the lowest rate that is proven to break, and the highest below it that is proven to hold.

    The knee lies between the two. `held_per_s` is None where none is proven to hold, `broke_per_s` where none broke. Low rates
    make few requests and may be neither; a higher one that held answers for them.
    """

    steps: tuple[Step, ...]
    held_per_s: float | None
    broke_per_s: float | None


def find_knee(
    run: LoadRun, segments: Sequence[Segment], warmup_s: float, limits: StopAt, begins: Collection[str],
    confidence: float = 0.95,
) -> Knee:  # fmt: skip
    """Judge each step by itself, on every side's requests together; arrivals are those of operations that `begins` names."""
    due_s, latencies_s, arrived = _requests(run, begins)
    steps, begin = [], warmup_s
    for segment in segments:
        inside = (due_s >= begin - 1e-6) & (due_s < begin + segment.seconds - 1e-6)
        begin += segment.seconds
        if inside.any():
            part = float(np.count_nonzero(arrived[inside])) / segment.arrivals
            steps.append(_step(segment, np.sort(latencies_s[inside]), part, limits, confidence))
    broke = next((step.per_s for step in steps if step.state == "broke"), None)
    held = [step.per_s for step in steps if step.state == "held" and (broke is None or step.per_s < broke)]
    return Knee(tuple(steps), max(held, default=None), broke)


def _requests(run: LoadRun, begins: Collection[str]) -> tuple[Floats, Floats, Floats]:
    """When each request was due and how long it took, in seconds, infinite for those that failed; and whether it is an arrival."""
    due, latencies, arrived = [np.empty(0)], [np.empty(0)], [np.empty(0)]
    for turns in run.turns.values():
        first = [place for place, name in enumerate(turns.names) if name in begins]  # type: ignore[attr-defined]
        arrived.append(np.isin(np.asarray(turns.operations), first).astype(np.float64))  # type: ignore[attr-defined]
        due.append(np.asarray(turns.due_us, dtype=np.float64) / 1e6)  # type: ignore[attr-defined]
        its = np.asarray(turns.latencies_us, dtype=np.float64) / 1e6  # type: ignore[attr-defined]
        latencies.append(np.where(its == 0, np.inf, its))
    return np.concatenate(due), np.concatenate(latencies), np.concatenate(arrived)


def _step(segment: Segment, ordered: Floats, part: float, limits: StopAt, confidence: float) -> Step:
    found = list(_intervals(ordered, limits, confidence))
    n, rate = len(ordered), segment.end_per_s
    for name, low, high, limit in found:
        if low > limit:
            return Step(rate, n, "broke", f"{name} {low:.3g} to {high:.3g}, limit {limit:g}")
    if part < _WHOLE:
        sent = f"{part * segment.arrivals:.0f} of {segment.arrivals:.0f}"
        return Step(rate, n, "open", f"only {sent} were answered before the end")
    for name, low, high, limit in found:
        if high > limit:
            return Step(rate, n, "open", f"{name} {low:.3g} to {high:.3g}, limit {limit:g}")
    return Step(rate, n, "held")


def _intervals(ordered: Floats, limits: StopAt, confidence: float) -> Iterator[tuple[str, float, float, float]]:
    """Every limit with the interval of what it limits: percent of errors, seconds of a percentile."""
    if limits.errors is not None:
        low, high = share_interval(int(np.count_nonzero(np.isinf(ordered))), len(ordered), confidence)
        yield "errors (%)", 100 * low, 100 * high, limits.errors
    for name, share in _PERCENTILES:
        limit = getattr(limits, name)
        if limit is not None:
            yield f"{name[:-2]} (s)", *quantile_interval(ordered, share, confidence), limit
