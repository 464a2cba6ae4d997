"""What a store says of its own tables, as values; it reads none and holds no row."""

from dataclasses import dataclass, field


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
    checks: tuple[str, ...] = field(default=())

    def column(self, name: str) -> ColumnShape | None:
        """The column of that name, if there is one."""
        return next((each for each in self.columns if each.name == name), None)
