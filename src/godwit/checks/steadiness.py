"""Tells whether a run had come to rest: a start that has not settled, or a level that drifts; takes a verdict back, never makes one."""

import math
from dataclasses import dataclass

import numpy as np

from godwit.checks.blocks import DRAWN
from godwit.checks.intervals import Floats

_SURE = 2.5
"""Standard deviations of Mann and Kendall's statistic beyond which a drift is one: by chance in 1 of 80 steady runs."""

_BEYOND = 4.0
"""Robust standard deviations above the second half that count as not settled."""

_START_AT_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Steadiness:
    """A run's rise from its first slice to its last (0 where it may be chance), and how many slices its start took to settle."""

    rise: float = 0.0
    start: int = 0


def steadiness(levels: Floats) -> Steadiness:
    """How steady a run's levels are, slice by slice; those of empty slices are not numbers.

    A drift is looked for in few and long slices, which resemble each other less than short ones.
    """
    longer = levels.reshape(DRAWN, -1).mean(axis=1)
    known = np.flatnonzero(np.isfinite(longer))
    rise = _rise(known.astype(np.float64), longer[known]) if len(known) > DRAWN // 2 else 0.0
    return Steadiness(rise, _start(levels))


def _rise(at: Floats, levels: Floats) -> float:
    """The median of all slopes between two slices (Theil and Sen), over the whole run, where their signs are no chance."""
    before, after = np.triu_indices(len(levels), 1)
    steps = levels[after] - levels[before]
    n = len(levels)
    spread = math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    if abs(float(np.sign(steps).sum())) <= _SURE * spread:
        return 0.0
    return float(np.median(steps / (at[after] - at[before])) * (at[-1] - at[0]))


def _start(levels: Floats) -> int:
    """How many slices, from the first one on, lie far above the second half."""
    half = levels[len(levels) // 2 :]
    rest = half[np.isfinite(half)]
    if len(rest) < DRAWN // 2:
        return 0
    usual = float(np.median(rest))
    spread = 1.4826 * float(np.median(np.abs(rest - usual)))
    above = np.append(levels > usual + _BEYOND * spread, False)
    start = int(np.argmin(above))
    return start if start <= _START_AT_MOST * len(levels) else 0
