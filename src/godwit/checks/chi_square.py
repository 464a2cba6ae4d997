"""How likely chance is to spread counts as unevenly as was seen: Pearson's test, with an exact tail; no small cells."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from godwit.plan import LEAST_IN_A_CELL

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """The statistic, its degrees of freedom, and how likely chance alone gives as much or more."""

    statistic: float
    degrees: int
    likelihood: float

    def __str__(self) -> str:
        return f"chi-square {self.statistic:.1f} with {self.degrees} degrees of freedom, p = {self.likelihood:.2g}"


def tail(statistic: float, degrees: int) -> float:
    """P(X >= statistic) of a chi-square variable; the finite sums that hold for whole degrees of freedom."""
    half = statistic / 2
    if half <= 0:
        return 1.0
    odd = degrees % 2
    start = math.erfc(math.sqrt(half)) if odd else 0.0
    powers = (odd / 2 + step for step in range((degrees - odd) // 2))
    return min(1.0, start + math.fsum(math.exp(k * math.log(half) - math.lgamma(k + 1) - half) for k in powers))


def spread(seen: Counts, shares: Shares) -> ChiSquare | None:
    """Test counts against shares that add up to 1, small neighbours joined; None where fewer than two cells are left."""
    wanted = shares * seen.sum()
    cells = _joined(wanted)
    if len(cells) < 2:
        return None
    counts, expected = np.add.reduceat(seen, cells), np.add.reduceat(wanted, cells)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return ChiSquare(statistic, len(cells) - 1, tail(statistic, len(cells) - 1))


def independence(table: Counts) -> ChiSquare | None:
    """Test a joint table against the product of its margins; None where a cell expects too little."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if table.sum() == 0 or min(table.shape) < 2:
        return None
    expected = np.outer(rows, columns) / table.sum()
    if expected.min() < LEAST_IN_A_CELL:
        return None
    degrees = (table.shape[0] - 1) * (table.shape[1] - 1)
    statistic = float(((table - expected) ** 2 / expected).sum())
    return ChiSquare(statistic, degrees, tail(statistic, degrees))


def _joined(expected: Shares) -> list[int]:
    """Where cells begin when neighbours are joined until each expects enough; a poor last one goes to the one before."""
    starts, held, begin = [], 0.0, 0
    for place, each in enumerate(expected):
        held += float(each)
        if held >= LEAST_IN_A_CELL:
            starts.append(begin)
            held, begin = 0.0, place + 1
    return starts
