"""Compares a measured figure with that of a run that was kept: by both intervals, beside each run's own baseline; reads nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from godwit.checks.budgets import said, settle
from godwit.checks.intervals import Floats
from godwit.checks.metrics import METRICS
from godwit.checks.steadiness import drift
from godwit.verdict import Finding, Judgement, Measurement, Outcome, failed, inconclusive

RUNS_FOR_A_TREND = 6
"""Fewer runs can be in one order by chance too easily."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a check measured on the candidate, and on the baseline beside it where it measured that too."""

    actual: Measurement
    baseline: Measurement | None = None

    @property
    def ratio(self) -> float:
        """The candidate's value, as a part of the baseline's where there is one that is above 0."""
        return self.actual.value / (self.baseline.value if self.is_relative and self.baseline else 1.0)

    @property
    def is_relative(self) -> bool:
        """Whether it is told beside a baseline, so that the machine matters less."""
        return self.baseline is not None and 0 < self.baseline.value < math.inf


def compare_figures(was: Figure, now: Figure, allowed_percent: float, *, same_machine: bool) -> Judgement:
    """Judge whether a figure has become worse by more than is allowed since the run that was kept.

    Where both runs measured their baseline too, what the candidate is beside it is compared; otherwise figures of two
    machines say nothing about each other. Intervals of both runs are joined (each end by the root of the squares). A value
    of 0 or below has no ratio: it must not be worse at all. Raises KeyError for a metric that the table does not have.
    """
    metric = METRICS[now.actual.metric]
    relative = was.is_relative and now.is_relative
    if (was.actual.metric, was.actual.unit) != (now.actual.metric, now.actual.unit):
        return inconclusive(f"the kept run measured {was.actual.metric} in {was.actual.unit}", actual=now.actual)
    if not relative and not same_machine:
        return inconclusive("it was kept on another machine, and not beside a baseline", actual=now.actual)
    if not was.ratio > 0 or not now.ratio > 0 or not math.isfinite(was.ratio):
        return _of_nothing(was, now, metric.better)
    sign = 1 if metric.better == "lower" else -1
    change, low, high = _change(was, now, relative)
    worse = sorted(100 * math.expm1(sign * each) for each in (low, high))
    outcome = settle(worse[0], worse[1], "<=", allowed_percent)
    point = 100 * math.expm1(sign * change)
    beside = " beside its baseline" if relative else ""
    reason = f"{said(now.actual)}; {_told(point)}{beside} than the kept run's {was.actual.value:.4g} {was.actual.unit}"
    reason += f" [{worse[0]:+.3g} %, {worse[1]:+.3g} %], {allowed_percent:g} % allowed"
    return _judgement(outcome, reason, was, now)


def trend(figures: Sequence[Figure]) -> float | None:
    """By how many percent a figure has risen over runs in order of time; 0 where it may be chance, None for too few."""
    values = np.array([figure.ratio for figure in figures])
    values = values[np.isfinite(values) & (values > 0)]
    if len(values) < RUNS_FOR_A_TREND:
        return None
    at: Floats = np.arange(len(values), dtype=np.float64)
    return 100 * math.expm1(drift(at, np.log(values)))


def _change(was: Figure, now: Figure, relative: bool) -> tuple[float, float, float]:
    """The logarithm of how many times as large it is, and its interval."""
    parts = [(1, now.actual), (-1, was.actual)]
    if relative and now.baseline and was.baseline:
        parts += [(-1, now.baseline), (1, was.baseline)]
    change = sum(sign * math.log(each.value) for sign, each in parts)
    ends = [(down, up) if sign > 0 else (up, down) for sign, each in parts for down, up in [_halves(each)]]
    down, up = (math.sqrt(sum(each**2 for each in side)) for side in zip(*ends, strict=True))
    return change, change - down, change + up


def _halves(measured: Measurement) -> tuple[float, float]:
    """How far the interval reaches below and above the value, as logarithms; not at all where the value is exact."""
    if measured.interval is None:
        return 0.0, 0.0
    low = math.log(measured.interval.low) if measured.interval.low > 0 else -math.inf
    return math.log(measured.value) - low, math.log(measured.interval.high) - math.log(measured.value)


def _of_nothing(was: Figure, now: Figure, better: str) -> Judgement:
    if not math.isfinite(was.actual.value):
        return inconclusive("the kept run has no finite figure to compare with", actual=now.actual)
    worse = now.actual.value - was.actual.value if better == "lower" else was.actual.value - now.actual.value
    low = now.actual.interval.low if now.actual.interval else now.actual.value
    high = now.actual.interval.high if now.actual.interval else now.actual.value
    nearest = low - was.actual.value if better == "lower" else was.actual.value - high
    told = f"{said(now.actual)}; the kept run had {was.actual.value:.4g} {was.actual.unit}"
    if worse <= 0:
        return Judgement(Outcome.PASSED, told, (), now.actual, was.actual)
    return _judgement(Outcome.FAILED if nearest > 0 else Outcome.INCONCLUSIVE, told, was, now)


def _told(worse_percent: float) -> str:
    return f"{abs(worse_percent):.3g} % {'worse' if worse_percent > 0 else 'better'}"


def _judgement(outcome: Outcome, reason: str, was: Figure, now: Figure) -> Judgement:
    if outcome is Outcome.FAILED:
        old, new = (f"{each.actual.value:.4g} {each.actual.unit}" for each in (was, now))
        return failed(reason, [Finding("worse than the kept run", now.actual.metric, old, new)], actual=now.actual)
    if outcome is Outcome.INCONCLUSIVE:
        return inconclusive(f"the interval lies across what is allowed: {reason}", actual=now.actual)
    return Judgement(outcome, reason, (), now.actual)
