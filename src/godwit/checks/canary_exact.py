"""Exact tests for one look at few values: Fisher's of counts, and the rank sum's over all ways of dealing the values out."""

import math
from statistics import NormalDist

import numpy as np

from godwit.checks.intervals import Floats

_ENUMERATED_UP_TO = 60


def fisher(candidate: int, candidate_n: int, baseline: int, baseline_n: int) -> float:
    """The chance of so many events or more on the candidate, of all that both sides had, where the rates are alike."""
    both, n = candidate + baseline, candidate_n + baseline_n
    ways = math.comb(n, candidate_n)
    most = min(both, candidate_n)
    beyond = sum(math.comb(both, k) * math.comb(n - both, candidate_n - k) for k in range(candidate, most + 1))
    return beyond / ways


def rank_sum(baseline: Floats, candidate: Floats) -> float:
    """The chance that the candidate's ranks add up to so much or more, where both sides are dealt from one heap.

    Exact up to 60 values together, ties included; by the normal distribution beyond.
    """
    if not len(baseline) or not len(candidate):
        return 1.0
    pooled = np.concatenate([baseline, candidate])
    ordered = np.sort(pooled)
    # Twice the middle rank is whole, so that sums can be counted.
    doubled = np.searchsorted(ordered, pooled, "left") + np.searchsorted(ordered, pooled, "right") + 1
    seen = int(doubled[len(baseline) :].sum())
    if len(pooled) <= _ENUMERATED_UP_TO:
        return _counted(doubled, len(candidate), seen)
    mean = len(candidate) * doubled.mean()
    spread = math.sqrt(len(candidate) * len(baseline) / (len(pooled) - 1) * doubled.var())
    return 1.0 if spread == 0 else 1 - NormalDist().cdf((seen - 1 - mean) / spread)


def _counted(doubled: np.ndarray, chosen: int, seen: int) -> float:
    """In how many of all ways to choose the sum is at least what was seen."""
    total = int(doubled.sum())
    ways = np.zeros((chosen + 1, total + 1))
    ways[0, 0] = 1
    for value in doubled:
        ways[1:, value:] += ways[:-1, : total + 1 - value].copy()
    return float(ways[chosen, seen:].sum() / ways[chosen].sum())
