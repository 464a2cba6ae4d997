"""Has what an invariant speaks about read from a pair of stores; `checks` judges, by the kind of the invariant."""

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from godwit.checks import (
    judge_invariant,
    judge_order,
    judge_owners,
    judge_references,
    judge_tallies,
    judge_unique,
)
from godwit.plan import Invariant, Link, References, TableRef
from godwit.state import Store
from godwit.verdict import Judgement

Rows = dict[str, list[dict[str, Any]]]


def judge_stated(it: Invariant, source: str, target: str) -> Judgement:
    """Whether an invariant holds between a source and a target (URLs of stores)."""
    with closing(Store(source)) as ours, closing(Store(target)) as theirs:
        if it.rows_per is not None:
            sides = _rows(ours, [it.rows_per.baseline.table]), _rows(theirs, [it.rows_per.candidate.table])
            return judge_tallies(it.rows_per, *sides)
        if it.references is not None:
            return _references(it.references, ours, theirs)
        if it.unique is not None:
            return judge_unique(it.unique, _rows(theirs, [it.unique.table]))
        if it.owner is not None:
            sides = _rows(ours, [it.owner.baseline.table]), _rows(theirs, [it.owner.candidate.table])
            return judge_owners(it.owner, *sides)
        if it.same_order is not None:
            return judge_order(it, ours.listed(it.same_order.baseline), theirs.listed(it.same_order.candidate))
        asked = ((ours, it.baseline), (theirs, it.candidate))
        return judge_invariant(it, [store.scalar(sql) for store, sql in asked if sql])


def _references(it: References, ours: Store, theirs: Store) -> Judgement:
    before = _rows(ours, _tables(it.baseline)) if it.baseline else {}
    return judge_references(it, before, _rows(theirs, _tables(it.candidate)))


def _tables(link: Link) -> tuple[str, str]:
    return link.table, link.to_table


def _rows(store: Store, tables: Iterable[str]) -> Rows:
    return {table: store.rows(TableRef(table=table, key=())) for table in set(tables)}
