"""Judges a candidate against its baseline while both serve: promote, hold or abort, valid at every look; drives nothing.

Abort means: it is proven that the candidate is worse than allowed. Promote means: it is proven that it is not, and at the tail
neither. Hold is everything else: too few values, missing ones, or evidence that does not yet suffice. See `canary_wealth` for
why looking often raises no false alarm.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from godwit.checks.canary_exact import fisher, rank_sum
from godwit.checks.canary_scores import allowed, scores_for
from godwit.checks.canary_values import TAILS, Pairs, bets, directed, present
from godwit.checks.canary_wealth import Events, Wealth, count_pay, dispersion_of
from godwit.checks.intervals import Floats
from godwit.plan import JudgeMetric

Word = Literal["promote", "hold", "abort"]

EXACT_BELOW = 100
"""With one look at fewer values a side than this an exact test is made instead of bets."""

_ONLY_HARM = f"one look at fewer than {EXACT_BELOW} values a side can prove harm, but not its absence"


@dataclass(frozen=True, slots=True)
class Rules:
    """How sure one has to be: `alpha` over all looks and metrics, `shares` metrics share it, values `planned` a side, `looks`."""

    alpha: float
    shares: int
    planned: int
    looks: int

    @property
    def worse_bound(self) -> float:
        """Logarithm of the wealth that proves a metric worse."""
        return math.log(self.shares / self.alpha)

    @property
    def fine_bound(self) -> float:
        """Logarithm of the wealth that proves a metric fine; all metrics must be, so nothing is shared."""
        return math.log(1 / self.alpha)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided on one metric at one look.

    `worse` and `fine` are the evidence as a part of what decides: 1 and more does. `independent` of the `n` values a side
    (baseline, candidate) are news; `n_needed` would about decide, where that can be told.
    """

    metric: str
    decision: Word
    reason: str
    n: tuple[int, int]
    independent: int
    worse: float
    fine: float
    method: str
    n_needed: int | None = None


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for worse and for fine; each part of `fine` needs its bound. `why` bars a promotion."""

    worse: Wealth
    fine: tuple[Wealth, ...]
    n: tuple[int, int]
    independent: int
    why: str
    method: str


def rule(metric: JudgeMetric, seen: Pairs | Events, rules: Rules) -> Ruling:
    """Decide on one metric by all that was seen of it so far.

    Raises ValueError where the kind of metric and what was seen do not fit.
    """
    if isinstance(seen, Events) != (metric.kind == "count"):
        raise ValueError(f"{metric.id} is a {metric.kind}, and what was seen of it is {type(seen).__name__}")
    found = _of_counts(metric, seen, rules) if isinstance(seen, Events) else _of_values(metric, seen, rules)
    worse = found.worse.most / rules.worse_bound
    fine = min((one.now / rules.fine_bound for one in found.fine), default=0.0)
    decision, reason = _decision(metric, found, worse, fine)
    needed = _needed(min(found.n), max(worse, fine)) if decision == "hold" else None
    return Ruling(metric.id, decision, reason, found.n, found.independent, worse, fine, found.method, needed)


def decide_look(rulings: Sequence[Ruling]) -> Word:
    """One decision of all metrics: abort if one aborts, promote if all promote, else (and of none) hold."""
    words = {ruling.decision for ruling in rulings}
    if "abort" in words:
        return "abort"
    return "promote" if words == {"promote"} else "hold"


def _decision(metric: JudgeMetric, found: _Evidence, worse: float, fine: float) -> tuple[Word, str]:
    least = min(found.n)
    if least < metric.min_n:
        return "hold", f"{least} values a side, min_n is {metric.min_n}"
    if worse >= 1:
        return "abort", "worse than allowed is proven"
    if found.why:
        return "hold", found.why
    if fine >= 1:
        return "promote", "no worse than allowed is proven"
    return "hold", "neither worse nor no worse than allowed is proven yet"


def _needed(n: int, part: float) -> int | None:
    """About how many values a side would decide, as evidence grows with their number."""
    return math.ceil(n / part) if 0.02 < part < 1 and n else None


def _of_values(metric: JudgeMetric, seen: Pairs, rules: Rules) -> _Evidence:
    baseline, candidate, why = present(metric, seen)
    n = len(baseline), len(candidate)
    ways = list(zip(directed(metric, baseline), directed(metric, candidate), strict=True))
    if rules.looks == 1 and min(n) < EXACT_BELOW:
        return _exact(metric, ways, n, why)
    least = min(n)
    made = [bets(metric, one[:least], other[:least], rules.planned) for one, other in ways]
    level = rules.alpha / rules.shares / len(ways)
    most = max(each.worse(level) for each in made) - math.log(len(ways))
    fine = tuple(wealth for each in made for wealth in each.fine(rules.alpha))
    why = why or next((each.why for each in made if each.why), "")
    independent = min(each.independent for each in made)
    return _Evidence(Wealth((least,), np.array([most])), fine, (least, least), independent, why, "bets on ranks")


def _of_counts(metric: JudgeMetric, seen: Events, rules: Rules) -> _Evidence:
    parts = seen.baseline, seen.baseline_n, seen.candidate, seen.candidate_n
    blanks = sum(int(np.isnan(part).sum()) for part in parts)
    why = f"{blanks} counts are missing" if blanks and metric.missing != "zero" else ""
    used = Events(*(np.where(np.isnan(part), 0.0, part) for part in parts)).usable
    n = int(used.baseline_n.sum()), int(used.candidate_n.sum())
    limit = 1 + metric.tolerance / 100, metric.floor / 100
    if rules.looks == 1 and min(n) < EXACT_BELOW:
        return _exact_counts(used, limit, n, why)
    dispersion = dispersion_of(used)
    ends = tuple(int(each) for each in np.cumsum(used.candidate_n))
    worse, fine = (
        Wealth(ends, count_pay(used, limit, worse=direction, dispersion=dispersion)) for direction in (True, False)
    )
    return _Evidence(worse, (fine,), n, round(min(n) / dispersion), why, "bets on counts")


def _exact(metric: JudgeMetric, ways: Sequence[tuple[Floats, Floats]], n: tuple[int, int], why: str) -> _Evidence:
    """One look at few values: an exact permutation test of the ranks, and Fisher's test beyond high quantiles."""
    least = 1.0
    for baseline, candidate in ways:
        moved = allowed(baseline, metric.tolerance / 100, metric.floor)
        pooled = np.sort(np.concatenate([moved, candidate]))
        whole, *beyond = scores_for(TAILS[str(metric.tail)])
        least = min(least, rank_sum(moved, candidate) / whole.weight)
        for score in beyond if len(pooled) else []:
            line = pooled[min(len(pooled) - 1, int(score.beyond * len(pooled)))]
            over = int((candidate > line).sum()), int((moved > line).sum())
            least = min(least, fisher(over[0], n[1], over[1], n[0]) / score.weight)
    return _proof(least * len(ways), n, why, "exact test of ranks")


def _exact_counts(seen: Events, limit: tuple[float, float], n: tuple[int, int], why: str) -> _Evidence:
    baseline, candidate = int(seen.baseline.sum()), int(seen.candidate.sum())
    over = min(n) > 0 and candidate / n[1] > limit[0] * baseline / n[0] + limit[1]
    chance = fisher(candidate, n[1], baseline, n[0]) if over else 1.0
    return _proof(chance, n, why, "Fisher's exact test")


def _proof(chance: float, n: tuple[int, int], why: str, method: str) -> _Evidence:
    """What an exact test says, in the same measure as bets: the logarithm of one over the chance."""
    evidence = np.array([-math.log(min(1.0, max(chance, 1e-300)))])
    return _Evidence(Wealth((n[1],), evidence), (), n, min(n), why or _ONLY_HARM, method)
