"""Tables of PostgreSQL databases, each read where it lies and in one transaction; it writes to none."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import ibis
import pyarrow
from ibis.common.exceptions import IbisError

from godwit.plan import RowSource
from godwit.state.rows.sources import Opened, Place, table_of, without_passwords
from godwit.verdict import HarnessError


@dataclass(frozen=True, slots=True)
class Database:
    """One connection, whose reads all see one moment until `again` is called."""

    backend: Any

    @property
    def major(self) -> int:
        """The server's major version: hashes of two versions need not be the same."""
        return int(self.backend.con.info.server_version) // 10_000

    def open(self, place: Place, source: RowSource) -> Opened:
        """The rows of a table or query."""
        if source.query:
            return Opened("postgresql", self.backend, self.backend.sql(source.query))
        return Opened("postgresql", self.backend, table_of(self.backend, place, source))

    def again(self) -> None:
        """See what was written meanwhile."""
        self.backend.con.rollback()
        self.backend.con.execute("SELECT 1")

    def close(self) -> None:
        """Give the connection back."""
        self.backend.con.rollback()
        self.backend.disconnect()


def connect(place: Place) -> Database:
    """Open a database by its URL and begin to read; HarnessError when it cannot be reached."""
    import psycopg  # takes 14 MB, which who compares files need not pay

    try:
        backend = ibis.connect(place.at)
    except psycopg.Error as error:
        raise HarnessError(f"{place.shown}: {error}") from None
    backend.con.autocommit = False
    backend.con.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    backend.con.execute("SELECT 1")
    return Database(backend)


@contextmanager
def unsorted(opened: Opened) -> Iterator[None]:
    """Meanwhile PostgreSQL groups without sorting: it takes each value of an expression for rare, and would sort the table."""
    if opened.engine != "postgresql":
        yield
        return
    opened.backend.con.execute("SET LOCAL enable_sort = off")
    yield
    opened.backend.con.execute("SET LOCAL enable_sort = on")


@contextmanager
def guarded(of_what: str) -> Iterator[None]:
    """Whatever an engine refuses becomes one error that says where."""
    try:
        with warnings.catch_warnings():
            # Ibis calls DuckDB and pandas by names that are to go; our users cannot help it.
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    except _refusals() as error:
        said = without_passwords(" ".join(str(error).split()))[:400] or type(error).__name__
        raise HarnessError(f"{of_what}: {said}") from None


def _refusals() -> tuple[type[Exception], ...]:
    """What engines refuse with; psycopg's only where it has been loaded to reach a database."""
    psycopg = sys.modules.get("psycopg")
    return (duckdb.Error, IbisError, pyarrow.ArrowInvalid, OSError, *([psycopg.Error] if psycopg else []))
