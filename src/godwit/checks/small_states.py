"""Judges what a conversion made of a small state: mapped as stated, fit for its schema, brought back; it converts none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from godwit.checks.cells import same_cell
from godwit.checks.differences import cut, grouped, verdict_on
from godwit.checks.mappings import fulfils
from godwit.checks.rows import judge_mapping, judge_same
from godwit.plan import Mapping as RowMapping
from godwit.verdict import ColumnShape, Finding, Judgement, TableShape, all_of, passed

Rows = Sequence[Mapping[str, Any]]
State = Mapping[str, Rows]
Link = tuple[str, str, str, str]
"""A table and its column that names a row of another table by a column of that."""

_TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "boolean": (int,),
    "number": (int, float, Decimal),
    "text": (str,),
    "json": (str, list, dict),
    "bytes": (bytes, bytearray, memoryview),
}


def judge_small_mappings(
    mappings: Sequence[RowMapping],
    lookups: Mapping[str, Mapping[str, str]],
    source: State,
    target: State,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> Judgement:
    """Judge every mapping on one state; where it has no row to map, the target must have none that the mapping makes."""
    return all_of(_mapped(it, lookups, source, target, functions) for it in mappings)


def _mapped(
    mapping: RowMapping,
    lookups: Mapping[str, Mapping[str, str]],
    source: State,
    target: State,
    functions: Mapping[str, Callable[..., Any]] | None,
) -> Judgement:
    mine = [row for row in source.get(mapping.source.table, ()) if fulfils(row, mapping.source.where)]
    made = target.get(mapping.target.table, ())
    if mine:
        return judge_mapping(mapping, lookups, source[mapping.source.table], made, functions)
    extra = [row for row in made if fulfils(row, mapping.target.where)] if mapping.target.where else list(made)
    if not extra:
        return passed(f"{mapping.id}: no row on either side")
    examples = tuple(cut(repr(dict(row))) for row in extra[:5])
    found = Finding("rows are extra", mapping.target.table, "(absent)", "present", mapping.id, len(extra), examples)
    return verdict_on([found], len(extra), f"rows of {mapping.target.table}")


def judge_same_result(one: State, other: State, what: str) -> Judgement:
    """Judge that two results hold the same rows; two without any row are the same."""
    if not any(one.values()) and not any(other.values()):
        return passed("no row on either side")
    return judge_same(one, other, what)


def judge_way_back(before: State, after: State, lossy: Iterable[str]) -> tuple[Judgement, frozenset[str]]:
    """Judge that a state came back, but for the columns that are declared lossy; and tell which of these were lost indeed."""
    names = frozenset(lossy)
    tables = {name: rows for name, rows in after.items() if rows or name in before}
    judgement = judge_same_result(_without(before, names), _without(tables, names), "before and after the way back")
    lost = {name for name in names if _column(before, name) != _column(after, name)}
    return judgement, frozenset(lost)


def _without(state: State, columns: frozenset[str]) -> State:
    return {
        table: [{name: value for name, value in row.items() if f"{table}.{name}" not in columns} for row in rows]
        for table, rows in state.items()
    }


def _column(state: State, place: str) -> list[str]:
    table, _, name = place.partition(".")
    return sorted(repr(row.get(name)) for row in state.get(table, ()))


def judge_fit(shapes: Sequence[TableShape], state: State) -> Judgement:
    """Judge that every row fits what its table says of itself: types, NULL, lengths, choices, keys, references."""
    found: list[tuple[object, Finding]] = []
    for shape in shapes:
        rows = state.get(shape.name, ())
        for row in rows:
            found += [(it.where + it.what, it) for column in shape.columns for it in _misfits(shape.name, column, row)]
        found += [((it.where, it.what), it) for it in (*_doubles(shape, rows), *_orphans(shape, rows, state))]
    n = sum(len(rows) for rows in state.values())
    return verdict_on(grouped(found), n, "rows") if n else passed("no row")


def _misfits(table: str, column: ColumnShape, row: Mapping[str, Any]) -> Iterable[Finding]:
    value, where = row.get(column.name), f"{table}.{column.name}"
    if value is None:
        if not column.nullable:
            yield Finding("NULL where the schema takes none", where, "a value", "NULL")
        return
    if not isinstance(value, _TYPES.get(column.kind, (object,))):
        yield Finding("value of another type", where, column.kind, cut(repr(value)))
    elif column.length is not None and isinstance(value, str) and len(value) > column.length:
        yield Finding("text longer than its column", where, f"{column.length} characters", cut(repr(value)))
    elif column.choices and value not in column.choices:
        yield Finding("value outside its choices", where, ", ".join(column.choices), cut(repr(value)))


def _doubles(shape: TableShape, rows: Rows) -> Iterable[Finding]:
    for key in shape.unique:
        seen: set[str] = set()
        for row in rows:
            mine = tuple(row.get(name) for name in key)
            if None not in mine and repr(mine) in seen:
                yield Finding("key comes twice", f"{shape.name}.{','.join(key)}", "once", cut(repr(mine)))
            seen.add(repr(mine))


def _orphans(shape: TableShape, rows: Rows, state: State) -> Iterable[Finding]:
    for key in shape.references:
        there = [tuple(row.get(name) for name in key.targets) for row in state.get(key.table, ())]
        for row in rows:
            mine = tuple(row.get(name) for name in key.columns)
            if None not in mine and not any(all(map(same_cell, mine, other)) for other in there):
                where = f"{shape.name}.{','.join(key.columns)}"
                yield Finding("row refers to nothing", where, f"a row of {key.table}", cut(repr(mine)))


def halves(state: State, links: Sequence[Link], both: Iterable[str]) -> tuple[State, State]:
    """Part a state in two so that rows which belong together stay together; the tables in `both` are in either half."""
    shared = set(both)
    places = [(table, at) for table, rows in state.items() if table not in shared for at in range(len(rows))]
    group = {place: place for place in places}

    def top(place: tuple[str, int]) -> tuple[str, int]:
        while group[place] != place:
            place = group[place]
        return place

    for table, column, other, name in links:
        if table in shared or other in shared:
            continue
        for at, row in enumerate(state.get(table, ())):
            for to, each in enumerate(state.get(other, ())):
                if row.get(column) is not None and row.get(column) == each.get(name):
                    group[top((table, at))] = top((other, to))
    groups = list(dict.fromkeys(map(top, places)))
    first = set(groups[: (len(groups) + 1) // 2])
    return _part(state, shared, lambda place: top(place) in first), _part(
        state, shared, lambda place: top(place) not in first
    )


def _part(state: State, shared: set[str], is_in: Any) -> State:
    return {
        table: [row for at, row in enumerate(rows) if table in shared or is_in((table, at))]
        for table, rows in state.items()
    }
