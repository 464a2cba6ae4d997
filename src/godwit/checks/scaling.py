"""Judges how fast costs grow: fits an exponent over sizes on either side, with the interval of their difference; measures nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from godwit.checks.intervals import Floats, middle
from godwit.plan import Scaling
from godwit.verdict import Finding, Interval, Judgement, Measurement, failed, inconclusive, passed

_RESAMPLES = 2000
_QUICK = 0.25
"""What stands for the cost at a size: a quarter of the turns are quicker. Other work on the machine only ever adds to a turn, so
that a busy machine moves the median of a few dozen turns and hardly this."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What each side's answers cost at one size, turn by turn; the turns of both sides belong together."""

    size: int
    baseline: tuple[float, ...]
    candidate: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    """One side: exponent and growth as seen, and in resamples."""

    costs: Floats
    exponent: float
    growth: float
    exponents: Floats
    growths: Floats

    def measurement(self, scaling: Scaling, n: int) -> Measurement:
        low, high = middle(self.exponents, scaling.confidence)
        interval = Interval(min(low, self.exponent), max(high, self.exponent), scaling.confidence)
        return Measurement("scaling_exponent", self.exponent, "", n, interval, scaling.id)


def judge_scaling(scaling: Scaling, costs: Sequence[Costs], seed: int) -> Judgement:
    """Judge whether the candidate's cost grows no faster than the baseline's, by the exponents and by how much it grows.

    Failed when both the exponent and the growth are greater than allowed with confidence, passed when one of them is
    surely not, inconclusive otherwise; also where a size was not measured, or costs nothing.
    """
    if missing := _missing(scaling, costs):
        return inconclusive(missing)
    places = _places(costs, seed)
    sizes = np.log10([each.size for each in costs])
    baseline = _fit(sizes, [each.baseline for each in costs], places)
    candidate = _fit(sizes, [each.candidate for each in costs], places)
    n = sum(len(each.candidate) for each in costs)
    allowed = scaling.exponent_worse_by_at_most
    steeper = middle(candidate.exponents - baseline.exponents, scaling.confidence)
    dearer = middle(candidate.growths - baseline.growths, scaling.confidence)
    evidence = {
        "actual": candidate.measurement(scaling, n),
        "baseline": baseline.measurement(scaling, n),
        "limit": f"<= {baseline.exponent + allowed:.3g}, or {scaling.floor:g} {scaling.unit} more growth",
    }
    said = _said(scaling, baseline, candidate, steeper, dearer)
    if steeper[0] > allowed and dearer[0] > scaling.floor:
        return failed(said, [_finding(scaling, costs, baseline, candidate)], **evidence)
    if steeper[1] <= allowed or dearer[1] <= scaling.floor:
        return passed(said, **evidence)
    return inconclusive(
        f"{said}: the interval lies across the limit; more turns or a larger last size tell", **evidence
    )


def _missing(scaling: Scaling, costs: Sequence[Costs]) -> str:
    """Why nothing can be fitted; empty when it can."""
    if tuple(each.size for each in costs) != scaling.sizes:
        return f"measured at {len(costs)} of {len(scaling.sizes)} sizes"
    least = scaling.turns if scaling.cost == "seconds" else 1
    for each in costs:
        for side, seen in (("baseline", each.baseline), ("candidate", each.candidate)):
            if len(seen) < least or len(seen) != len(each.baseline):
                return f"{len(seen)} turns on the {side} at size {each.size}, {least} are needed"
            if min(seen) <= 0:
                return f"on the {side} a turn at size {each.size} cost no {scaling.unit}: there is nothing to fit"
    return ""


def _places(costs: Sequence[Costs], seed: int) -> list[np.ndarray[tuple[int, int], np.dtype[np.int64]]]:
    """Which turns a resample holds at each size: the same ones on both sides, which were measured next to each other."""
    chance = np.random.default_rng(seed)
    return [chance.integers(0, len(each.baseline), (_RESAMPLES, len(each.baseline))) for each in costs]


def _fit(
    sizes: Floats, costs: Sequence[Sequence[float]], places: Sequence[np.ndarray[tuple[int, int], np.dtype[np.int64]]]
) -> _Fit:
    seen = [np.asarray(each, dtype=np.float64) for each in costs]
    typical = np.array([np.quantile(each, _QUICK) for each in seen])
    drawn = np.stack([np.quantile(each[which], _QUICK, axis=1) for each, which in zip(seen, places, strict=True)])
    return _Fit(
        typical,
        float(_slopes(sizes, typical[:, None])[0]),
        float(typical[-1] - typical[0]),
        _slopes(sizes, drawn),
        drawn[-1] - drawn[0],
    )


def _slopes(sizes: Floats, costs: Floats) -> Floats:
    """Least squares on log-log, one exponent for each column."""
    off = sizes - sizes.mean()
    slopes: Floats = off @ np.log10(costs) / (off @ off)
    return slopes


def _said(
    scaling: Scaling, baseline: _Fit, candidate: _Fit, steeper: tuple[float, float], dearer: tuple[float, float]
) -> str:
    between = f"from {scaling.sizes[0]:,} to {scaling.sizes[-1]:,} rows"
    return (
        f"{between} the cost grows with exponent {candidate.exponent:.3f}, the baseline's with {baseline.exponent:.3f} "
        f"(difference {steeper[0]:.3f} to {steeper[1]:.3f} at {scaling.confidence:.0%}, "
        f"{scaling.exponent_worse_by_at_most:g} allowed); it grows by {candidate.growth:.4g} {scaling.unit}, the "
        f"baseline's by {baseline.growth:.4g} ({dearer[0]:.4g} to {dearer[1]:.4g} more)"
    )


def _finding(scaling: Scaling, costs: Sequence[Costs], baseline: _Fit, candidate: _Fit) -> Finding:
    one, other = (
        ", ".join(f"{each.size:,}: {cost:.4g}" for each, cost in zip(costs, fit.costs, strict=True))
        for fit in (baseline, candidate)
    )
    reason = f"{scaling.unit} at each size; exponents {baseline.exponent:.3f} and {candidate.exponent:.3f}"
    return Finding("cost grows faster", scaling.id, one, other, reason)
