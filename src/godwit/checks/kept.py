"""Judges whether the rows that a store held are all still there, as they were; rows that were added are no matter."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from godwit.checks.differences import verdict_on
from godwit.checks.rows import judge_same
from godwit.verdict import Judgement, inconclusive

Rows = Sequence[Mapping[str, Any]]


def judge_kept(
    before: Mapping[str, Rows], after: Mapping[str, Rows], moving: Collection[str] = (), *, note: str = ""
) -> Judgement:
    """Judge that every row of `before` (table to rows) is found in `after`, unchanged.

    `moving` names tables (`table`) and columns (`table.column`) that change by themselves and are not compared. A store
    without any row to compare is inconclusive.
    """
    tables = [name for name in before if name not in moving]
    count = sum(len(before[name]) for name in tables)
    if not count:
        return inconclusive(f"the store held no row that could be lost{note and f' ({note})'}")
    left: dict[str, Rows] = {}
    found: dict[str, Rows] = {}
    for name in tables:
        still = [column for column in _columns(before[name]) if f"{name}.{column}" not in moving]
        left[name], now = _unlike(before[name], after.get(name, ()), still)
        if name in after:
            # Where nothing is gone, what is new says nothing of what was kept, even if it is there twice.
            found[name] = now if left[name] else []
    wrong = [it for it in judge_same(left, found, note).findings if it.what != "rows are extra"]
    return verdict_on([replace(it, reason=it.reason or note) for it in wrong], count, "rows", note=note)


def _columns(rows: Rows) -> Sequence[str]:
    return list(rows[0]) if rows else []


def _unlike(before: Rows, after: Rows, columns: Sequence[str]) -> tuple[Rows, Rows]:
    """The rows of either side that the other lacks, cut to the columns."""
    if before == after:
        return [], []
    one, other = (Counter(tuple(_hashable(row.get(it)) for it in columns) for row in rows) for rows in (before, after))
    return tuple(  # type: ignore[return-value]
        [dict(zip(columns, row, strict=True)) for row in (mine - theirs).elements()]
        for mine, theirs in ((one, other), (other, one))
    )


def _hashable(value: Any) -> Any:
    return value if value.__hash__ is not None else repr(value)
