"""Bets on the values of two sides, pair by pair: that the candidate's are worse than allowed, or that they are not; decides nothing."""

from dataclasses import dataclass

import numpy as np

from godwit.checks.canary_scores import (
    Chunk,
    Score,
    allowed,
    blocked,
    differences,
    plan_chunks,
    scores_for,
)
from godwit.checks.canary_wealth import Wealth, mixed, pay, stake
from godwit.checks.intervals import Floats
from godwit.plan import JudgeMetric

TAILS = {"p90": 0.9, "p95": 0.95, "p99": 0.99}
_BLOCKS_AT_LEAST = 12


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
        self._chunks: list[Chunk] = plan_chunks(moved[0], candidate, planned)
        same = moved[0] is moved[1]
        whole = differences(moved[0], candidate, planned)
        self._ranks = {False: whole, True: whole if same else differences(moved[1], candidate, planned)}

    @property
    def independent(self) -> int:
        """About how many of the pairs are news."""
        return round(self.n / max((chunk.time for chunk in self._chunks), default=1.0))

    @property
    def why(self) -> str:
        """Why too few stretches are independent to promote anything on them; empty where they suffice."""
        block = max((chunk.block for chunk in self._chunks), default=1)
        whole = sum((chunk.end - chunk.start) // chunk.block for chunk in self._chunks)
        if block == 1 or whole >= _BLOCKS_AT_LEAST:
            return ""
        return f"values follow one another: {self.n} pairs make {whole} stretches of {block}, too few to judge"

    def worse(self, level: float) -> Wealth:
        """Bets that the candidate is worse than allowed, on every score with its share."""
        found = [(score.weight, self.wealth(score, level, score.weight, 1.0)) for score in self.scores]
        return Wealth(found[0][1].ends, mixed([(share, wealth.logs) for share, wealth in found]))

    def fine(self, level: float) -> list[Wealth]:
        """Bets that it is not: one on the whole, one on the tail."""
        return [self.wealth(score, level, 1.0, -1.0) for score in self.scores[:2]]

    def wealth(self, score: Score, level: float, share: float, sign: float) -> Wealth:
        """Bets on one score, upwards (sign 1) or downwards (sign -1)."""
        baseline, candidate = self._ranks[score.at_tail]
        sums = blocked(sign * (score.of(candidate) - score.of(baseline)), self._chunks)
        size = stake(level, share, self._planned * score.variance)
        return Wealth(sums.ends, pay(sums.sums, size / np.sqrt(sums.times)))


def bets(metric: JudgeMetric, baseline: Floats, candidate: Floats, planned: int) -> Bets:
    """Bets against what a metric allows, in one direction; `baseline` and `candidate` have as many values each."""
    body, tail = (
        allowed(baseline, tolerance / 100, metric.floor)
        for tolerance in (metric.tolerance, float(metric.tail_tolerance or 0))
    )
    return Bets((body, tail), candidate, planned, TAILS[str(metric.tail)])
