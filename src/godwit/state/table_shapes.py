"""Reads what a store says of its own tables: types, NULLs, keys, references, CHECKs; reads no row and judges nothing."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from godwit.state.stores import Store
from godwit.verdict import ColumnShape, ForeignKey, TableShape

_KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Numeric, "number"),
    (sa.DateTime, "timestamp"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.Uuid, "uuid"),
    (sa.JSON, "json"),
    (sa.LargeBinary, "bytes"),
    (sa.String, "text"),
)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_CHOICE = re.compile(r"""^\(*["`\[]?(\w+)["`\]]?\)?(?:::\w[\w ]*)?\)*\s*(?:IN\s*\(|=\s*ANY\s*\()""", re.IGNORECASE)


def read_shapes(url: str) -> tuple[TableShape, ...]:
    """The tables of a store, those that others refer to first; HarnessError when they cannot be read."""
    with closing(Store(url)) as store, store.reading() as connection:
        inspector, dialect = sa.inspect(connection), connection.dialect.name
        found = {name: _table(inspector, name, dialect) for name in sorted(inspector.get_table_names())}
    return tuple(in_order(found, lambda table: {key.table for key in table.references}))


def _table(inspector: sa.Inspector, name: str, dialect: str) -> TableShape:
    checks = [str(each["sqltext"]) for each in inspector.get_check_constraints(name)]
    choices = {column: values for column, values in map(_choices, checks) if values}
    key = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
    columns = tuple(_column(each, key, choices, dialect) for each in inspector.get_columns(name))
    unique = [tuple(each["column_names"]) for each in inspector.get_unique_constraints(name)]
    # SQLite keeps a UNIQUE of a column as an index that it makes itself.
    more: dict[str, Any] = {"include_auto_indexes": True} if dialect == "sqlite" else {}
    indexes = [each for each in inspector.get_indexes(name, **more) if each["unique"]]
    unique += [tuple(str(column) for column in each["column_names"]) for each in indexes]
    references = [
        ForeignKey(tuple(each["constrained_columns"]), each["referred_table"], tuple(each["referred_columns"]))
        for each in inspector.get_foreign_keys(name)
    ]
    keys = tuple(dict.fromkeys(each for each in (key, *unique) if each and "None" not in each))
    left = tuple(check for check in checks if not _choices(check)[1])
    return TableShape(name, columns, keys, tuple(references), left)


def _column(found: Any, key: tuple[str, ...], choices: dict[str, tuple[str, ...]], dialect: str) -> ColumnShape:
    kind = next((word for known, word in _KINDS if isinstance(found["type"], known)), "unknown")
    scale = (found["type"].precision, found["type"].scale) if kind == "number" else (None, None)
    zoned = kind == "timestamp" and getattr(found["type"], "timezone", False)
    # SQLite's INTEGER always has 64 bits; elsewhere the plain one has 32.
    wide = dialect == "sqlite" or isinstance(found["type"], sa.BigInteger)
    small = isinstance(found["type"], sa.SmallInteger) and dialect != "sqlite"
    return ColumnShape(
        found["name"],
        "zoned-timestamp" if zoned else kind,
        bool(found["nullable"]) and found["name"] not in key,
        (16 if small else 64 if wide else 32) if kind == "integer" else None,
        getattr(found["type"], "length", None) if kind == "text" else None,
        (int(scale[0]), int(scale[1])) if scale[0] and scale[1] is not None else None,
        tuple(getattr(found["type"], "enums", ())) or choices.get(found["name"], ()),
        bool(found.get("computed")),
    )


def _choices(check: str) -> tuple[str, tuple[str, ...]]:
    """The column and the texts that a CHECK of the shape `column IN ('a', 'b')` allows; nothing for any other."""
    named = _CHOICE.match(check.strip())
    if not named or re.search(r"\b(AND|OR|NOT)\b", _LITERAL.sub("", check), re.IGNORECASE):
        return "", ()
    return named[1], tuple(text.replace("''", "'") for text in _LITERAL.findall(check))


def in_order(tables: Mapping[str, TableShape], needs: Callable[[TableShape], Collection[str]]) -> Iterator[TableShape]:
    """Each table after those that it needs; where they need each other in a circle, as they came."""
    left = dict(tables)
    while left:
        free = [name for name, table in left.items() if not left.keys() & {*needs(table)} - {name}]
        for name in free or [next(iter(left))]:
            yield left.pop(name)
