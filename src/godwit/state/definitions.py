"""Reads the shape of a store's tables and the numbers that they give out next; reads no rows but their highest number."""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import REGCLASS

from godwit.state.stores import Store
from godwit.verdict import ColumnDefinition, HarnessError, Numbering, TableDefinition

_CAST_TEXT = re.compile(r"('(?:[^']|'')*')::[\w\s.\"(),\[\]]+")
_NEXT_OF = re.compile(r"nextval\('(.+)'::regclass\)")
_INDEX = re.compile(r"CREATE\s+(UNIQUE\s+)?INDEX\s.+?\sON\s.+?\((.+)\)(?:\s*WHERE\s+(.+))?", re.IGNORECASE | re.DOTALL)


def read_definitions(store: Store) -> dict[str, TableDefinition]:
    """The shape of every table, by name."""
    with store.reading() as connection, warnings.catch_warnings():
        # What SQLAlchemy warns that it leaves out is asked of the store itself.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        inspector = sa.inspect(connection)
        return {name: _shape(connection, inspector, name) for name in sorted(inspector.get_table_names())}


def _shape(connection: sa.Connection, inspector: sa.Inspector, table: str) -> TableDefinition:
    columns = {
        it["name"]: ColumnDefinition(_type(connection, table, it), bool(it["nullable"]), _default(it["default"]))
        for it in inspector.get_columns(table)
    }
    unique = {", ".join(filter(None, it["column_names"])) for it in inspector.get_unique_constraints(table)}
    return TableDefinition(
        columns,
        tuple(inspector.get_pk_constraint(table)["constrained_columns"]),
        frozenset(unique),
        frozenset(_indices(connection, inspector, table)),
        frozenset(
            _foreign({**it, "options": _ends(connection, table, it)}) for it in inspector.get_foreign_keys(table)
        ),
        frozenset(_plain(str(it["sqltext"])) for it in inspector.get_check_constraints(table)),
    )


def _type(connection: sa.Connection, table: str, column: Any) -> str:
    if not isinstance(column["type"], sa.types.NullType):
        return str(column["type"].compile(connection.dialect))
    if connection.dialect.name == "sqlite":
        return "no type"
    own = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attname = :name"
    quoted = connection.dialect.identifier_preparer.quote(table)
    return str(connection.scalar(sa.text(own), {"table": quoted, "name": column["name"]}))


def _default(text: str | None) -> str | None:
    """A default without the casts that PostgreSQL adds to it; a sequence's is that of numbering, which is judged apart."""
    if text is None or text.startswith("nextval("):
        return None
    cast = _CAST_TEXT.fullmatch(text)
    return cast[1] if cast else text


def _indices(connection: sa.Connection, inspector: sa.Inspector, table: str) -> Iterator[str]:
    found = inspector.get_indexes(table)
    for it in found:
        if not it.get("duplicates_constraint"):
            options = it.get("dialect_options", {}).items()
            where = next((str(said) for name, said in options if name.endswith("_where")), "")
            yield _index(it["unique"], ", ".join(map(str, it.get("expressions") or it["column_names"])), where)
    if connection.dialect.name == "sqlite":
        yield from _over_expressions(connection, table, [it["name"] for it in found])


def _over_expressions(connection: sa.Connection, table: str, known: Sequence[str | None]) -> Iterator[str]:
    """The indices of a SQLite table that the inspector leaves out: those over expressions."""
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL"
    for name, sql in connection.execute(sa.text(asked), {"table": table}):
        if name not in known:
            match = _INDEX.fullmatch(sql)
            yield _index(bool(match[1]), match[2], match[3] or "") if match else sql


def _index(unique: bool, of: str, where: str) -> str:
    return _plain(f"{'unique ' if unique else ''}{of}{f' where {where}' if where else ''}")


def _ends(connection: sa.Connection, table: str, it: Any) -> dict[str, str]:
    """What happens to a row when the one that it names goes; the inspector does not see it in every SQLite table."""
    if connection.dialect.name != "sqlite":
        return dict(it.get("options", {}))
    quoted = connection.dialect.identifier_preparer.quote(table)
    for row in connection.exec_driver_sql(f"PRAGMA foreign_key_list({quoted})").mappings():
        if row["from"] == it["constrained_columns"][0] and row["table"] == it["referred_table"]:
            return {"ondelete": row["on_delete"], "onupdate": row["on_update"]}
    return {}


def _foreign(it: Any) -> str:
    ours, theirs = ", ".join(it["constrained_columns"]), ", ".join(it["referred_columns"])
    ends = {name: action for name, action in it["options"].items() if name in ("ondelete", "onupdate")}
    said = "".join(f" {name[2:]} {action.lower()}" for name, action in sorted(ends.items()) if action != "NO ACTION")
    return f"{ours} -> {it['referred_table']}.{theirs}{said}"


def _plain(sql: str) -> str:
    return " ".join(sql.split())


def read_numbering(store: Store, wanted: Iterable[str] | None = None) -> tuple[Numbering, ...]:
    """The next and the highest number of the `wanted` columns (`table.column`), or of all that the store numbers.

    HarnessError for a wanted column that is not there.
    """
    with store.reading() as connection:
        tables = sa.inspect(connection).get_table_names()
        read = _of_sqlite if connection.dialect.name == "sqlite" else _of_postgresql
        if wanted is None:
            found = [it for table in sorted(tables) for it in read(connection, table, None)]
            return tuple(it for it in found if it.next is not None)
        return tuple(it for name in wanted for it in _wanted(connection, tables, name, read))


def _wanted(connection: sa.Connection, tables: Sequence[str], name: str, read: Any) -> Sequence[Numbering]:
    table, _, column = name.rpartition(".")
    if table not in tables:
        raise HarnessError(f"state.sequences: {name}: no table {table}; there are {', '.join(sorted(tables))}")
    if column not in {it["name"] for it in sa.inspect(connection).get_columns(table)}:
        raise HarnessError(f"state.sequences: {name}: table {table} has no column {column}")
    return read(connection, table, column) or [Numbering(table, column, None, _highest(connection, table, column))]


def _highest(connection: sa.Connection, table: str, column: str) -> int | None:
    found = connection.scalar(sa.select(sa.func.max(sa.column(column))).select_from(sa.table(table)))
    return found if isinstance(found, int) else None


def _of_sqlite(connection: sa.Connection, table: str, column: str | None) -> list[Numbering]:
    """A whole-numbered key of one column is the row's number; with AUTOINCREMENT no number is given out twice."""
    key = sa.inspect(connection).get_pk_constraint(table)["constrained_columns"]
    types = {it["name"]: str(it["type"]).upper() for it in sa.inspect(connection).get_columns(table)}
    if len(key) != 1 or types[key[0]] != "INTEGER" or column not in (None, key[0]):
        return []
    highest = _highest(connection, table, key[0])
    given = highest or 0
    if "sqlite_sequence" in _names(connection):
        numbers = sa.table("sqlite_sequence", sa.column("name"), sa.column("seq"))
        given = max(given, connection.scalar(sa.select(numbers.c.seq).where(numbers.c.name == table)) or 0)
    return [Numbering(table, key[0], given + 1, highest)]


def _names(connection: sa.Connection) -> set[str]:
    return set(connection.scalars(sa.select(sa.column("name")).select_from(sa.table("sqlite_master"))))


def _of_postgresql(connection: sa.Connection, table: str, column: str | None) -> list[Numbering]:
    """By a sequence of the column's own, or by one that its default takes numbers from."""
    found = []
    quoted = connection.dialect.identifier_preparer.quote(table)
    for it in sa.inspect(connection).get_columns(table):
        name, default = it["name"], _NEXT_OF.fullmatch(it["default"] or "")
        if column in (None, name):
            own = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(quoted, name)))
            if sequence := own or (default and default[1]):
                found.append(Numbering(table, name, _next(connection, sequence), _highest(connection, table, name)))
    return found


def _next(connection: sa.Connection, sequence: str) -> int:
    state = sa.select(sa.column("last_value", sa.BigInteger), sa.column("is_called", sa.Boolean))
    last, called = connection.execute(state.select_from(sa.text(sequence))).one()
    step = connection.scalar(
        sa.select(sa.column("seqincrement"))
        .select_from(sa.table("pg_sequence"))
        .where(sa.column("seqrelid") == sa.cast(sequence, REGCLASS))
    )
    return int(last) + (int(step or 1) if called else 0)
