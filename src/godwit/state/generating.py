"""Strategies for whole small states: rows that a schema allows and hints narrow, with references that lead somewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from godwit.plan import GeneratedStates, Hint, TableHint
from godwit.plan.suggestions import advice
from godwit.state.drawn_values import others_of, values_of
from godwit.state.table_shapes import in_order
from godwit.verdict import ColumnShape, HarnessError, TableShape

Rows = list[dict[str, Any]]
DrawnState = dict[str, Rows]

_PLACES = 7


@dataclass(frozen=True, slots=True)
class _To:
    """A drawn reference: the row of the other table that it means, counted round."""

    place: int


@dataclass(frozen=True, slots=True)
class Sketch:
    """What states are drawn from: the tables, the hints of the plan, and the rows of the tables that are kept as they are."""

    tables: tuple[TableShape, ...]
    wanted: GeneratedStates
    kept: Mapping[str, Rows]

    def hint(self, table: str, column: str) -> Hint:
        """What the plan says of a column; an empty hint if it says nothing."""
        found = self.wanted.hints.get(f"{table}.{column}", Hint())
        return found if isinstance(found, Hint) else Hint(values=found)

    def size(self, table: str) -> TableHint:
        """How many rows a table gets."""
        return self.wanted.tables.get(table, TableHint())


def sketch(tables: Sequence[TableShape], wanted: GeneratedStates, kept: Mapping[str, Rows]) -> Sketch:
    """What states are drawn from; HarnessError names each table and column of the hints that the store has not."""
    known = {table.name: [column.name for column in table.columns] for table in tables}
    faults = [
        f"tables.{name}: the store has no such table{advice(name, known)}"
        for name in wanted.tables
        if name not in known
    ]
    for name, hint in wanted.hints.items():
        others = (hint.refers, hint.apart_from) if isinstance(hint, Hint) else ()
        for each in (name, *(other for other in others if other)):
            table, _, column = each.partition(".")
            if column not in known.get(table, ()):
                columns = [f"{one}.{it}" for one, its in known.items() for it in its]
                faults.append(f"hints.{name}: the store has no column {each}{advice(each, columns)}")
    if faults:
        raise HarnessError("\n".join(f"state.conversion.generated.{fault}" for fault in faults))
    made = Sketch(tuple(tables), wanted, kept)
    ordered = in_order({table.name: table for table in tables}, lambda table: _needs(made, table))
    return replace(made, tables=tuple(ordered))


def _needs(made: Sketch, table: TableShape) -> set[str]:
    """The tables whose columns it takes, by the schema or by a hint."""
    named = {key.table for key in table.references}
    hints = [made.hint(table.name, column.name) for column in table.columns]
    return named | {word.partition(".")[0] for hint in hints for word in (hint.refers, hint.apart_from) if word}


def target_of(made: Sketch, table: TableShape, column: str) -> tuple[str, str] | None:
    """The table and column that a column takes its values from, if it does: by its hint, else by a foreign key."""
    if refers := made.hint(table.name, column).refers:
        other, _, name = refers.partition(".")
        return other, name
    for key in table.references:
        if column in key.columns:
            return key.table, key.targets[key.columns.index(column)]
    return None


def states(made: Sketch, at_least: str = "") -> Any:
    """A strategy for states (table to rows); `at_least` names a table that has a row, and so have those that it refers to."""
    from hypothesis import strategies as st

    must = _reached(made, at_least)
    drawn = {
        table.name: _rows(made, table, must=table.name in must) for table in made.tables if table.name not in made.kept
    }
    return st.fixed_dictionaries(drawn).map(lambda state: settled(made, state))


def _reached(made: Sketch, name: str) -> set[str]:
    """A table and all that it refers to, by however many steps."""
    tables = {table.name: table for table in made.tables}
    found, left = set[str](), [name]
    while left:
        each = left.pop()
        if each in tables and each not in found:
            found.add(each)
            targets = [target_of(made, tables[each], column.name) for column in tables[each].columns]
            left += [target[0] for target in targets if target]
    return found


def spoiled_states(made: Sketch, table: TableShape, column: ColumnShape) -> Any:
    """A strategy for a state, and the same with one value of the column that its hint does not allow; None if there is no row."""
    from hypothesis import strategies as st

    hint = made.hint(table.name, column.name)
    both = st.tuples(states(made, at_least=table.name), st.integers(0, _PLACES))

    def spoil(drawn: tuple[DrawnState, int]) -> Any:
        state, place = drawn
        rows = state[table.name]
        if not rows:
            return st.none()
        target = target_of(made, table, column.name) if hint.refers else None
        taken = frozenset(row[target[1]] for row in state[target[0]]) if target else frozenset()
        at = place % len(rows)
        return others_of(column, hint, taken).map(
            lambda value: (state, _with(state, table.name, at, column.name, value))
        )

    return both.flatmap(spoil)


def refused_columns(made: Sketch) -> list[tuple[TableShape, ColumnShape]]:
    """The columns of whose values the plan says that all others are refused."""
    pairs = [(table, column) for table in made.tables for column in table.columns]
    return [(table, column) for table, column in pairs if made.hint(table.name, column.name).others == "refused"]


def _with(state: DrawnState, table: str, at: int, column: str, value: Any) -> DrawnState:
    rows = [{**row, column: value} if place == at else row for place, row in enumerate(state[table])]
    return {**state, table: rows}


def _rows(made: Sketch, table: TableShape, *, must: bool) -> Any:
    from hypothesis import strategies as st

    size = made.size(table.name)
    most = made.wanted.rows_at_most if size.rows_at_most is None else size.rows_at_most
    least = max(size.rows_at_least, int(must and most > 0))
    row = st.fixed_dictionaries(
        {column.name: _cell(made, table, column) for column in table.columns if not column.is_filled}
    )
    return st.lists(row, min_size=least, max_size=max(most, least))


def _cell(made: Sketch, table: TableShape, column: ColumnShape) -> Any:
    from hypothesis import strategies as st

    hint = made.hint(table.name, column.name)
    if target_of(made, table, column.name) is not None:
        value = st.integers(0, _PLACES).map(_To)
        if hint.orphans:
            value = st.one_of(value, value, values_of(column, Hint()))
    else:
        value = values_of(column, hint)
    wants_null = None in hint.values if hint.values else True
    return st.one_of(value, st.none()) if column.nullable and hint.nulls and wants_null else value


def settled(made: Sketch, drawn: DrawnState) -> DrawnState:
    """The drawn state with its references resolved, without rows that lead nowhere or that no key tells apart."""
    state: DrawnState = {name: list(rows) for name, rows in made.kept.items()}
    for table in made.tables:
        if table.name in made.kept:
            continue
        state[table.name] = []
        for row in drawn[table.name]:
            led = _led(made, table, row, state)
            if led is not None and _stands_apart(made, table, led, state):
                state[table.name].append(led)
    return state


def _led(made: Sketch, table: TableShape, row: dict[str, Any], state: DrawnState) -> dict[str, Any] | None:
    """The row with the values that it refers to; None where it must refer to something, and there is nothing."""
    out: dict[str, Any] = {}
    for name, value in ((column.name, row[column.name]) for column in table.columns if column.name in row):
        if not isinstance(value, _To):
            out[name] = value
            continue
        target = target_of(made, table, name)
        others = state.get(target[0], []) if target else []
        found = others[_place(table, row, name, value) % len(others)][target[1]] if others and target else None
        shape = table.column(name)
        if found is None and not (shape and shape.nullable):
            return None
        out[name] = found
    return out


def _place(table: TableShape, row: dict[str, Any], name: str, value: _To) -> int:
    """Columns of one composite reference mean the same row: that of its first column."""
    for key in table.references:
        if name in key.columns and len(key.columns) > 1:
            first = row.get(key.columns[0])
            return first.place if isinstance(first, _To) else value.place
    return value.place


def _stands_apart(made: Sketch, table: TableShape, row: dict[str, Any], state: DrawnState) -> bool:
    for key in table.unique:
        mine = tuple(row.get(name) for name in key)
        if None not in mine and any(mine == tuple(other.get(name) for name in key) for other in state[table.name]):
            return False
    for column in table.columns:
        word = made.hint(table.name, column.name).apart_from
        if word:
            other, _, name = word.partition(".")
            if any(row.get(column.name) == each.get(name) for each in state.get(other, ())):
                return False
    return True
