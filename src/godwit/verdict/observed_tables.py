"""What a store says of its tables besides their rows: definitions to compare, shapes to draw rows from, numbers; values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


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


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """One column: its kind of values (`unknown` where the type tells none), and what bounds them.

    `kind` is text, integer, number, boolean, date, time, timestamp, zoned-timestamp, json, uuid, bytes or unknown; `bits`
    the width of an integer, `length` the most characters, `places` digits in all and after the point; `choices` are all
    values that there are; `is_filled` says that the store makes the value itself.
    """

    name: str
    kind: str
    nullable: bool = True
    bits: int | None = None
    length: int | None = None
    places: tuple[int, int] | None = None
    choices: tuple[str, ...] = ()
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that name a row of another table."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table: its columns, the sets of columns that tell its rows apart (the primary key first), references, CHECKs."""

    name: str
    columns: tuple[ColumnShape, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    references: tuple[ForeignKey, ...] = ()
    checks: tuple[str, ...] = ()

    def column(self, name: str) -> ColumnShape | None:
        """The column of that name, if there is one."""
        return next((each for each in self.columns if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Access:
    """How a database means to read a table for a query, and its own words for that.

    `search` finds rows through an index, `walk` reads a whole table in the order of one, `scan` reads it whole; `sort`
    is of no table.
    """

    table: str
    how: Literal["search", "walk", "scan", "sort"]
    told: str
