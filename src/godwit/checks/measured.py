"""What a metric found, as raw evidence that an interval can be made of; measures nothing."""

from dataclasses import dataclass

from godwit.checks.blocks import Blocks
from godwit.checks.intervals import Floats


@dataclass(frozen=True, slots=True)
class Samples:
    """Single values in rising order; each of `failed` requests stands in them as infinity.

    `blocks` are the same values with the slice of time of each, the same slices on both sides, where that is known.
    """

    values: Floats
    failed: int = 0
    blocks: Blocks | None = None


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of n, told in percent."""

    count: int
    n: int


@dataclass(frozen=True, slots=True)
class Tally:
    """So many in so many seconds."""

    count: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Quotient:
    """A value made of totals that were counted whole, over n things: it has no error of sampling."""

    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Values of the first and of the last fifth of a run."""

    early: Floats
    late: Floats
    n: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing was measured, and why."""

    why: str


Measured = Samples | Proportion | Tally | Quotient | Growth | Missing
