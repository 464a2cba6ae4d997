"""What the candidate's rows must be: applies a mapping to the baseline's rows; marks what it cannot translate."""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from godwit.checks.cells import Sameness, key_of, same_cell
from godwit.plan import Column, Each, Split
from godwit.plan import Mapping as RowMapping
from godwit.verdict import PlanError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A cell for which the mapping gives no value; equal to nothing that a store can hold."""

    why: str


@dataclass(frozen=True, slots=True)
class Translation:
    """What a mapping needs to translate a row: itself, the plan's lookups, and the functions that it names."""

    mapping: RowMapping
    lookups: Mapping[str, Mapping[str, str]]
    functions: Mapping[str, Callable[..., Any]]


def apply_mapping(
    mapping: RowMapping,
    lookups: Mapping[str, Mapping[str, str]],
    source_rows: Sequence[Mapping[str, Any]],
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> list[Row]:
    """The rows that the target must hold, for each source row one, for each item (one-to-many) or key (many-to-one) one.

    Only rows that fulfil `source.where` count; what `target.where` asks for is part of the result. NULL stays NULL in
    a lookup. Merged columns that are neither summed nor collected must agree. Raises PlanError for an unknown lookup
    and for a function that is not among `functions`.
    """
    by = Translation(mapping, lookups, functions or {})
    chosen = [row for row in source_rows if fulfils(row, mapping.source.where)]
    if mapping.each is not None:
        chosen = [part for row in chosen for part in _items(mapping.each, row)]
    rows = [_translated(by, row) for row in chosen]
    return _merged(mapping, rows) if mapping.kind == "many-to-one" else rows


def sameness_of(mapping: RowMapping) -> dict[str, Sameness]:
    """What does not count in the target's columns, by their names."""
    return {
        _target(it): Sameness(it.tolerance, it.collation)
        for it in mapping.columns
        if it.dropped is None and (it.tolerance is not None or it.collation)
    }


def _items(each: Each, row: Mapping[str, Any]) -> Iterator[Row]:
    """The source rows that stand for the items of one row."""
    if each.column is None:
        for name in each.columns:
            if row.get(name) is not None:
                yield {**row, str(each.item): row[name], **({each.position: name} if each.position else {})}
        return
    value = row.get(each.column, Unmapped(f"no source column {each.column}"))
    for number, item in enumerate(_parts(value, each.by), each.first):
        yield {**row, each.item or each.column: item, **({each.position: number} if each.position else {})}


def _parts(value: Any, by: str | None) -> Sequence[Any]:
    if value is None or value == "":
        return ()
    if isinstance(value, Unmapped):
        return (value,)
    if by is not None:
        return [part.strip() for part in str(value).split(by)]
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    return found if isinstance(found, list | tuple) else (Unmapped(f"{value!r} is no JSON list"),)


def fulfils(row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Whether the row has each stated value; a list means any of its values."""
    return all(
        any(same_cell(value, row.get(column)) for value in (wanted if isinstance(wanted, list | tuple) else [wanted]))
        for column, wanted in where.items()
    )


def target_columns(mapping: RowMapping) -> tuple[str, ...]:
    """The columns of the target that the mapping speaks about, in its order."""
    return tuple(dict.fromkeys(_target(column) for column in mapping.columns if column.dropped is None))


def _target(column: Column) -> str:
    name = column.to or column.column
    if name is None:
        raise PlanError("state.mappings: a column has neither 'to' nor 'column'")
    return name


def _translated(by: Translation, row: Mapping[str, Any]) -> Row:
    mapping = by.mapping
    made = {_target(it): _cell(by, it, row) for it in mapping.columns if it.dropped is None}
    fixed = {key: value for key, value in mapping.target.where.items() if not isinstance(value, list | tuple)}
    return {**fixed, **made}


def _cell(by: Translation, column: Column, row: Mapping[str, Any]) -> Any:
    value = _origin(by, column, row)
    if column.split is not None and isinstance(value, str):
        value = _part(column.split, value)
    if not isinstance(value, Unmapped):
        value = _looked_up(by, column, value)
    absent = isinstance(value, Unmapped) and column.column is not None and column.column not in row
    return column.default if column.default is not None and (value is None or absent) else value


def _origin(by: Translation, column: Column, row: Mapping[str, Any]) -> Any:
    """The cell before anything is translated."""
    missing = next((name for name in (*column.sources, column.computed) if name and name not in row), None)
    if missing:
        return Unmapped(f"no source column {missing}")
    cells = [row[name] for name in column.sources]
    if trouble := next((cell for cell in cells if isinstance(cell, Unmapped)), None):
        return trouble
    if column.python is not None:
        return _called(by, column.python, cells if cells else [dict(row)])
    if column.merge:
        present = [str(cell) for cell in cells if cell is not None]
        return column.joined_by.join(present) if present else None
    return cells[0] if cells else row[column.computed] if column.computed else column.constant


def _called(by: Translation, name: str, cells: Sequence[Any]) -> Any:
    if name not in by.functions:
        raise PlanError(f"state.mappings.{by.mapping.id}: no function {name!r} was given")
    try:
        return by.functions[name](*cells)
    except Exception as error:  # noqa: BLE001 - a mapping's own code may raise anything, and then it gives no value
        return Unmapped(f"{name} raised {type(error).__name__}: {error}")


def _part(split: Split, text: str) -> str | None:
    if split.pattern is not None:
        found = re.search(split.pattern, text)
        return found.group(1) if found else None
    parts = text.split(split.by, -1 if split.at_most is None else split.at_most - 1)
    return parts[split.part - 1] if split.part <= len(parts) else None


def _looked_up(by: Translation, column: Column, value: Any) -> Any:
    word = _word(value)
    if word in column.values:
        return column.values[word]
    if column.lookup is None or value is None:
        return value
    if column.lookup not in by.lookups:
        known = ", ".join(sorted(by.lookups)) or "none"
        raise PlanError(f"state.mappings.{by.mapping.id}: no lookup {column.lookup!r}; known: {known}")
    table = by.lookups[column.lookup]
    return table[word] if word in table else Unmapped(f"{value!r} is not in lookup {column.lookup}")


def _word(value: Any) -> str:
    """A value as the plan writes it as a key."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _merged(mapping: RowMapping, rows: Sequence[Row]) -> list[Row]:
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key_of(row, mapping.target.key), []).append(row)
    ways: dict[str, Callable[[list[Any]], Any]] = {
        **dict.fromkeys(_targets_of(mapping, mapping.sum), _added),
        **dict.fromkeys(_targets_of(mapping, mapping.collect), _gathered),
        **dict.fromkeys(_targets_of(mapping, mapping.distinct), _gathered_once),
    }
    return [{name: _joined(name, group, ways.get(name)) for name in group[0]} for group in groups.values()]


def _targets_of(mapping: RowMapping, names: Sequence[str]) -> frozenset[str]:
    """Columns may be named as in the target or as in the source."""
    by_source = {it.column: _target(it) for it in mapping.columns if it.column and it.dropped is None}
    targets = set(target_columns(mapping))
    return frozenset(name if name in targets else by_source.get(name, name) for name in names)


def _joined(name: str, group: Sequence[Row], way: Callable[[list[Any]], Any] | None) -> Any:
    values = [row[name] for row in group]
    if trouble := next((value for value in values if isinstance(value, Unmapped)), None):
        return trouble
    if way is not None:
        return way([value for value in values if value is not None])
    if all(same_cell(values[0], value) for value in values):
        return values[0]
    return Unmapped(f"the {len(group)} merged rows disagree on {name}")


def _added(present: list[Any]) -> Any:
    return sum(present) if present else None


def _gathered(present: list[Any]) -> list[Any]:
    return sorted(present, key=_order)


def _gathered_once(present: list[Any]) -> list[Any]:
    return [next(same) for _, same in itertools.groupby(_gathered(present), key=_order)]


def _order(value: Any) -> tuple[str, str, str]:
    return type(value).__name__, json.dumps(value, default=str), str(value)
