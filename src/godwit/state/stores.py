"""Reads the rows of a store as the driver gives them, SQLite or PostgreSQL; never creates a store that is not there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from godwit.plan import TableRef
from godwit.verdict import HarnessError

_AS_IS = {"no_parameters": True}
"""So that a percent sign in a plan's SQL stays one."""


class Store:
    """One store by its URL. Opening is lazy; every method raises HarnessError when the store cannot be used."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = open_engine(url)

    def rows(self, table: TableRef | str, computed: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """All rows of a table, or of the part a TableRef names, ordered by its key (a name: by its primary key).

        `computed` maps names of further cells to the SQL expressions that give them.
        """
        with self.reading() as connection:
            return _rows(connection, table, computed or {})

    def columns(self) -> dict[str, tuple[str, ...]]:
        """The names of all columns of all tables."""
        with self.reading() as connection:
            inspector = sa.inspect(connection)
            tables = sorted(inspector.get_table_names())
            return {table: tuple(str(it["name"]) for it in inspector.get_columns(table)) for table in tables}

    def listed(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows that a query gives, in its order."""
        with self.reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql, execution_options=_AS_IS)]

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """All rows of all tables as they were at one moment."""
        with self.reading() as connection:
            return {name: _rows(connection, name) for name in sorted(sa.inspect(connection).get_table_names())}

    def scalar(self, sql: str) -> Any:
        """The single value that a query gives; None when it gives no row."""
        with self.reading() as connection:
            found = connection.exec_driver_sql(sql, execution_options=_AS_IS).fetchmany(2)
        if len(found) > 1 or any(len(row) != 1 for row in found):
            raise HarnessError(f"{sql!r} gives more than one value; a single one can be compared")
        return found[0][0] if found else None

    def execute(self, sql: str) -> None:
        """Carry out one or more statements, all or none."""
        with self._guarded(), self._engine.begin() as connection:
            for statement in _statements(sql):
                connection.exec_driver_sql(statement, execution_options=_AS_IS)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection on which everything is read as of one moment; nothing is written on it."""
        with self._guarded(), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        require_file(self._engine.url)
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            raise HarnessError(f"{shown(self._engine.url)}: {getattr(error, 'orig', None) or error}") from error


def open_engine(url: str) -> sa.Engine:
    """An engine for SQLite or PostgreSQL that reads in one transaction; HarnessError for any other URL."""
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise HarnessError(f"{shown(parsed)}: a store is sqlite:///FILE or postgresql+psycopg://...")
        engine = sa.create_engine(parsed)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise HarnessError(
            f"a store is sqlite:///FILE or postgresql+psycopg://...; this one cannot be opened: {error}"
        ) from None
    if parsed.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _leave_transactions_to_us)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def require_file(url: sa.URL) -> None:
    """Refuse a SQLite file that is not there: reading it would make an empty one and call it a store."""
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise HarnessError(f"{shown(url)}: there is no such file")


def shown(url: sa.URL) -> str:
    """A store's URL without its password."""
    return url.render_as_string(hide_password=True)


def _leave_transactions_to_us(connection: Any, _: Any) -> None:
    # The driver begins no transaction for a SELECT, so two tables of one snapshot could come from two moments.
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=10000")


def _statements(sql: str) -> list[str]:
    """Statements split at semicolons outside quotes; SQLite's driver takes only one at a time."""
    parts, quote, start = [], "", 0
    for index, letter in enumerate(sql):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == ";":
            parts.append(sql[start:index])
            start = index + 1
    return [part for part in (*parts, sql[start:]) if part.strip()]


def _rows(
    connection: sa.Connection, ref: TableRef | str, computed: Mapping[str, str] = MappingProxyType({})
) -> list[dict[str, Any]]:
    name = ref if isinstance(ref, str) else ref.table
    table = _table(connection, name)
    key = _key(table, ref)
    # Uncoerced, so that a text which only looks like a date arrives as it is stored.
    cells = [sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in table.columns]
    cells += [sa.literal_column(f"({sql})").label(label) for label, sql in computed.items()]
    query = sa.select(*cells).select_from(table)
    if not isinstance(ref, str):
        for column, value in ref.where.items():
            cell = _column(table, column)
            query = query.where(cell.in_(value) if isinstance(value, list | tuple) else cell == value)
    found = connection.execute(query)
    rows = [dict(row) for row in found.mappings()]
    return sorted(rows, key=lambda row: [_order(row[column]) for column in key])


def _table(connection: sa.Connection, name: str) -> sa.Table:
    known = sa.inspect(connection).get_table_names()
    if name not in known:
        raise HarnessError(
            f"{shown(connection.engine.url)}: no table {name}; there are {', '.join(sorted(known)) or 'none'}"
        )
    return sa.Table(name, sa.MetaData(), autoload_with=connection, resolve_fks=False)


def _key(table: sa.Table, ref: TableRef | str) -> Sequence[str]:
    if isinstance(ref, str):
        return [column.name for column in table.primary_key.columns] or [column.name for column in table.columns]
    return [_column(table, name).name for name in ref.key]


def _column(table: sa.Table, name: str) -> sa.Column[Any]:
    if name not in table.columns:
        raise HarnessError(f"table {table.name} has no column {name}; it has {', '.join(table.columns.keys())}")
    return table.columns[name]


def _order(value: Any) -> tuple[int, Any]:
    """One order for both databases, whose own collations differ: nothing, numbers, then text by code points."""
    if value is None:
        return 0, 0
    if isinstance(value, int | float | Decimal):
        return 1, value
    return 2, str(value)
