"""From two series of values to increments that are as likely up as down where nothing is worse than allowed; judges nothing.

Each value of the candidate is set beside one of the baseline, moved to the worst that is allowed. Both get their rank among all
values before them; the increment is the difference of a rising function of the ranks: of the rank itself (is the whole lower or
higher), or of being beyond a high quantile (is the tail). Ranks come from the past alone, so they know nothing of the pair.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from godwit.checks.intervals import Floats

_TIMES_APART = 10
_LAGS_AT_MOST = 400
_LEAST_KNOWN = 20


@dataclass(frozen=True, slots=True)
class Score:
    """A rising function of a rank: the rank itself where `beyond` is 0, else whether it is beyond that quantile.

    `weight` is its part of the bets that something is worse; a score `at_tail` is held to what is allowed at the tail.
    """

    name: str
    beyond: float
    weight: float
    at_tail: bool

    def of(self, ranks: Floats) -> Floats:
        """Scores of ranks (0 to 1)."""
        return ranks if not self.beyond else (ranks > self.beyond).astype(np.float64)

    @property
    def variance(self) -> float:
        """The variance of the difference of two scores where both come from one distribution."""
        return 1 / 6 if not self.beyond else 2 * self.beyond * (1 - self.beyond)


def scores_for(tail: float) -> tuple[Score, ...]:
    """What a distribution with this tail (such as 0.99) is judged by: the whole, its shoulder, the tail and both ends of it."""
    return (
        Score("the whole", 0.0, 0.62, at_tail=False),
        Score("the tail", tail, 0.14, at_tail=True),
        Score("the shoulder", 1 - (1 - tail) ** 0.5, 0.06, at_tail=False),
        Score("before the tail", 1 - 2.5 * (1 - tail), 0.09, at_tail=True),
        Score("beyond the tail", 1 - (1 - tail) / 5, 0.09, at_tail=True),
    )


def allowed(values: Floats, tolerance: float, floor: float) -> Floats:
    """The worst that is allowed where the baseline has these values: `tolerance` (0.1 is 10 %) or the floor more."""
    known = np.where(np.isfinite(values), values, 0.0)
    moved = np.maximum(known + tolerance * np.abs(known), known + floor)
    return np.where(np.isfinite(values), moved, values)


def chunks_of(n: int, planned: int) -> Iterator[tuple[int, int]]:
    """Stretches of pairs, each as long as all before it; the first is only looked at."""
    edge = first_of(planned)
    while edge < n:
        yield edge, min(2 * edge, n)
        edge *= 2


def first_of(planned: int) -> int:
    """How many pairs are only looked at, so that the ranks of the next are known."""
    return max(_LEAST_KNOWN, planned // 50)


def correlation_time(series: Floats) -> float:
    """After how many values the next is news: 1 for independent ones, more where each follows the one before.

    The sum of autocorrelations up to where pairs of them vanish (Geyer). What could be chance counts as 1.
    """
    n = len(series)
    if n < _LEAST_KNOWN:
        return 1.0
    centred = series - series.mean()
    power = float(centred @ centred)
    if power == 0:
        return 1.0
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    lags = np.fft.irfft(spectrum, size)[: min(n // 3, _LAGS_AT_MOST) + 1] / power
    pairs = lags[: len(lags) // 2 * 2].reshape(-1, 2).sum(axis=1)
    ends = np.flatnonzero(pairs <= 2 / math.sqrt(n))
    pairs = pairs[: ends[0]] if len(ends) else pairs
    time = max(1.0, 2 * float(pairs.sum()) - 1)
    return time if time > could_be(1.0, n) else 1.0


def could_be(time: float, n: int) -> float:
    """The longest correlation time that `n` values may have of which this one was seen."""
    return time + 5 / math.sqrt(max(n, 1))


def ranks_in(past: Floats, values: Floats) -> Floats:
    """The rank of each value among the ordered past, 0 to 1, the middle of a tie."""
    ranks: Floats = (np.searchsorted(past, values, "left") + np.searchsorted(past, values, "right")) / (2 * len(past))
    return ranks


def all_ranks(moved: Floats, candidate: Floats) -> tuple[Floats, Floats]:
    """Ranks of both sides' values among all of them: for how values follow one another, not for bets, which know the past only."""
    pooled = np.sort(np.concatenate([moved, candidate]))
    return ranks_in(pooled, moved), ranks_in(pooled, candidate)


def differences(moved: Floats, candidate: Floats, planned: int) -> tuple[Floats, Floats]:
    """Ranks of both sides' values in the past, for all pairs but the first ones."""
    one, other = [], []
    for start, end in chunks_of(len(candidate), planned):
        past = np.sort(np.concatenate([moved[:start], candidate[:start]]))
        one.append(ranks_in(past, moved[start:end]))
        other.append(ranks_in(past, candidate[start:end]))
    blank = np.zeros(0)
    return np.concatenate([blank, *one]), np.concatenate([blank, *other])


@dataclass(frozen=True, slots=True)
class Increments:
    """Sums over stretches of pairs: where each ends, its sum, how many pairs it has, and how many of those make one news."""

    ends: tuple[int, ...]
    sums: Floats
    block: int
    time: float


def blocked(gaps: Floats, first: int, time: float) -> Increments:
    """Differences of one score, summed over stretches so long that one hardly follows from the one before.

    `gaps` begins with the pair of number `first`; where their correlation time is 1, each is a stretch of its own.
    """
    block = 1 if time == 1 else math.ceil(_TIMES_APART * time)
    whole = len(gaps) // block
    sums = gaps[: whole * block].reshape(whole, block).sum(axis=1)
    return Increments(tuple(range(first + block, first + whole * block + 1, block)), sums, block, time)
