"""Tells whether a run had come to rest: a start that has not settled, or a level that drifts; takes a verdict back, never makes one."""

from dataclasses import dataclass

import numpy as np

from godwit.checks.blocks import DRAWN
from godwit.checks.intervals import Floats
from godwit.checks.slopes import theil_sen

_SURE = 0.98
"""How sure a drift must be: one steady run in fifty seems to drift."""

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
    rise = drift(known.astype(np.float64), longer[known]) if len(known) > DRAWN // 2 else 0.0
    return Steadiness(rise, _start(levels))


def drift(at: Floats, levels: Floats) -> float:
    """The rise from the first level to the last by the median of all slopes; 0 where it may be chance. At least three levels."""
    slope = theil_sen(at.tolist(), levels.tolist(), _SURE)
    return 0.0 if slope.low <= 0 <= slope.high else slope.value * float(at[-1] - at[0])


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
