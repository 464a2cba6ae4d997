"""How sure a number is: binomial ranges, order statistics, bootstraps with a given seed; never a bare point."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RESAMPLES = 2000
_SPREADS = 12
"""Standard deviations beyond which a binomial count is left out: less than 1e-30 of it."""
_EXACT_UP_TO = 20_000
_CELLS_AT_ONCE = 4_000_000
_NEEDED_AT_MOST = 10_000_000


@lru_cache(maxsize=8)
def _log_factorials(n: int) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1, dtype=np.float64)))])


def binomial_cdf(n: int, share: float) -> Floats:
    """P(X <= k) for k = 0..n of a binomial count with this share (0 to 1)."""
    if share <= 0 or share >= 1:
        return np.where(np.arange(n + 1) >= n * share, 1.0, 0.0)
    logs = _log_factorials(n)
    k = np.arange(n + 1)
    pmf = np.exp(logs[n] - logs[k] - logs[n - k] + k * math.log(share) + (n - k) * math.log1p(-share))
    cdf: Floats = np.minimum(np.cumsum(pmf), 1.0)
    return cdf


def binomial_range(n: int, share: float, confidence: float) -> tuple[int, int]:
    """The counts that chance allows: outside of them lies at most 1 - confidence, half of it on either side."""
    start, cdf = _middle_cdf(n, share)
    tail = (1 - confidence) / 2
    low = start + int(np.searchsorted(cdf, tail, side="right"))
    high = start + int(np.searchsorted(cdf, 1 - tail, side="left"))
    return low, min(high, n)


def _middle_cdf(n: int, share: float) -> tuple[int, Floats]:
    """P(X <= k) from the first k on where it matters: a million counts need not all be looked at for some thousands."""
    wide = _SPREADS * math.sqrt(n * share * (1 - share)) + _SPREADS
    start, end = max(0, math.floor(n * share - wide)), min(n, math.ceil(n * share + wide))
    if share <= 0 or share >= 1 or end - start == n:
        return 0, binomial_cdf(n, share)
    logs = _log_factorials(n)
    k = np.arange(start, end + 1)
    pmf = np.exp(logs[n] - logs[k] - logs[n - k] + k * math.log(share) + (n - k) * math.log1p(-share))
    return start, np.minimum(np.cumsum(pmf), 1.0)


def share_interval(count: int, n: int, confidence: float) -> tuple[float, float]:
    """The interval of a share: exact (Clopper-Pearson) up to 20,000 trials, Wilson beyond. Needs n > 0."""
    tail = (1 - confidence) / 2
    if n > _EXACT_UP_TO:
        return _wilson(count, n, confidence)
    low = 0.0 if count == 0 else _root(lambda share: 1 - float(binomial_cdf(n, share)[count - 1]) - tail)
    high = 1.0 if count == n else _root(lambda share: tail - float(binomial_cdf(n, share)[count]))
    return low, high


def _wilson(count: int, n: int, confidence: float) -> tuple[float, float]:
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, square = count / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return (0.0 if count == 0 else middle - half), (1.0 if count == n else middle + half)


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def rate_interval(count: float, seconds: float, confidence: float) -> tuple[float, float]:
    """The interval of a rate per second of events that are counted, as Poisson counts vary."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    root = math.sqrt(max(count, 0.0))
    low = max(0.0, root - z / 2) ** 2
    return low / seconds, (math.sqrt(count + 1) + z / 2) ** 2 / seconds


def quantile(ordered: Floats, share: float) -> float:
    """The value that at least this share of the ordered values do not exceed; never between two values."""
    return float(ordered[_rank(len(ordered), share) - 1])


def _rank(n: int, share: float) -> int:
    return min(n, max(1, math.ceil(share * n - 1e-9)))


def quantile_interval(ordered: Floats, share: float, confidence: float) -> tuple[float, float]:
    """The interval of a quantile between two order statistics; free of any assumption about the distribution.

    Infinite where too few values lie beyond the quantile to bound it.
    """
    n = len(ordered)
    cdf = binomial_cdf(n, share)
    tail = (1 - confidence) / 2
    # x(l) <= quantile fails with P(X < l) and quantile <= x(u) with P(X >= u): both at most half of what is left.
    low = int(np.searchsorted(cdf, tail, side="right"))
    high = int(np.searchsorted(cdf, 1 - tail, side="left")) + 1
    return (
        float(ordered[low - 1]) if low >= 1 else -math.inf,
        float(ordered[high - 1]) if high <= n else math.inf,
    )


def resampled_quantiles(ordered: Floats, share: float, seed: int) -> Floats:
    """The quantile in many resamples. Its rank in a resample is beta distributed, so nothing need be drawn twice."""
    n = len(ordered)
    rank = _rank(n, share)
    places = np.random.default_rng(seed).beta(rank, n - rank + 1, _RESAMPLES)
    drawn: Floats = ordered[np.minimum((places * n).astype(np.int64), n - 1)]
    return drawn


def resampled_means(values: Floats, seed: int) -> Floats:
    """The mean in many resamples."""
    n = len(values)
    chance = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // n)
    parts = []
    for start in range(0, _RESAMPLES, at_once):
        count = min(at_once, _RESAMPLES - start)
        parts.append(values[chance.integers(0, n, (count, n))].mean(axis=1))
    return np.concatenate(parts)


def resampled_shares(count: int, n: int, seed: int) -> Floats:
    """The share in many resamples of n trials; one imagined success and failure keep 0 of n from looking certain."""
    return np.random.default_rng(seed).beta(count + 0.5, n - count + 0.5, _RESAMPLES)


def resampled_rates(count: float, seconds: float, seed: int) -> Floats:
    """The rate per second in many resamples."""
    drawn: Floats = np.random.default_rng(seed).gamma(count + 0.5, 1.0, _RESAMPLES) / seconds
    return drawn


def middle(resampled: Floats, confidence: float) -> tuple[float, float]:
    """The interval that holds the middle of resampled values, between values that were drawn: infinity stays."""
    ordered = np.sort(resampled)
    tail = (1 - confidence) / 2
    return quantile(ordered, tail), quantile(ordered, 1 - tail)


def samples_needed(value: float, low: float, high: float, limit: float, n: int) -> int | None:
    """About how many samples would bring the interval clear of the limit, as intervals shrink with the root of n."""
    half = high - value if limit > value else value - low
    gap = abs(limit - value)
    if not math.isfinite(half) or not math.isfinite(gap) or gap == 0 or half <= 0:
        return None
    needed = math.ceil(n * (half / gap) ** 2) + 1
    return needed if needed <= _NEEDED_AT_MOST else None


def samples_to_bound(share: float, confidence: float) -> int:
    """The least number of samples by which a quantile has an upper bound at all."""
    return math.ceil(math.log((1 - confidence) / 2) / math.log(share))


def floats(values: Sequence[float]) -> Floats:
    """Values as an ordered array."""
    return np.sort(np.asarray(values, dtype=np.float64))
