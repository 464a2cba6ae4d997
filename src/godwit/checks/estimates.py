"""From raw evidence to one statistic with its interval; a failed request never makes a statistic better."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from godwit.checks.blocks import Blocks, Sliced, wide_middle
from godwit.checks.intervals import (
    Floats,
    middle,
    quantile,
    quantile_interval,
    rate_interval,
    resampled_means,
    resampled_quantiles,
    resampled_rates,
    resampled_shares,
    share_interval,
)
from godwit.checks.measured import Growth, Missing, Proportion, Quotient, Samples, Tally

SEED = 20_250_203
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
"""The share of the values that a quantile has under it, by its name in plans."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic: its value, the ends of its interval (equal to it where it is exact), n, and its resamples by seed.

    `sliced` is the same by slices of time, where the values have times.
    """

    value: float
    low: float
    high: float
    n: int
    resampled: Callable[[int], Floats]
    sliced: Sliced | None = None


def estimate(
    measured: Samples | Proportion | Tally | Quotient | Growth, statistic: str, confidence: float
) -> Estimate | Missing:
    """One statistic of the evidence at this confidence; Missing when the evidence has no such statistic."""
    if isinstance(measured, Proportion):
        return _share(measured, confidence)
    if isinstance(measured, Tally):
        return _tally(measured, statistic, confidence)
    if isinstance(measured, Quotient):
        return _exact(measured.value, measured.n)
    if isinstance(measured, Growth):
        return _growth(measured, confidence)
    if statistic == "mean":
        return _mean(measured, confidence)
    if statistic == "max":
        return _exact(float(measured.values[-1]), len(measured.values))
    return _quantile(measured, SHARES[statistic], confidence)


def _exact(value: float, n: int) -> Estimate:
    return Estimate(value, value, value, n, lambda _: np.array([value]))


def _quantile(measured: Samples, share: float, confidence: float) -> Estimate:
    values = measured.values
    low, high = quantile_interval(values, share, confidence)
    # Nothing that is measured here is below zero, so a quantile without a lower bound still has this one.
    low = max(0.0, low)
    sliced = Sliced(measured.blocks, share) if measured.blocks else None
    low, high = _widened(sliced, low, high, confidence)
    return Estimate(
        quantile(values, share),
        low,
        high,
        len(values),
        lambda seed: resampled_quantiles(values, share, seed),
        sliced,
    )


def _widened(sliced: Sliced | None, low: float, high: float, confidence: float) -> tuple[float, float]:
    """The interval of values that follow one another: never narrower than if each were drawn by itself."""
    if sliced is None:
        return low, high
    least, most = wide_middle(sliced.resampled(SEED), confidence)
    return min(low, least), max(high, most)


def _mean(measured: Samples, confidence: float) -> Estimate:
    n = len(measured.values)
    finite = measured.values[: n - measured.failed]
    if not len(finite) or measured.failed > (1 - confidence) * n:
        return _exact(math.inf, n)
    # A few failures: none may count as faster than the slowest success.
    values = np.concatenate([finite, np.full(measured.failed, finite[-1])])
    blocks = measured.blocks
    sliced = Sliced(Blocks(values, blocks.places, blocks.slices), None) if blocks else None
    low, high = _widened(sliced, *middle(resampled_means(values, SEED), confidence), confidence)
    return Estimate(float(values.mean()), low, high, n, lambda seed: resampled_means(values, seed), sliced)


def _share(measured: Proportion, confidence: float) -> Estimate:
    low, high = share_interval(measured.count, measured.n, confidence)
    return Estimate(
        100 * measured.count / measured.n,
        100 * low,
        100 * high,
        measured.n,
        lambda seed: 100 * resampled_shares(measured.count, measured.n, seed),
    )


def _tally(measured: Tally, statistic: str, confidence: float) -> Estimate | Missing:
    if statistic == "count":
        return _exact(measured.count, int(measured.count))
    if measured.seconds <= 0:
        return Missing("no time passed while it was counted")
    low, high = rate_interval(measured.count, measured.seconds, confidence)
    return Estimate(
        measured.count / measured.seconds,
        low,
        high,
        int(measured.count),
        lambda seed: resampled_rates(measured.count, measured.seconds, seed),
    )


def _growth(measured: Growth, confidence: float) -> Estimate:
    def resampled(seed: int) -> Floats:
        return resampled_quantiles(measured.late, 0.5, seed) - resampled_quantiles(measured.early, 0.5, seed + 1)

    value = float(np.median(measured.late) - np.median(measured.early))
    low, high = middle(resampled(SEED), confidence)
    return Estimate(value, min(low, value), max(high, value), measured.n, resampled)
