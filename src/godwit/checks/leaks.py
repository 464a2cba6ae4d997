"""Judges whether something piles up over cycles of a load, by a robust slope with its interval; measures nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from godwit.checks.budgets import settle
from godwit.checks.generator import unfit
from godwit.checks.intervals import Floats
from godwit.checks.slopes import Slope, theil_sen
from godwit.plan import Footprint, Resource, Soak
from godwit.verdict import (
    Finding,
    Interval,
    Judgement,
    Measurement,
    Observation,
    Outcome,
    Sample,
    Turns,
    failed,
    inconclusive,
)

_UNITS = {"memory_mb": "MB", "disk_mb": "MB"}
_SAID = {"memory_mb": "memory", "disk_mb": "disk space"}

_LEVELS_OFF = 0.5
"""What grows in the second half of its cycles by less than this part of its growth in the first is still settling."""


@dataclass(frozen=True, slots=True)
class Cycles:
    """What a resource fell back to in each cycle that has samples: the cycle's number and the value.

    `whole` is the number of all cycles, which took so many seconds.
    """

    numbers: tuple[int, ...]
    values: tuple[float, ...]
    whole: int
    seconds: float

    def after(self, number: int) -> "Cycles":
        """The cycles from a number on."""
        kept = [(each, value) for each, value in zip(self.numbers, self.values, strict=True) if each >= number]
        return Cycles(tuple(each for each, _ in kept), tuple(value for _, value in kept), self.whole, self.seconds)


def cycles_of(soak: Soak, resource: Resource, observation: Observation) -> Cycles | str:
    """What a resource fell back to in each whole cycle, or why nobody can say."""
    if observation.began_s is None:
        return "it is not known when the load began, so no sample belongs to a cycle"
    due_us = _answered_us(observation, soak.on)
    edges = [observation.began_s + due_us[place] / 1e6 for place in range(0, len(due_us), soak.cycle)]
    if len(edges) < 2:
        return f"{len(due_us)} requests that the {soak.on} answered make no whole cycle of {soak.cycle}"
    of = "pss_mb" if resource == "memory_mb" else resource
    seen = [(each.at_s, value) for each in _ordered(observation, soak.on) if (value := getattr(each, of)) is not None]
    times, values = [at_s for at_s, _ in seen], [float(value) for _, value in seen]
    numbers, least = [], []
    for number, (begin, end) in enumerate(pairwise(edges)):
        here = values[int(np.searchsorted(times, begin)) : int(np.searchsorted(times, end))]
        if here:
            numbers.append(number)
            least.append(min(here))
    return Cycles(tuple(numbers), tuple(least), len(edges) - 1, edges[-1] - edges[0])


def _answered_us(observation: Observation, side: str) -> Sequence[int]:
    """When the requests that a side answered were due: what failed has exercised nothing."""
    turns = observation.load.turns.get(side)
    if not isinstance(turns, Turns):
        return ()
    return [due_us for due_us, took_us in zip(turns.due_us, turns.latencies_us, strict=True) if took_us]


def _ordered(observation: Observation, side: str) -> list[Sample]:
    return sorted(observation.resources.get(side, ()), key=lambda sample: sample.at_s)


def judge_growth(soak: Soak, resource: Resource, observation: Observation) -> Judgement:
    """Judge whether one resource piles up over the cycles of a soak.

    Failed only where the interval of the slope lies above the limit and the second half of the cycles grows on, beyond the limit
    and at least half as fast as the first: what levels off is no leak, yet not a clean run either, and so inconclusive.
    Inconclusive as well: a load that was not what was asked for, too few cycles, an interval across the limit, and a second
    half that has begun to grow.
    """
    if trouble := unfit(observation.load):
        return inconclusive(trouble)
    found = cycles_of(soak, resource, observation)
    if isinstance(found, str):
        return inconclusive(found)
    kept = found.after(soak.warmup)
    if len(kept.numbers) < soak.at_least:
        what = _SAID.get(resource, resource)
        of = f"{len(kept.numbers)} of {max(0, found.whole - soak.warmup)} cycles after {soak.warmup} of warm-up"
        reason = f"{what} of the {soak.on} was seen in {of}"
        unnamed = resource == "disk_mb" and not kept.numbers
        hint = f"; stacks.{soak.on}.writes_to has to name what it writes to" if unnamed else ""
        return inconclusive(f"{reason}, {soak.at_least} are needed{hint}", n_needed=soak.at_least)
    outcome, slopes = grows(kept.numbers, kept.values, soak.grows_at_most[resource], soak.confidence)
    return _judged(soak, resource, outcome, slopes, accelerated(soak, found.whole, found.seconds))


def grows(
    numbers: Sequence[float], values: Sequence[float] | Floats, limit: float, confidence: float
) -> tuple[Outcome, tuple[Slope, Slope, Slope]]:
    """Whether values grow by more than a limit from one number to the next, and their slopes: whole, first half, second half."""
    half = len(numbers) // 2
    parts = (slice(None), slice(half), slice(half, None))
    slope, early, late = (theil_sen(numbers[part], values[part], confidence) for part in parts)
    outcome = settle(slope.low, slope.high, "<=", limit)
    if outcome is Outcome.FAILED and late.value <= max(limit, early.value * _LEVELS_OFF):
        outcome = Outcome.INCONCLUSIVE
    if outcome is Outcome.PASSED and late.low > limit:
        outcome = Outcome.INCONCLUSIVE
    return outcome, (slope, early, late)


def _judged(
    soak: Soak, resource: Resource, outcome: Outcome, slopes: tuple[Slope, Slope, Slope], ran: str
) -> Judgement:
    """Tell what was decided; `ran` says what ran and in which time."""
    slope, _, late = slopes
    limit, unit = soak.grows_at_most[resource], _UNITS.get(resource, resource)
    interval = Interval(slope.low, slope.high, soak.confidence)
    metric = f"growth of {_SAID.get(resource, resource)}"
    actual = Measurement(metric, slope.value, f"{unit} a cycle", slope.n, interval, soak.profile)
    told = f"<= {limit:g} {unit} a cycle"
    reason = f"{metric} {slope.value:.3g} {unit} a cycle [{slope.low:.3g}, {slope.high:.3g}] at {soak.confidence:.0%}"
    reason += f" over {slope.n} cycles, limit {told}; {ran}"
    if outcome is Outcome.FAILED:
        finding = Finding("piles up", f"{_SAID.get(resource, resource)} of the {soak.on}", "", _told(slope, unit), told)
        return failed(reason, [finding], actual=actual, limit=told)
    if outcome is Outcome.PASSED:
        return Judgement(outcome, reason, (), actual, None, told)
    if slope.low <= limit < slope.high:
        needed = _needed(slope, limit)
        why, more = "the interval lies across the limit", f"about {needed} cycles would settle it; "
    else:
        change = "levels off" if slope.low > limit else "begins to grow"
        needed = 2 * slope.n
        why, more = f"it {change} in the second half ({_told(late, unit)})", f"ask for {needed} cycles; "
    return inconclusive(f"{why}: {more}{reason}", actual=actual, limit=told, n_needed=needed)


def _told(slope: Slope, unit: str) -> str:
    return f"{slope.value:+.3g} {unit} a cycle"


def _needed(slope: Slope, limit: float) -> int:
    """About how many cycles narrow the interval to its distance from the limit: it narrows as their number to 1.5."""
    distance = max(abs(slope.value - limit), (slope.high - slope.low) / 100, 1e-9)
    wider: float = ((slope.high - slope.low) / distance) ** (2 / 3)
    return math.ceil(slope.n * max(1.1, wider))


def accelerated(soak: Soak, cycles: int, seconds: float) -> str:
    """What the cycles stand for, and in how much time they ran."""
    stands_s = cycles * soak.stands_for
    faster = f", a clock {stands_s / seconds:,.0f} times as fast" if stands_s > seconds > 0 else ""
    whole = f"{cycles} cycles of {soak.cycle:,} requests"
    return f"{_hours(stands_s)} of use ({whole}) in {_hours(seconds)}{faster}"


def _hours(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:.0f} s"


def judge_footprint(footprint: Footprint, stack: Sequence[Sample], idle: Sequence[Sample]) -> Judgement:
    """Judge the memory of a stack over that of idle interpreters, by the range that the readings span."""
    by = "uss_mb" if stack and stack[0].processes == 1 else "pss_mb"
    own, bare = ([value for each in these if (value := getattr(each, by)) is not None] for these in (stack, idle))
    least = min(len(own), len(bare))
    if least < footprint.readings:
        reason = f"{len(own)} readings of the {footprint.on} and {len(bare)} of idle interpreters"
        return inconclusive(f"{reason}, {footprint.readings} of each are needed", n_needed=footprint.readings)
    if len({each.processes for each in (*stack, *idle)}) > 1:
        return inconclusive(f"processes of the {footprint.on} came and went while its memory was read")
    value = float(np.median(own) - np.median(bare))
    low, high = min(own) - max(bare), max(own) - min(bare)
    kind = "USS" if by == "uss_mb" else f"PSS of {stack[0].processes} processes"
    actual = Measurement("base memory", value, "MB", least, None, footprint.id)
    told = f"<= {footprint.at_most_mb:g} MB"
    reason = f"{kind} {np.median(own):.4g} MB, {value:.3g} MB [{low:.3g}, {high:.3g}] over an idle interpreter"
    reason += (
        f" with {', '.join(footprint.imports) or 'no imports'} ({np.median(bare):.4g} MB), {least} readings of each"
    )
    outcome = settle(low, high, "<=", footprint.at_most_mb)
    if outcome is Outcome.FAILED:
        finding = Finding(
            "limit exceeded", "base memory", f"{np.median(bare):.4g} MB", f"{np.median(own):.4g} MB", told
        )
        return failed(reason, [finding], actual=actual, limit=told)
    if outcome is Outcome.INCONCLUSIVE:
        return inconclusive(f"the readings lie across the limit of {told}: {reason}", actual=actual, limit=told)
    return Judgement(outcome, reason, (), actual, None, told)
