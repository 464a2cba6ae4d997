"""Bets against a hypothesis, look after look: wealth that a true hypothesis lets grow with a bounded chance; judges nothing.

A bet on an increment G pays 1 + tanh(k G). Where G is as likely to be +g as -g, whatever came before, the expected pay is
exactly 1; where it tends below, less, because the pay rises with G. So the chance that the wealth ever reaches 1/alpha is
at most alpha (Ville), however often and for whatever reason one looks. That holds for blocks of any size and values of any
distribution; only the size k of the bets is a guess, and a bad guess costs power, never validity. The guess may change from bet
to bet, as long as it knows the past only.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from godwit.checks.intervals import Floats

STAKES = ((1.0, 0.35), (3.0, 0.15))
"""Sizes of steady bets: fit for the planned n, and for a ninth of it; with the part of the wealth that is put on each."""

AT_THE_END = 0.5
"""The part of the wealth that is bet on what a test at the planned n would say."""

_NEVER_QUITE_THERE = 0.01
_NORMAL = NormalDist()
_TAIL = np.vectorize(math.erfc, otypes=[np.float64])
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

    @property
    def now(self) -> float:
        """What it is at the last end: what was won and lost again does not count."""
        return float(self.logs[-1]) if len(self.logs) else 0.0


@dataclass(frozen=True, slots=True)
class Aim:
    """What bets are to prove: at this level, where the sum of increments has this variance at the end of the `planned` pairs."""

    level: float
    variance: float
    planned: int

    @property
    def size(self) -> float:
        """The size of a steady bet that is best at the end."""
        return math.sqrt(2 * math.log(1 / (self.level * STAKES[0][1])) / max(self.variance, 1e-12))


def pay(increments: Floats, ends: Sequence[int], aim: Aim) -> Floats:
    """Logarithms of the wealth after each increment, of steady bets and of those on the end together.

    `ends` says after how many pairs each increment was complete.
    """
    together = math.log(AT_THE_END) + _won(increments, _on_the_end(increments, ends, aim))
    for times, share in STAKES:
        together = np.logaddexp(together, math.log(share) + _won(increments, times * aim.size))
    return together


def _won(increments: Floats, sizes: Floats | float) -> Floats:
    won: Floats = np.cumsum(math.log(2) - np.logaddexp(0.0, -2 * sizes * increments))
    return won


def _on_the_end(increments: Floats, ends: Sequence[int], aim: Aim) -> Floats:
    """Bets that become worth 1/level where the whole sum is beyond what a test at the planned n would ask, and nothing else.

    It is how one hedges an option that pays then: the bet is the change of its worth for a change of the sum so far.
    """
    if not len(increments):
        return increments
    before = np.concatenate([[2 * ends[0] - ends[1] if len(ends) > 1 else 0], ends[:-1]]) / aim.planned
    left = max(aim.variance, 1e-12) * (np.maximum(1 - before, 0) + _NEVER_QUITE_THERE)
    so_far = np.concatenate([[0.0], np.cumsum(increments)[:-1]])
    asked = _NORMAL.inv_cdf(1 - aim.level * AT_THE_END) * math.sqrt(left[0])
    away = np.clip((so_far - asked) / np.sqrt(left), -30.0, 30.0)
    worth = _TAIL(-away / math.sqrt(2)) / 2
    sizes: Floats = np.exp(-(away**2) / 2) / math.sqrt(2 * math.pi) / worth / np.sqrt(left)
    return sizes


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
