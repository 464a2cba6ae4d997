"""What an outcome is and how outcomes fold; pure, knows no plan, no clock and no file."""

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """How one check or criterion ended."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    ERRORED = "errored"
    SKIPPED = "skipped"
    WAIVED = "waived"


class Word(StrEnum):
    """What a gate or a whole run says."""

    GO = "GO"
    NO_GO = "NO-GO"
    INCONCLUSIVE = "INCONCLUSIVE"


_STRONGEST_FIRST = (Outcome.FAILED, Outcome.ERRORED, Outcome.INCONCLUSIVE, Outcome.PASSED)


def fold(outcomes: Iterable[Outcome]) -> Outcome:
    """Fold outcomes into one: failed > errored > inconclusive > passed.

    Waived and skipped are neutral; where nothing else is left, nothing was checked, and that is inconclusive.

    >>> fold([Outcome.PASSED, Outcome.WAIVED]).value
    'passed'
    >>> fold([]).value
    'inconclusive'
    """
    seen = set(outcomes)
    return next((outcome for outcome in _STRONGEST_FIRST if outcome in seen), Outcome.INCONCLUSIVE)


def settled(outcome: Outcome) -> Outcome:
    """What the outcome of something that was asked for counts as: skipped was to run, so it is inconclusive."""
    return Outcome.INCONCLUSIVE if outcome is Outcome.SKIPPED else outcome


def checked(outcome: Outcome) -> Outcome:
    """What the outcome of a check counts as: skipped is inconclusive, and so is waived, which only a criterion can be."""
    return Outcome.INCONCLUSIVE if outcome is Outcome.WAIVED else settled(outcome)


def word_for(outcome: Outcome) -> Word:
    """Say an outcome as a verdict: only passed is GO, only failed is NO-GO."""
    return {Outcome.PASSED: Word.GO, Outcome.FAILED: Word.NO_GO}.get(outcome, Word.INCONCLUSIVE)
