"""Compares the rows of two stores and says why they differ: the same accident in a thousand rows is one finding."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from itertools import combinations
from typing import Any

from godwit.checks.cells import accident, key_of, same_cell
from godwit.checks.differences import EXAMPLES_AT_MOST, cut, verdict_on
from godwit.checks.mappings import Unmapped, apply_mapping, fulfils, target_columns
from godwit.plan import Mapping as RowMapping
from godwit.verdict import Finding, Judgement, all_of, inconclusive

Rows = Sequence[Mapping[str, Any]]
_Indexed = dict[tuple[Any, ...], Mapping[str, Any]]


def compare_rows(expected: Rows, actual: Rows, key: Sequence[str], table: str, columns: Sequence[str]) -> Judgement:
    """Compare rows by their key in the named columns.

    Findings: rows missing, extra, or with a key that comes twice, and changed cells grouped by cause, each with its
    count and up to five keys. No row on either side is inconclusive; rows that nobody expects are a failure.
    """
    one, other = _indexed(expected, key), _indexed(actual, key)
    findings = [
        *_doubled(expected, key, f"{table} (expected)"),
        *_doubled(actual, key, table),
        *_missing(one, other, table, columns),
        *_extra(one, other, table),
        *_absent_columns(actual, table, columns),
    ]
    absent = {finding.where.rpartition(".")[2] for finding in findings if finding.what == "column is missing"}
    shared = [place for place in one if place in other]
    for column in columns:
        if column not in absent:
            findings += _changed(
                column, [(place, one[place].get(column), other[place].get(column)) for place in shared], table
            )
    return verdict_on(findings, max(len(expected), len(actual)), f"rows of {table}")


def judge_mapping(
    mapping: RowMapping, lookups: Mapping[str, Mapping[str, str]], source: Rows, target: Rows
) -> Judgement:
    """Judge that the target holds exactly what the mapping makes of the source; no source row is inconclusive."""
    expected = apply_mapping(mapping, lookups, source)
    if not expected:
        return inconclusive(f"{mapping.id}: no row of {mapping.source.table} to map")
    actual = [row for row in target if fulfils(row, mapping.target.where)]
    return compare_rows(expected, actual, mapping.target.key, mapping.target.table, target_columns(mapping))


def judge_columns(mappings: Sequence[RowMapping], table: str, columns: Sequence[str]) -> Judgement:
    """Judge that every column of a source table is mapped, or dropped with a reason, by some mapping of that table."""
    mine = [mapping for mapping in mappings if mapping.source.table == table]
    if not mine:
        return inconclusive(f"no mapping starts from {table}")
    named = {it.column for mapping in mine for it in mapping.columns}
    named |= {name for mapping in mine for name in (*mapping.source.key, *mapping.source.where)}
    lost = [Finding("column is neither mapped nor dropped", f"{table}.{name}") for name in columns if name not in named]
    return verdict_on(lost, len(columns), f"columns of {table}")


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


def judge_mappings(
    mappings: Sequence[RowMapping],
    lookups: Mapping[str, Mapping[str, str]],
    source: Mapping[str, Rows],
    target: Mapping[str, Rows],
) -> Judgement:
    """Judge all mappings over two snapshots; a table that a snapshot lacks counts as empty."""
    return all_of(
        judge_mapping(it, lookups, source.get(it.source.table, ()), target.get(it.target.table, ())) for it in mappings
    )


def _same_table(name: str, one: Rows, other: Rows) -> Sequence[Finding]:
    columns = sorted({column for row in (*one, *other) for column in row})
    key = _key_for(columns, one, other)
    if key is not None:
        return compare_rows(one, other, key, name, columns).findings
    counts = [Counter(key_of(row, columns) for row in rows) for rows in (one, other)]
    lost, gained = counts[0] - counts[1], counts[1] - counts[0]
    sides = (("rows are missing", lost, "present", "(absent)"), ("rows are extra", gained, "(absent)", "present"))
    return [
        Finding(what, name, a, b, "no key tells the rows apart", sum(found.values()), tuple(_texts(list(found))))
        for what, found, a, b in sides
        if found
    ]


def _key_for(columns: Sequence[str], one: Rows, other: Rows) -> tuple[str, ...] | None:
    """The fewest columns that tell apart all rows on either side; names that look like keys are tried first."""
    likely = sorted(columns, key=lambda name: (name not in ("id", "key"), not name.endswith("_id"), name))
    for size in (1, 2):
        for key in combinations(likely, size):
            if all(len({key_of(row, key) for row in rows}) == len(rows) for rows in (one, other)):
                return key
    return None


def _indexed(rows: Rows, key: Sequence[str]) -> _Indexed:
    found: _Indexed = {}
    for row in rows:
        found.setdefault(key_of(row, key), row)
    return found


def _doubled(rows: Rows, key: Sequence[str], table: str) -> list[Finding]:
    counts = Counter(key_of(row, key) for row in rows)
    twice = [place for place, count in counts.items() if count > 1]
    if not twice:
        return []
    extra = sum(counts[place] - 1 for place in twice)
    return [Finding("key comes twice", table, "once", "more than once", ", ".join(key), extra, _texts(twice))]


def _missing(one: _Indexed, other: _Indexed, table: str, columns: Sequence[str]) -> list[Finding]:
    lost = [place for place in one if place not in other]
    if not lost:
        return []
    kept = [one[place] for place in one if place in other]
    reason = _in_common([one[place] for place in lost], kept, columns)
    return [Finding("rows are missing", table, "present", "(absent)", reason, len(lost), _texts(lost))]


def _in_common(lost: Rows, kept: Rows, columns: Sequence[str]) -> str:
    """The cell that all lost rows share and no kept row has: the likely cause."""
    for column in columns:
        value = lost[0].get(column)
        if any(not same_cell(value, row.get(column)) for row in lost):
            continue
        if kept and not any(same_cell(value, row.get(column)) for row in kept):
            return f"all have {column} = {cut(repr(value))}, and no other row has"
    return ""


def _extra(one: _Indexed, other: _Indexed, table: str) -> list[Finding]:
    gained = [place for place in other if place not in one]
    return [Finding("rows are extra", table, "(absent)", "present", "", len(gained), _texts(gained))] if gained else []


def _absent_columns(actual: Rows, table: str, columns: Sequence[str]) -> list[Finding]:
    if not actual:
        return []
    seen: Set[str] = {name for row in actual for name in row}
    return [
        Finding("column is missing", f"{table}.{name}", "present", "(absent)") for name in columns if name not in seen
    ]


def _changed(column: str, cells: Sequence[tuple[tuple[Any, ...], Any, Any]], table: str) -> list[Finding]:
    """The changed cells of one column, grouped by accident, then by equal change, and the rest as one."""
    groups: dict[tuple[str, str, str], list[tuple[tuple[Any, ...], Any, Any]]] = {}
    for place, one, other in cells:
        if not same_cell(one, other):
            groups.setdefault(_cause(one, other), []).append((place, one, other))
    lonely = [cause for cause, group in groups.items() if len(group) == 1]
    if len(lonely) > 1:
        together = [cell for cause in lonely for cell in groups.pop(cause)]
        groups["in no common way", "", ""] = together
    return [_finding(f"{table}.{column}", cause[0], group) for cause, group in groups.items()]


def _cause(one: Any, other: Any) -> tuple[str, str, str]:
    if isinstance(one, Unmapped):
        return (one.why, "", "")
    said = accident(one, other)
    return (said, "", "") if said else ("", repr(one), repr(other))


def _finding(where: str, cause: str, group: Sequence[tuple[tuple[Any, ...], Any, Any]]) -> Finding:
    _, one, other = group[0]
    shown = one.why if isinstance(one, Unmapped) else repr(one)
    keys = _texts([place for place, _, _ in group])
    return Finding("cell changed", where, cut(shown), cut(repr(other)), cause or "same change", len(group), keys)


def _texts(places: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    return tuple(cut(", ".join(map(_plain, place))) for place in places[:EXAMPLES_AT_MOST])


def _plain(value: Any) -> str:
    return str(value[1]) if isinstance(value, tuple) and len(value) == 2 else str(value)
