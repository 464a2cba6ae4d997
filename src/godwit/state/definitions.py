"""Reads the shape of a store's tables and the numbers that they give out next; reads no rows but their highest number."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import REGCLASS

from godwit.state.stores import Store
from godwit.verdict import ColumnDefinition, HarnessError, Numbering, TableDefinition


def read_definitions(store: Store) -> dict[str, TableDefinition]:
    """The shape of every table, by name."""
    with store.reading() as connection:
        inspector = sa.inspect(connection)
        return {name: _shape(connection, inspector, name) for name in sorted(inspector.get_table_names())}


def _shape(connection: sa.Connection, inspector: sa.Inspector, table: str) -> TableDefinition:
    columns = {
        it["name"]: ColumnDefinition(_type(connection, it["type"]), bool(it["nullable"]), _default(it["default"]))
        for it in inspector.get_columns(table)
    }
    unique = {", ".join(filter(None, it["column_names"])) for it in inspector.get_unique_constraints(table)}
    indices = [it for it in inspector.get_indexes(table) if not it.get("duplicates_constraint")]
    return TableDefinition(
        columns,
        tuple(inspector.get_pk_constraint(table)["constrained_columns"]),
        frozenset(unique),
        frozenset(_index(it) for it in indices),
        frozenset(
            _foreign({**it, "options": _ends(connection, table, it)}) for it in inspector.get_foreign_keys(table)
        ),
        frozenset(_plain(str(it["sqltext"])) for it in inspector.get_check_constraints(table)),
    )


def _type(connection: sa.Connection, kind: sa.types.TypeEngine[Any]) -> str:
    try:
        return kind.compile(connection.dialect)
    except sa.exc.CompileError:
        return "no type"


def _default(text: str | None) -> str | None:
    """A default without the casts that PostgreSQL adds to it; a sequence's is that of numbering, which is judged apart."""
    if text is None or text.startswith("nextval("):
        return None
    return text.partition("::")[0] if text.startswith("'") else text


def _index(it: Any) -> str:
    names = ", ".join(name or "(expression)" for name in it["column_names"])
    return f"unique {names}" if it["unique"] else names


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
    found = []
    for name in [column] if column else [it["name"] for it in sa.inspect(connection).get_columns(table)]:
        quoted = connection.dialect.identifier_preparer.quote(table)
        sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(quoted, name)))
        if sequence:
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
