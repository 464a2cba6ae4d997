"""Intervals of a statistic whose values follow one another: whole slices of time are drawn again, never single values."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from godwit.checks.intervals import Floats, middle, quantile

Places = NDArray[np.int64]

SLICES = 40
"""How many slices a run is looked at in."""

DRAWN = 10
"""How many, longer ones, are drawn again: with Student's widening few long ones promise what they hold, many short ones do
not as soon as neighbours resemble each other (benchmarks/README.md has the figures)."""

VALUES_AT_LEAST = 5
"""Values that a slice must hold on average, and that must lie beyond a level of a slice."""

_RESAMPLES = 2000
_COARSE, _FINE = 256, 1024


@dataclass(frozen=True, slots=True)
class Blocks:
    """Values in rising order (infinite for a failure), each with the slice of time, 0 to `slices` - 1, in which it was due."""

    values: Floats
    places: Places
    slices: int

    def without(self, first: int) -> "Blocks":
        """Without the first slices."""
        kept = self.places >= first
        return Blocks(self.values[kept], self.places[kept] - first, self.slices - first)

    def merged(self, slices: int) -> "Blocks":
        """In fewer slices, into each of which as many of these go."""
        return Blocks(self.values, self.places * slices // self.slices, slices)

    def levels(self, share: float) -> Floats:
        """The quantile of each slice; not a number where nothing was due. No further out than a slice's values can tell."""
        told = max(0.5, min(share, 1 - VALUES_AT_LEAST * self.slices / max(1, len(self.values))))
        parts = [self.values[self.places == place] for place in range(self.slices)]
        return np.array([quantile(part, told) if len(part) else math.nan for part in parts])

    def quantiles(self, share: float, weights: Floats) -> Floats:
        """The quantile in each resample (a row of how often each slice was drawn).

        Looked for among some hundreds of the values, then among those between its least and its greatest place.
        """
        sizes = weights @ np.bincount(self.places, minlength=self.slices)
        wanted = np.ceil(share * sizes - 1e-9)
        last = len(self.values) - 1
        coarse = np.unique(np.linspace(0, last, min(_COARSE, last + 1)).astype(np.int64))
        found = self._found(coarse, wanted, weights)
        low, high = int(coarse[max(0, found.min() - 1)]), int(coarse[found.max()])
        fine = np.unique(np.linspace(low, high, min(_FINE, high - low + 1)).astype(np.int64))
        drawn: Floats = self.values[fine[self._found(fine, wanted, weights)]]
        return drawn

    def means(self, weights: Floats) -> Floats:
        """The mean in each resample."""
        sums = np.bincount(self.places, self.values, minlength=self.slices)
        sizes = np.bincount(self.places, minlength=self.slices)
        drawn: Floats = (weights @ sums) / np.maximum(weights @ sizes, 1)
        return drawn

    def _found(self, grid: Places, wanted: Floats, weights: Floats) -> Places:
        """For each resample the first place in the grid up to whose value enough values lie."""
        cells = np.searchsorted(grid, np.arange(len(self.values)))
        counts = np.bincount(self.places * (len(grid) + 1) + cells, minlength=self.slices * (len(grid) + 1))
        upto = counts.reshape(self.slices, -1)[:, :-1].cumsum(axis=1)
        enough = weights @ upto.astype(np.float64) >= wanted[:, None]
        return np.where(enough.any(axis=1), enough.argmax(axis=1), len(grid) - 1)


def blocks_of(values: Floats, due_us: Places, begin_us: int, end_us: int, slices: int) -> Blocks:
    """Values cut into slices of equal time between two moments."""
    order = np.argsort(values, kind="stable")
    places = np.minimum((due_us - begin_us) * slices // max(1, end_us - begin_us), slices - 1)
    return Blocks(values[order], places[order], slices)


def wide_middle(resampled: Floats, confidence: float) -> tuple[float, float]:
    """The interval that holds the middle of resampled values, widened for so few slices as Student's is for so few values."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    wide = math.sqrt(DRAWN / (DRAWN - 1)) * _student(z, DRAWN - 1)
    return middle(resampled, 2 * NormalDist().cdf(wide) - 1)


def _student(z: float, freedom: int) -> float:
    """Student's quantile from the normal one (Cornish and Fisher; to 0.1 % from nine degrees of freedom up)."""
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


@dataclass(frozen=True, slots=True)
class Sliced:
    """A statistic of blocks: the quantile of a share, or the mean where there is none."""

    blocks: Blocks
    share: float | None

    @property
    def value(self) -> float:
        """The statistic of all values."""
        values = self.blocks.values
        return float(values.mean()) if self.share is None else quantile(values, self.share)

    @property
    def levels(self) -> Floats:
        """What each slice tells of it."""
        return self.blocks.levels(self.share or 0.5)

    def resampled(self, seed: int) -> Floats:
        """The statistic in many resamples; one seed draws the same slices of any side."""
        drawn = np.random.default_rng(seed).multinomial(DRAWN, [1 / DRAWN] * DRAWN, _RESAMPLES).astype(np.float64)
        merged = self.blocks.merged(DRAWN)
        return merged.means(drawn) if self.share is None else merged.quantiles(self.share, drawn)

    def merged(self, slices: int) -> "Sliced":
        """In fewer slices."""
        return Sliced(self.blocks.merged(slices), self.share)

    def without(self, first: int) -> "Sliced":
        """Without the first slices."""
        return Sliced(self.blocks.without(first), self.share)
