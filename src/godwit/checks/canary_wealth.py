"""Bets against a hypothesis, look after look: wealth that a true hypothesis lets grow with a bounded chance; judges nothing.

A bet on an increment G pays 1 + tanh(k G). Where G is as likely to be +g as -g, whatever came before, the expected pay is
exactly 1; where it tends below, less, because the pay rises with G. So the chance that the wealth ever reaches 1/alpha is
at most alpha (Ville), however often and for whatever reason one looks. That holds for blocks of any size and values of any
distribution; only the size k of the bets is a guess, and a bad guess costs power, never validity.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from godwit.checks.intervals import Floats

STAKES = ((1.0, 0.85), (3.0, 0.15))
"""Sizes of bets: fit for the planned n, and for a ninth of it; with the part of the wealth that is put on each."""

_BET_AT_MOST = 50.0
COUNT_STAKES = ((0.1, 0.15), (0.35, 0.25), (0.65, 0.45), (0.9, 0.15))
"""Bets on counts: what a single event of the baseline costs, at most 1, with the part of the wealth that is put on each."""


@dataclass(frozen=True, slots=True)
class Wealth:
    """The logarithm of the wealth at the end of each block, with the number of values a side that it rests on."""

    ends: tuple[int, ...]
    logs: Floats

    @property
    def most(self) -> float:
        """The most that it ever was; what is not yet begun is at 0."""
        return float(self.logs.max()) if len(self.logs) else 0.0


def stake(level: float, share: float, variance: float) -> float:
    """The size of a bet that is best where the sum of increments has this variance at the end of what was planned."""
    best = math.sqrt(2 * math.log(1 / (level * share * STAKES[0][1])))
    return best / math.sqrt(max(variance, 1e-12))


def pay(increments: Floats, size: float) -> Floats:
    """Logarithms of the wealth after each increment, of bets of this size and of three times this size together."""
    together = np.full(len(increments), -np.inf)
    for times, share in STAKES:
        won = np.cumsum(math.log(2) - np.logaddexp(0.0, -2 * times * size * increments))
        together = np.logaddexp(together, math.log(share) + won)
    return together


def most(parts: Sequence[tuple[float, Wealth]], n: int) -> float:
    """The most that several bets, each with its share of the start, ever had together, over all `n` values; a logarithm.

    Stretches of one end elsewhere than those of another: in between, each has what it had at its last end.
    """
    together = np.full(n + 1, -np.inf)
    for share, wealth in parts:
        held = np.zeros(n + 1)
        ends = np.array(wealth.ends, dtype=np.int64)
        if len(ends):
            held = np.concatenate([[0.0], wealth.logs])[np.searchsorted(ends, np.arange(n + 1), side="right")]
        together = np.logaddexp(together, math.log(share) + held)
    return float(together.max())


@dataclass(frozen=True, slots=True)
class Events:
    """What failed of how many, block by block in order of time: one array each, of the same length."""

    baseline: Floats
    baseline_n: Floats
    candidate: Floats
    candidate_n: Floats

    @property
    def usable(self) -> "Events":
        """The blocks in which both sides were asked."""
        both = (self.baseline_n > 0) & (self.candidate_n > 0)
        return Events(self.baseline[both], self.baseline_n[both], self.candidate[both], self.candidate_n[both])


def count_pay(events: Events, allowed: tuple[float, float], *, worse: bool, dispersion: float = 1.0) -> Floats:
    """Logarithms of the wealth of bets that the candidate's rate is over (`worse`), or under, what is allowed.

    `allowed` is (factor, addend): the candidate's rate may be factor times the baseline's, plus the addend (0 to 1). For
    counts that are Poisson or binomial given the past, (1 + k)^candidate (1 - k r)^baseline exp(-k addend n), with r the
    factor times the ratio of the sides' n, is expected to be at most 1 where the rate is no higher than allowed, whatever the
    baseline's rate is. Counts that come in bursts are divided by their `dispersion`.
    """
    factor, addend = allowed
    ratio = factor * events.candidate_n / events.baseline_n
    together = np.full(len(ratio), -np.inf)
    for size, share in COUNT_STAKES:
        # A baseline's event may not cost more than everything, nor one of the candidate's.
        k = np.minimum(size / ratio, _BET_AT_MOST) if worse else np.full(len(ratio), size)
        sign = 1.0 if worse else -1.0
        step = (
            events.candidate * np.log1p(sign * k)
            + events.baseline * np.log1p(-sign * k * ratio)
            - sign * k * addend * events.candidate_n
        )
        together = np.logaddexp(together, math.log(share) + np.cumsum(step / dispersion))
    return together


def dispersion_of(events: Events) -> float:
    """How many times as much as chance alone the counts vary from block to block; 1 where that cannot be told apart."""
    if len(events.candidate) < 8:
        return 1.0
    worst = 1.0
    for counts, n in ((events.baseline, events.baseline_n), (events.candidate, events.candidate_n)):
        rate = counts.sum() / n.sum()
        expected = rate * n * (1 - rate)
        if counts.sum() < 5 or not expected.all():
            continue
        found = float(((counts - rate * n) ** 2 / expected).sum() / (len(counts) - 1))
        if found > 1 + 3 * math.sqrt(2 / (len(counts) - 1)):
            worst = max(worst, found)
    return worst
