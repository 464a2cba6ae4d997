"""Reads and replaces all tables of a store at once; knows no meaning of rows and never mixes the two versions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from orchestration_v2.baseline import store as v1_store
from orchestration_v2.candidate import store as v2_store
from orchestration_v2.tools.conversion import Row, State
from orchestration_v2.tools.refusals import Refused
from plumbing.store import StoreError, open_engine, writing

METADATA: Mapping[str, MetaData] = {"v1": v1_store.metadata, "v2": v2_store.metadata}
MARKS = {"v1": "agents", "v2": "work_items"}


@contextmanager
def open_store(url: str, version: str, *, create: bool) -> Iterator[Engine]:
    """Give an engine on a store of `version`; with `create` its tables are made when they are missing.

    Refuses a malformed or unreachable store, one that is not there (without `create`) and one of the other version.
    """
    engine = _engine(url, create=create)
    try:
        _check_version(engine, version, create=create)
        yield engine
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise Refused(f"{masked(url)}: {reason}") from error
    finally:
        engine.dispose()


def masked(url: str) -> str:
    """Return a store URL fit for printing: without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url


def _engine(url: str, *, create: bool) -> Engine:
    try:
        parts = make_url(url)
    except ArgumentError as error:
        raise Refused(
            f"'{url}' is no store; write sqlite:////abs/path.db or postgresql+psycopg://u:p@h:p/db"
        ) from error
    if parts.get_backend_name() == "sqlite":
        path = Path(parts.database or "")
        if not create and not path.is_file():
            raise Refused(f"{masked(url)}: there is no such file")
    try:
        return open_engine(url)
    except StoreError as error:
        raise Refused(str(error)) from error


def _check_version(engine: Engine, version: str, *, create: bool) -> None:
    there = set(inspect(engine).get_table_names())
    other = "v1" if version == "v2" else "v2"
    where = masked(engine.url.render_as_string(hide_password=True))
    if MARKS[other] in there:
        raise Refused(f"{where}: is a store of {other}; this needs one of {version}")
    if create:
        METADATA[version].create_all(engine)
        return
    missing = sorted(set(METADATA[version].tables) - there)
    if missing:
        raise Refused(f"{where}: is no store of {version}: it lacks the tables {', '.join(missing)}")


def tables_of(version: str) -> tuple[Table, ...]:
    """Return the tables of a version, sorted by name."""
    return tuple(table for _, table in sorted(METADATA[version].tables.items()))


def read_rows(connection: Connection, version: str) -> dict[str, list[Row]]:
    """Return all rows of all tables as the connection sees them, each table sorted by its key."""
    return {
        table.name: [dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()]
        for table in tables_of(version)
    }


def read_state(url: str, version: str) -> dict[str, list[Row]]:
    """Return the whole state of a store, read in one transaction that cannot write."""
    with open_store(url, version, create=False) as engine, engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        read_only = "PRAGMA query_only = ON" if sqlite else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        connection.execute(text(read_only))
        return read_rows(connection, version)


def replace_rows(connection: Connection, version: str, state: State) -> None:
    """Make `state` the whole content of the store within the connection's transaction."""
    for table in tables_of(version):
        connection.execute(table.delete())
    for table in tables_of(version):
        if state[table.name]:
            connection.execute(table.insert(), state[table.name])
        _continue_numbers(connection, table)


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Let PostgreSQL go on counting after the rows that were written with their numbers."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None and table.name == "event_log":
        name = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
        top = f"(SELECT max({column.name}) FROM {table.name})"  # noqa: S608 - names of our own tables
        connection.execute(
            text(f"SELECT setval({name}, coalesce({top}, 1), {top} IS NOT NULL) WHERE {name} IS NOT NULL")
        )


def write_state(url: str, version: str, state: State) -> None:
    """Replace the whole content of a store in one transaction; its tables are made when they are missing."""
    with open_store(url, version, create=True) as engine, writing(engine) as connection:
        replace_rows(connection, version, state)
