"""What was observed of a store besides its rows: the shape of its tables, the numbers they give out; values only."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column: its type as the store spells it, whether it may be NULL, its default as SQL text or None."""

    type: str
    nullable: bool = True
    default: str | None = None


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table: its columns, its key, and its constraints as texts such as `a, b` or `parent_id -> items.id`.

    A set that is None is not known, or not asked for.
    """

    columns: Mapping[str, ColumnDefinition]
    key: tuple[str, ...] | None = None
    unique: frozenset[str] | None = None
    indices: frozenset[str] | None = None
    foreign: frozenset[str] | None = None
    checks: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Numbering:
    """A column that the store numbers: the number that the next row gets, None if nothing numbers it, and the highest in use."""

    table: str
    column: str
    next: int | None
    highest: int | None
