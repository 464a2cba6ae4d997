"""How long V2 takes on top of its work: 250 ms, 100 more or less, unless the environment says otherwise."""

import os
import random
from dataclasses import dataclass

from plumbing.server import fail


@dataclass(frozen=True, slots=True)
class Delays:
    """A mean and a spread in milliseconds, and by how much both are scaled."""

    mean_ms: float
    spread_ms: float
    scale: float

    def next_s(self, chance: random.Random) -> float:
        """The next delay in seconds, anywhere in the spread around the mean."""
        return (
            max(0.0, chance.uniform(self.mean_ms - self.spread_ms, self.mean_ms + self.spread_ms)) * self.scale / 1000
        )


def delays_from_environment() -> Delays:
    """V3_DELAY_MS, V3_DELAY_SPREAD_MS and V3_DELAY_SCALE; one line and the end for what is no number."""
    return Delays(_number("V3_DELAY_MS", 250), _number("V3_DELAY_SPREAD_MS", 100), _number("V3_DELAY_SCALE", 1))


def _number(name: str, otherwise: float) -> float:
    try:
        value = float(os.environ.get(name, otherwise))
    except ValueError:
        value = -1.0
    if not 0 <= value < 1_000_000:
        fail(f"{name}={os.environ[name]}: a number of at least 0 is wanted", code=2)
    return value
