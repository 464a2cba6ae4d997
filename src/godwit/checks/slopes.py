"""The slope of values over numbered steps, robust against outliers, with an interval that knows values may follow one another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from godwit.checks.intervals import Floats


@dataclass(frozen=True, slots=True)
class Slope:
    """By how much something grows from one step to the next, with the ends of its interval; over n points."""

    value: float
    low: float
    high: float
    n: int


def theil_sen(numbers: Sequence[float], values: Sequence[float] | Floats, confidence: float) -> Slope:
    """The median of the slopes between all pairs, with Kendall's interval; at least three points, numbers rising.

    Where values follow those before them, the interval is widened as Hamed and Rao do it: such values say less than so
    many independent ones.
    """
    x, y = np.asarray(numbers, dtype=np.float64), np.asarray(values, dtype=np.float64)
    first, second = np.triu_indices(len(x), 1)
    slopes = np.sort((y[second] - y[first]) / (x[second] - x[first]))
    point = float(np.median(slopes))
    n = len(x)
    variance = n * (n - 1) * (2 * n + 5) / 18 * _inflation(y - point * x, confidence)
    spread = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(variance)
    low = max(0, math.floor((len(slopes) - spread) / 2))
    high = min(len(slopes) - 1, math.ceil((len(slopes) + spread) / 2))
    return Slope(point, float(slopes[low]), float(slopes[high]), n)


def _inflation(left: Floats, confidence: float) -> float:
    """How much more the sum of Kendall's signs varies because of the autocorrelation of the ranks; never less than 1."""
    n = len(left)
    ranks = np.argsort(np.argsort(left, kind="stable"), kind="stable") - (n - 1) / 2
    if np.ptp(left) == 0 or n < 4:
        return 1.0
    total = float(ranks @ ranks)
    counts = NormalDist().inv_cdf((1 + confidence) / 2) / math.sqrt(n)
    more = 0.0
    for lag in range(1, n - 2):
        share = float(ranks[lag:] @ ranks[:-lag]) / total
        if abs(share) > counts:
            more += (n - lag) * (n - lag - 1) * (n - lag - 2) * share
    return max(1.0, 1 + 2 * more / (n * (n - 1) * (n - 2)))
