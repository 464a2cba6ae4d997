"""V3's store: PostgreSQL through a pool, or a SQLite file where that is asked for; never the one in place of the other."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

Row = dict[str, Any]
TIMEOUT_S = 3.0
EVENTS_LOCK = 530


class StoreError(ValueError):
    """A store URL that cannot be used, or a store that does not answer."""


class Transaction(Protocol):
    """One transaction: parameters are written %s."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Executes a statement and returns its rows."""

    def lock_events(self) -> None:
        """Makes events come in the order of their numbers: until it commits, nobody else adds one."""


class Store(Protocol):
    """What the service needs of a store."""

    kind: str
    is_fallback: bool
    locked: str
    skipping: str
    statements: int

    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction that is committed at the end, and undone by any exception."""

    def connections(self) -> int:
        """How many connections are open."""

    def close(self) -> None:
        """Ends all connections."""


def open_store(url: str, pool_size: int) -> Store:
    """The store at a URL; raises StoreError."""
    if url.startswith("sqlite:////"):
        return SqliteStore(Path(url.removeprefix("sqlite:///")))
    if url.startswith(("postgresql://", "postgresql+psycopg://")):
        return PostgresStore(url.replace("+psycopg", "", 1), pool_size)
    raise StoreError(f"store {url!r} cannot be used; write postgresql://user:password@host/name or sqlite:////path.db")


class SqliteStore:
    """One file, one connection, one transaction at a time."""

    kind = "sqlite"
    is_fallback = True
    locked = skipping = ""
    statements = 0

    def __init__(self, path: Path) -> None:
        try:
            self._connection = sqlite3.connect(path, timeout=TIMEOUT_S, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
                self._connection.execute(f"PRAGMA {pragma}").close()
        except sqlite3.Error as error:
            raise StoreError(f"SQLite store {path}: {error}") from error
        self._connection.row_factory = sqlite3.Row
        self._connection.set_trace_callback(self._count)
        self._turn = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator["SqliteStore"]:
        """One transaction; it holds the write lock from its beginning."""
        with self._turn:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Executes a statement in the transaction and returns its rows."""
        return [dict(row) for row in self._connection.execute(sql.replace("%s", "?"), tuple(values))]

    def _count(self, statement: str) -> None:
        self.statements += not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK"))

    def lock_events(self) -> None:
        """There is only one transaction at a time."""

    def connections(self) -> int:
        """One."""
        return 1

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()


class PostgresStore:
    """A database behind a pool of connections."""

    kind = "postgresql"
    is_fallback = False
    locked = " FOR UPDATE"
    skipping = " FOR UPDATE SKIP LOCKED"
    statements = 0

    def __init__(self, url: str, pool_size: int) -> None:
        # Only who has PostgreSQL pays for its client.
        import psycopg
        from psycopg.rows import dict_row
        from psycopg_pool import ConnectionPool, PoolTimeout

        self._counting = threading.Lock()
        try:
            # The pool would tell of each of its attempts; that there is nobody is said once, and at once.
            psycopg.connect(url, connect_timeout=int(TIMEOUT_S)).close()
            self._pool: Any = ConnectionPool(
                url, min_size=1, max_size=pool_size, timeout=TIMEOUT_S, open=False,
                kwargs={"row_factory": dict_row, "connect_timeout": int(TIMEOUT_S)},
                check=ConnectionPool.check_connection,
            )  # fmt: skip
            self._pool.open(wait=True, timeout=TIMEOUT_S)
        except (psycopg.Error, PoolTimeout) as error:
            raise StoreError(f"PostgreSQL does not answer: {str(error).splitlines()[0]}") from error

    @contextmanager
    def transaction(self) -> Iterator["PostgresTransaction"]:
        """One transaction on a connection of the pool; waits for one to be free."""
        with self._pool.connection() as connection:
            yield PostgresTransaction(connection, self._count)

    def _count(self) -> None:
        with self._counting:
            self.statements += 1

    def connections(self) -> int:
        """Connections of the pool, in use or not."""
        return int(self._pool.get_stats()["pool_size"])

    def close(self) -> None:
        """Ends all connections."""
        self._pool.close()


class PostgresTransaction:
    """One transaction on one connection."""

    def __init__(self, connection: Any, count: Callable[[], None]) -> None:
        self._connection, self._count = connection, count

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """Executes a statement and returns its rows."""
        self._count()
        cursor = self._connection.execute(sql, values)
        return list(cursor) if cursor.description else []

    def lock_events(self) -> None:
        """A lock of the database, for whichever instance of the service."""
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (EVENTS_LOCK,))
