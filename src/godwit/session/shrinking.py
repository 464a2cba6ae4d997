"""How Hypothesis tries, shrinks and ends, whatever it is let try; it knows neither what is tried nor what came of it."""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from godwit.verdict import HarnessError


class PartedError(Exception):
    """The sides parted; Hypothesis shrinks what raises it."""


class TimeOver(BaseException):
    """Nothing further is tried; Hypothesis lets pass what is no Exception."""


class Ending(StrEnum):
    """How a search ended: `unsteady` when what parted the sides did not do so again."""

    THROUGH = "through"
    PARTED = "parted"
    UNSTEADY = "unsteady"
    TIME_OVER = "time over"


class TimeLimit:
    """The time for a search, from now on; what parted the sides may be shrunk for as long again."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._ends = time.monotonic() + limit_s
        self.is_over = False

    def keep(self, *, parted: bool) -> None:
        """Raise TimeOver if nothing further may be tried."""
        self.is_over = time.monotonic() > self._ends + self._limit_s * parted
        if self.is_over:
            raise TimeOver


def settings(examples: int, *, shrinks: bool = True, **more: Any) -> Any:
    """Settings under which the same seed tries the same: without a database, without a time limit for one example."""
    from hypothesis import HealthCheck, Phase, Verbosity, settings

    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink) if shrinks else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        **more,
    )


def search(tries: Callable[[], Any], limit: TimeLimit | None = None) -> Ending:
    """Let Hypothesis try, and tell how that ended; raises what else Hypothesis or the tried code raises."""
    from hypothesis.errors import Flaky, FlakyFailure

    try:
        tries()
    except PartedError:
        return Ending.PARTED
    except TimeOver:
        return Ending.TIME_OVER
    except (Flaky, FlakyFailure):
        # An example that was not begun drew less than it did before, which Hypothesis takes for another behaviour.
        return Ending.TIME_OVER if limit and limit.is_over else Ending.UNSTEADY
    return Ending.THROUGH


def try_each(
    strategy: Any, act: Callable[[Any], None], examples: int, chance: int, limit: TimeLimit, *, shrinks: bool = True
) -> Ending:
    """Let Hypothesis draw from a strategy and try each; HarnessError tells what cannot be drawn at all."""
    from hypothesis import given, seed
    from hypothesis.errors import HypothesisException

    given_each: Any = given(strategy)
    try:
        return search(seed(chance)(settings(examples, shrinks=shrinks)(given_each(act))), limit)
    except HypothesisException as error:
        raise HarnessError(f"nothing can be drawn: {str(error).partition(chr(10))[0]}") from None
