"""Opens the engine of a store by URL; refuses every kind of store but SQLite files and PostgreSQL through psycopg."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

WRITES = "this_transaction_writes"
BUSY_TIMEOUT_MS = 3000
CONNECT_TIMEOUT_S = 3

# Ids are compared by code point on every store, whatever the database's own language is.
ID_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


class StoreError(ValueError):
    """A store URL that cannot be used; the message says what is allowed."""


def open_engine(url: str) -> sa.Engine:
    """An engine for sqlite:////absolute/path.db or postgresql+psycopg://user:password@host:port/name.

    Nothing is connected yet. Raises StoreError for any other URL and for a SQLite file in a missing folder.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreError(f"store {url!r} is not a URL; write sqlite:////absolute/path.db") from error
    if parsed.drivername == "sqlite":
        return _sqlite_engine(parsed)
    if parsed.drivername == "postgresql+psycopg":
        return sa.create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_TIMEOUT_S})
    raise StoreError(f"store kind {parsed.drivername!r} is not supported; use sqlite or postgresql+psycopg")


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that will write: SQLite takes its write lock at once, so that reads inside it stay true."""
    with engine.connect() as connection:
        connection = connection.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    if not url.database or not Path(url.database).is_absolute():
        raise StoreError(f"SQLite store {url.database!r} needs an absolute path; write sqlite:////absolute/path.db")
    if not Path(url.database).parent.is_dir():
        raise StoreError(f"the folder of SQLite store {url.database} does not exist; create it first")
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Python's driver would begin transactions by its own rules; with None it leaves them to us.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    # SQLite does not wait for the lock that this needs, and two services may begin on one new file.
    ends = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
