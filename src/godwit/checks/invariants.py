"""Judges a statement about stores by the single values that its queries gave; sends no query."""

from collections.abc import Sequence
from typing import Any

from godwit.plan import Invariant
from godwit.verdict import Finding, Judgement, failed, inconclusive, passed


def judge_invariant(invariant: Invariant, seen: Sequence[Any]) -> Judgement:
    """Judge by the values of its queries, the baseline's first: all must be what it `equals`, or else equal to the first.

    No value at all is inconclusive.
    """
    if not seen or all(value is None for value in seen):
        return inconclusive(f"{invariant.id} asked nothing, or nothing answered")
    wanted = seen[0] if invariant.equals is None else invariant.equals
    if any(value != wanted for value in seen):
        shown = [str(value) for value in (*seen, "")][:2]
        return failed(invariant.sentence, [Finding("invariant broken", invariant.id, shown[0], shown[1])])
    return passed(f"{invariant.sentence}: {wanted}")
