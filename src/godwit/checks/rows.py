"""Compares the rows of two stores and says why they differ: the same accident in a thousand rows is one finding."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

from godwit.checks.cells import Sameness, key_of
from godwit.checks.comparing import Compared, Pairing, compare
from godwit.checks.differences import verdict_on
from godwit.checks.mappings import apply_mapping, fulfils, sameness_of, target_columns
from godwit.plan import LeftBehind
from godwit.plan import Mapping as RowMapping
from godwit.verdict import Finding, Judgement, inconclusive

Rows = Sequence[Mapping[str, Any]]


def compare_rows(
    expected: Rows,
    actual: Rows,
    key: Sequence[str],
    table: str,
    columns: Sequence[str],
    same: Mapping[str, Sameness] | None = None,
) -> Judgement:
    """Compare rows by their key in the named columns; `same` says what does not count in some of them.

    Findings: rows missing, extra, or with a key that comes twice or was changed, and changed cells grouped by cause, each
    with its count and up to five keys. Without a key rows are compared as a multiset. No row on either side is
    inconclusive; rows that nobody expects are a failure.
    """
    return compare(expected, actual, Pairing(table, tuple(key), tuple(columns), same or {})).judgement


def compare_mapping(
    mapping: RowMapping,
    lookups: Mapping[str, Mapping[str, str]],
    source: Rows,
    target: Rows,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Compared:
    """Compare what the target holds with what the mapping makes of the source, and list every bad key.

    `functions` are those that the mapping's `python` columns name; what its `sql` columns give stands in the source's
    rows under their `computed` names. No source row is inconclusive.
    """
    expected = apply_mapping(mapping, lookups, source, functions)
    if not expected:
        return Compared(inconclusive(f"{mapping.id}: no row of {mapping.source.table} to map"), ())
    actual = [row for row in target if fulfils(row, mapping.target.where)]
    pairing = Pairing(mapping.target.table, mapping.target.key, target_columns(mapping), sameness_of(mapping))
    return compare(expected, actual, pairing)


def judge_mapping(
    mapping: RowMapping,
    lookups: Mapping[str, Mapping[str, str]],
    source: Rows,
    target: Rows,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Judgement:
    """Judge that the target holds exactly what the mapping makes of the source; see `compare_mapping`."""
    return compare_mapping(mapping, lookups, source, target, functions).judgement


def judge_mapped_columns(
    mappings: Sequence[RowMapping], left: Sequence[LeftBehind], tables: Mapping[str, Sequence[str]]
) -> Judgement:
    """Judge that every column of every table (`tables` maps their names to their columns) is mapped, dropped or left behind.

    What is left behind and is not there, or is mapped all the same, is a finding too: the plan is stale.
    """
    findings: list[Finding] = []
    for table, columns in tables.items():
        excused = {name for it in left if it.table == table for name in (it.columns or columns)}
        if any(it.source.table == table for it in mappings):
            named = named_columns([it for it in mappings if it.source.table == table])
            lost = [name for name in columns if name not in named | excused]
            findings += [Finding("column is neither mapped nor dropped", f"{table}.{name}") for name in lost]
            findings += [
                Finding("column is left behind and mapped", f"{table}.{name}") for name in sorted(excused & named)
            ]
        elif not set(columns) <= excused or not columns:
            findings.append(Finding("table is neither mapped nor left behind", table, f"{len(columns)} columns"))
    gone = [it for it in left if not set(it.columns) <= set(tables.get(it.table, ())) or it.table not in tables]
    findings += [Finding("what is left behind is not there", ".".join((it.table, *it.columns))) for it in gone]
    return verdict_on(findings, sum(map(len, tables.values())), f"columns of {len(tables)} table(s)")


def named_columns(mappings: Sequence[RowMapping]) -> set[str]:
    """The source's columns that mappings speak about: in their columns, keys and conditions, and as items of `each`."""
    named = {name for mapping in mappings for it in mapping.columns for name in it.sources}
    named |= {word for mapping in mappings for it in mapping.columns if it.sql for word in _words(it.sql)}
    named |= {name for mapping in mappings for name in (*mapping.source.key, *mapping.source.where)}
    return named | {name for it in mappings if it.each for name in (it.each.column, *it.each.columns) if name}


def _words(sql: str) -> list[str]:
    return [word.strip('"') for word in re.findall(r'"[^"]+"|[A-Za-z_]\w*', re.sub(r"'[^']*'", "", sql))]


def judge_same(snapshot_a: Mapping[str, Rows], snapshot_b: Mapping[str, Rows], what: str) -> Judgement:
    """Judge that two snapshots (table to rows) hold the same; `what` names them, such as `before and after`."""
    tables = sorted(snapshot_a.keys() | snapshot_b.keys())
    lost = [
        Finding("table is missing", name, *(("present", "(absent)") if name in snapshot_a else ("(absent)", "present")))
        for name in tables
        if name not in snapshot_a or name not in snapshot_b
    ]
    shared = [name for name in tables if name in snapshot_a and name in snapshot_b]
    findings = [*lost]
    for name in shared:
        findings += _same_table(name, snapshot_a[name], snapshot_b[name])
    n = sum(max(len(snapshot_a.get(name, ())), len(snapshot_b.get(name, ()))) for name in tables)
    return verdict_on(findings, n, f"rows of {len(tables)} table(s)", note=what)


def _same_table(name: str, one: Rows, other: Rows) -> Sequence[Finding]:
    columns = sorted({column for row in (*one, *other) for column in row})
    key = _key_for(columns, one, other) or ()
    return compare_rows(one, other, key, name, columns).findings


def _key_for(columns: Sequence[str], one: Rows, other: Rows) -> tuple[str, ...] | None:
    """The fewest columns that tell apart all rows on either side; names that look like keys are tried first."""
    likely = sorted(columns, key=lambda name: (name not in ("id", "key"), not name.endswith("_id"), name))
    for size in (1, 2):
        for key in combinations(likely, size):
            if all(len({key_of(row, key) for row in rows}) == len(rows) for rows in (one, other)):
                return key
    return None
