"""Makes ids that sort in the order of their making, and timestamps with an offset; chance and clock come in."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Identifiers:
    """Ids like task-06401a2b3c4d5e0f1a2b: 14 hexadecimal digits of microseconds and 6 of chance."""

    def __init__(self, clock_ns: Callable[[], int] = time.time_ns, chance: random.Random | None = None) -> None:
        self._clock_ns = clock_ns
        self._chance = chance or random.SystemRandom()
        self._last = 0

    def new(self, kind: str) -> str:
        """The next id of a kind, such as 'task'; greater than every id made before it by this object."""
        self._last = max(self._last + 1, self._clock_ns() // 1000)
        return f"{kind}-{self._last:014x}{self._chance.getrandbits(24):06x}"


def now_text() -> str:
    """This moment in UTC as ISO 8601 with microseconds and offset."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
