"""How a suite states what it concluded: `assert_holds` raises for a broken promise and leaves the judgement for the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from godwit.verdict.evidence import Judgement, NotSettled, PromiseBroken
from godwit.verdict.outcome import Outcome

_heard: ContextVar[list[Judgement] | None] = ContextVar("godwit_judgements", default=None)


def assert_holds(judgement: Judgement) -> None:
    """Hold a promise to its judgement.

    Raises PromiseBroken (an AssertionError) when it failed and NotSettled when it could not be told; either carries
    the judgement. A judgement that passed is kept for the record, with what it rests on.
    """
    heard = _heard.get()
    if heard is not None:
        heard.append(judgement)
    if judgement.outcome is Outcome.FAILED:
        raise PromiseBroken(judgement)
    if judgement.outcome is not Outcome.PASSED:
        raise NotSettled(judgement)


@contextmanager
def listening() -> Iterator[list[Judgement]]:
    """Collect the judgements that are asserted while the block runs; an empty list means that nothing was asserted."""
    heard: list[Judgement] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)
