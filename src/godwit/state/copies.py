"""Copies a whole store into a new one; never writes over what is there."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from godwit.state.stores import open_engine, require_file, shown
from godwit.verdict import HarnessError

_CHUNK = 1000


def clone(url: str, to: str) -> None:
    """Copy the store at `url` as it is now into a new store at `to`; HarnessError when that cannot be done.

    Between SQLite files the copy is exact, pages and all. Otherwise tables, primary keys, indices of whole columns and rows
    are copied, without defaults and foreign keys.
    """
    source, target = open_engine(url), open_engine(to)
    try:
        require_file(source.url)
        _require_new(target)
        if source.dialect.name == target.dialect.name == "sqlite":
            _copy_pages(source, target)
        else:
            _copy_rows(source, target)
    except sa.exc.SQLAlchemyError as error:
        said = getattr(error, "orig", None) or error
        raise HarnessError(f"{shown(source.url)} could not be copied to {shown(target.url)}: {said}") from error
    finally:
        source.dispose()
        target.dispose()


def _require_new(target: sa.Engine) -> None:
    if target.dialect.name == "sqlite":
        file = Path(str(target.url.database))
        if file.exists() and file.stat().st_size:
            raise HarnessError(f"{shown(target.url)} is there already; a copy goes into a new store")
        file.parent.mkdir(parents=True, exist_ok=True)
    elif names := sa.inspect(target).get_table_names():
        raise HarnessError(
            f"{shown(target.url)} has tables already ({', '.join(sorted(names))}); a copy goes into an empty one"
        )


def _copy_pages(source: sa.Engine, target: sa.Engine) -> None:
    read, write = source.raw_connection(), target.raw_connection()
    try:
        read.driver_connection.backup(write.driver_connection)  # type: ignore[union-attr]
    finally:
        read.close()
        write.close()


def _copy_rows(source: sa.Engine, target: sa.Engine) -> None:
    with source.connect() as read, target.begin() as write:
        if source.dialect.name == "postgresql":
            read.execution_options(isolation_level="REPEATABLE READ")
        found = sa.MetaData()
        found.reflect(read)
        for table in found.tables.values():
            copy = _plain(table)
            copy.create(write)
            rows = read.execute(sa.select(table))
            for chunk in rows.mappings().partitions(_CHUNK):
                write.execute(copy.insert(), [dict(row) for row in chunk])


def _plain(table: sa.Table) -> sa.Table:
    """The table in words that every database knows."""
    columns = [
        sa.Column(column.name, _plain_type(column), primary_key=column.primary_key, nullable=column.nullable)
        for column in table.columns
    ]
    copy = sa.Table(table.name, sa.MetaData(), *columns)
    for index in filter(_is_whole, table.indexes):
        sa.Index(index.name, *(copy.c[column.name] for column in index.columns), unique=index.unique)
    return copy


def _is_whole(index: sa.Index) -> bool:
    """Whether an index is of columns as they are, and of all rows."""
    partial = any(name.endswith("_where") and given is not None for name, given in index.dialect_kwargs.items())
    return not partial and all(isinstance(each, sa.Column) for each in index.expressions)


def _plain_type(column: sa.Column[Any]) -> sa.types.TypeEngine[Any]:
    """The generic type, without a collation: its name means nothing to another database."""
    generic = column.type.as_generic()
    if isinstance(generic, sa.String):
        generic.collation = None
    return generic
