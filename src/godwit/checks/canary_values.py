"""Bets on the values of two sides, pair by pair: that the candidate's are worse than allowed, or that they are not; decides nothing."""

from dataclasses import dataclass

import numpy as np

from godwit.checks.canary_scores import (
    Increments,
    Score,
    all_ranks,
    allowed,
    blocked,
    correlation_time,
    could_be,
    differences,
    first_of,
    ranks_in,
    scores_for,
)
from godwit.checks.canary_wealth import Aim, Wealth, most, pay
from godwit.checks.intervals import Floats
from godwit.plan import JudgeMetric

TAILS = {"p90": 0.9, "p95": 0.95, "p99": 0.99}
_STRETCHES_AT_LEAST = 16


@dataclass(frozen=True, slots=True)
class Pairs:
    """Values of both sides in order of time, the same place in either being a pair; NaN where one is missing.

    A request that failed took forever: its value is infinite.
    """

    baseline: Floats
    candidate: Floats


def directed(metric: JudgeMetric, values: Floats) -> list[Floats]:
    """The values so that more is worse: as they are, negated, or both in turn."""
    return {"higher": [values], "lower": [-values], "either": [values, -values]}[metric.worse]


def present(metric: JudgeMetric, seen: Pairs) -> tuple[Floats, Floats, str]:
    """The values that are there, and why nothing may be promoted where some are not."""
    baseline, candidate = (np.asarray(side, dtype=np.float64) for side in (seen.baseline, seen.candidate))
    if metric.missing == "zero":
        return np.where(np.isnan(baseline), 0.0, baseline), np.where(np.isnan(candidate), 0.0, candidate), ""
    gone = [int(np.isnan(side).sum()) for side in (baseline, candidate)]
    why = f"{gone[0]} values of the baseline and {gone[1]} of the candidate are missing" if any(gone) else ""
    if len(baseline) == len(candidate):
        both = ~(np.isnan(baseline) | np.isnan(candidate))
        return baseline[both], candidate[both], why
    return baseline[~np.isnan(baseline)], candidate[~np.isnan(candidate)], why


class Bets:
    """Bets on one direction of a distribution: more is worse.

    `moved` are the baseline's values moved to the worst that is allowed: on the whole, and at the tail.
    """

    def __init__(self, moved: tuple[Floats, Floats], candidate: Floats, planned: int, tail: float) -> None:
        self.scores = scores_for(tail)
        self.n = len(candidate)
        self._planned = max(planned, self.n)
        self._first = first_of(planned)
        ways = {False: moved[0], True: moved[1]}
        past = {at_tail: differences(values, candidate, planned) for at_tail, values in ways.items()}
        everything = {at_tail: all_ranks(values, candidate) for at_tail, values in ways.items()}
        own = ranks_in(np.sort(moved[0]), moved[0])
        self._harm: dict[str, Increments] = {}
        self._increments: dict[str, Increments] = {}
        for score in self.scores:
            gaps, time = _gaps(score, past[score.at_tail], everything[score.at_tail])
            # A candidate that turns worse and stays so looks as if values followed one another: the baseline tells if they do.
            alike = min(time, could_be(max(correlation_time(own), correlation_time(score.of(own))), self.n))
            self._harm[score.name] = blocked(gaps, self._first, alike)
            self._increments[score.name] = blocked(gaps, self._first, time)

    @property
    def independent(self) -> int:
        """About how many of the pairs are news."""
        return round(self.n / self._increments[self.scores[0].name].time)

    @property
    def why(self) -> str:
        """Why too few stretches of what a promotion rests on are independent; empty where they suffice."""
        for found in (self._increments[score.name] for score in self.scores[:2]):
            if _is_short(found):
                made = f"{self.n} pairs make {len(found.sums)} stretches of {found.block}"
                return f"values follow one another: {made}, too few to judge"
        return ""

    def worse(self, level: float) -> float:
        """The most that bets on all scores that the candidate is worse than allowed ever won together, as a logarithm."""
        found = [
            (score.weight, _paid(self._harm[score.name], 1.0, score, level * score.weight, self._planned))
            for score in self.scores
        ]
        return most(found, self.n)

    def fine(self, level: float) -> list[Wealth]:
        """Bets that it is not: one on the whole, one on the tail."""
        return [_paid(self._increments[score.name], -1.0, score, level, self._planned) for score in self.scores[:2]]


def single(score: Score, sides: tuple[Floats, Floats], planned: int, level: float, sign: float) -> Wealth:
    """Bets on one score alone, with all of the wealth, on values of both sides (baseline, candidate) as they are."""
    gaps, time = _gaps(score, differences(*sides, planned), all_ranks(*sides))
    return _paid(blocked(gaps, first_of(planned), time), sign, score, level, max(planned, len(sides[1])))


def _gaps(score: Score, past: tuple[Floats, Floats], everything: tuple[Floats, Floats]) -> tuple[Floats, float]:
    """The differences of a score by what was known before each pair, and how many pairs make one news."""
    before, after = (score.of(ranks[1]) - score.of(ranks[0]) for ranks in (past, everything))
    return before, max(correlation_time(before), correlation_time(after))


def _paid(found: Increments, sign: float, score: Score, level: float, planned: int) -> Wealth:
    """The wealth of bets on one score, of which `found.time` pairs make one news."""
    if _is_short(found):
        return Wealth((), np.zeros(0))
    aim = Aim(level, planned * score.variance * found.time, planned)
    return Wealth(found.ends, pay(sign * found.sums, found.ends, aim))


def _is_short(found: Increments) -> bool:
    """Whether values follow one another, and there are too few stretches of them even to know how much."""
    return found.block > 1 and len(found.sums) < _STRETCHES_AT_LEAST


def bets(metric: JudgeMetric, baseline: Floats, candidate: Floats, planned: int) -> Bets:
    """Bets against what a metric allows, in one direction; `baseline` and `candidate` have as many values each."""
    body, tail = (
        allowed(baseline, tolerance / 100, metric.floor)
        for tolerance in (metric.tolerance, float(metric.tail_tolerance or 0))
    )
    return Bets((body, tail), candidate, planned, TAILS[str(metric.tail)])
