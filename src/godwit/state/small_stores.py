"""Makes and reads small SQLite stores, quickly because there are thousands; it keeps none and judges no row."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from godwit.state.copies import clone
from godwit.state.generating import DrawnState
from godwit.state.stores import open_engine, shown
from godwit.state.table_shapes import read_shapes
from godwit.verdict import HarnessError, TableShape

Snapshot = dict[str, list[dict[str, Any]]]


class ImpossibleStateError(Exception):
    """The store's own constraints do not let these rows in."""


class SmallStores:
    """Stores that have the schema of the one at `url`; `folder` holds the template that they are copied from."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.shapes = read_shapes(url)
        self._template = folder / "template.db"
        clone(url, self.place(self._template))
        self.kept = self.read(self._template)
        _empty(self.place(self._template), [table.name for table in reversed(self.shapes)])

    def place(self, path: Path) -> str:
        """How a tool is told of a store in a file."""
        return f"sqlite:///{path}"

    def make(self, state: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> None:
        """A new store with these rows, in their order; ImpossibleStateError if its own constraints refuse them."""
        shutil.copyfile(self._template, path)
        engine = _quick_engine(self.place(path))
        try:
            with engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.executescript(
                    "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; PRAGMA foreign_keys=ON; BEGIN"
                )
                for table, rows in state.items():
                    if rows:
                        driver.executemany(_insert(table, rows[0]), [tuple(row.values()) for row in rows])
                driver.execute("COMMIT")
        except Exception as error:
            raise ImpossibleStateError(f"{shown(engine.url)}: {error}") from error
        finally:
            engine.dispose()

    def read(self, path: Path) -> Snapshot:
        """All rows of all tables, as the driver gives them; nothing where there is no store."""
        if not path.is_file() or not path.stat().st_size:
            return {}
        engine = _quick_engine(self.place(path))
        try:
            with engine.connect() as connection:
                return {name: _rows(connection, name) for name in _names(connection)}
        except sa.exc.SQLAlchemyError as error:
            raise HarnessError(f"{shown(engine.url)}: {getattr(error, 'orig', None) or error}") from error
        finally:
            engine.dispose()

    def shapes_of(self, path: Path) -> tuple[TableShape, ...]:
        """What a store says of its own tables."""
        return read_shapes(self.place(path))

    def remove(self, path: Path) -> None:
        """Delete a store and what its journals left."""
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink()


def reversed_rows(state: DrawnState) -> DrawnState:
    """The same rows in the opposite order."""
    return {name: list(reversed(rows)) for name, rows in state.items()}


def _quick_engine(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")


def _names(connection: sa.Connection) -> list[str]:
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [str(name) for (name,) in found if not str(name).startswith("sqlite_")]


def _rows(connection: sa.Connection, table: str) -> list[dict[str, Any]]:
    found = connection.exec_driver_sql(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - its name is quoted
    return [dict(row) for row in found.mappings()]


def _insert(table: str, row: Mapping[str, Any]) -> str:
    columns, marks = ", ".join(map(_quoted, row)), ", ".join("?" * len(row))
    return f"INSERT INTO {_quoted(table)} ({columns}) VALUES ({marks})"  # noqa: S608 - names are quoted, values are bound


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _empty(url: str, tables: Sequence[str]) -> None:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA journal_mode=DELETE")  # type: ignore[union-attr]
        with engine.begin() as connection:
            for table in tables:
                connection.exec_driver_sql(f"DELETE FROM {_quoted(table)}")  # noqa: S608 - its name is quoted
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.connection.driver_connection.execute("VACUUM")  # type: ignore[union-attr]
    finally:
        engine.dispose()
