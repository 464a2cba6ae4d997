"""What the candidate's rows must be: applies a mapping to the baseline's rows; marks what it cannot translate."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from godwit.checks.cells import key_of, same_cell
from godwit.plan import Column
from godwit.plan import Mapping as RowMapping
from godwit.verdict import PlanError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A cell for which the mapping gives no value; equal to nothing that a store can hold."""

    why: str


def apply_mapping(
    mapping: RowMapping, lookups: Mapping[str, Mapping[str, str]], source_rows: Sequence[Mapping[str, Any]]
) -> list[Row]:
    """The rows that the target must hold, one for each source row or, in a many-to-one mapping, for each key.

    Only rows that fulfil `source.where` count; what `target.where` asks for is part of the result. NULL stays NULL in
    a lookup. Merged columns that are neither summed nor collected must agree. Raises PlanError for an unknown lookup.
    """
    chosen = [row for row in source_rows if fulfils(row, mapping.source.where)]
    rows = [_translated(mapping, lookups, row) for row in chosen]
    return rows if mapping.kind == "one-to-one" else _merged(mapping, rows)


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


def _translated(mapping: RowMapping, lookups: Mapping[str, Mapping[str, str]], row: Mapping[str, Any]) -> Row:
    made = {_target(it): _cell(mapping, it, lookups, row) for it in mapping.columns if it.dropped is None}
    fixed = {key: value for key, value in mapping.target.where.items() if not isinstance(value, list | tuple)}
    return {**fixed, **made}


def _cell(mapping: RowMapping, column: Column, lookups: Mapping[str, Mapping[str, str]], row: Mapping[str, Any]) -> Any:
    if column.column is None:
        return column.constant
    if column.column not in row:
        return Unmapped(f"no source column {column.column}")
    value = row[column.column]
    word = _word(value)
    if word in column.values:
        return column.values[word]
    if column.lookup is None or value is None:
        return value
    if column.lookup not in lookups:
        known = ", ".join(sorted(lookups)) or "none"
        raise PlanError(f"state.mappings.{mapping.id}: no lookup {column.lookup!r}; known: {known}")
    table = lookups[column.lookup]
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
    added, gathered = _targets_of(mapping, mapping.sum), _targets_of(mapping, mapping.collect)
    return [{name: _joined(name, group, added, gathered) for name in group[0]} for group in groups.values()]


def _targets_of(mapping: RowMapping, names: Sequence[str]) -> frozenset[str]:
    """Columns may be named as in the target or as in the source."""
    by_source = {it.column: _target(it) for it in mapping.columns if it.column and it.dropped is None}
    targets = set(target_columns(mapping))
    return frozenset(name if name in targets else by_source.get(name, name) for name in names)


def _joined(name: str, group: Sequence[Row], added: frozenset[str], gathered: frozenset[str]) -> Any:
    values = [row[name] for row in group]
    if trouble := next((value for value in values if isinstance(value, Unmapped)), None):
        return trouble
    present = [value for value in values if value is not None]
    if name in added:
        return sum(present) if present else None
    if name in gathered:
        return sorted(present, key=lambda value: (type(value).__name__, json.dumps(value, default=str), str(value)))
    if all(same_cell(values[0], value) for value in values):
        return values[0]
    return Unmapped(f"the {len(group)} merged rows disagree on {name}")
