"""Opens stores for the tools and reads whole tables; refuses a store that does not hold what is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import sqlalchemy as sa

from plumbing.store import StoreError, open_engine
from v3_roadmap.tools.refusals import RefusedError

Rows: TypeAlias = list[dict[str, Any]]
TABLES = ("registry_agents", "coordination_agents", "coordination_work", "xavos_log")
"""The tables of V2, in the order in which they are written."""


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    """The engine of a store, disposed of at the end; what goes wrong in it is a refusal."""
    try:
        engine = open_engine(url)
    except StoreError as error:
        raise RefusedError(str(error)) from None
    try:
        yield engine
    except sa.exc.SQLAlchemyError as error:
        raise RefusedError(f"{engine.url.render_as_string()}: {str(error).splitlines()[0]}") from None
    finally:
        engine.dispose()


def read_tables(engine: sa.Engine, names: tuple[str, ...] = TABLES) -> dict[str, Rows]:
    """All rows of the named tables as of one moment, in the order of their keys."""
    metadata = sa.MetaData()
    with engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
        if missing := [name for name in names if name not in there]:
            raise RefusedError(f"{engine.url.render_as_string()} is no store of V2: it has no table {missing[0]}")
        metadata.reflect(connection, only=names)
        return {name: _rows(connection, metadata.tables[name]) for name in names}


def _rows(connection: sa.Connection, table: sa.Table) -> Rows:
    query = table.select().order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(query).mappings()]
