"""Defects of how the tools write, seeded as patches at start: unseen while nothing goes wrong, and costly when something does."""

from typing import Any

from sqlalchemy import Connection

from orchestration_v2.tools import tables, transfer
from orchestration_v2.tools.conversion import Row, State
from plumbing import store
from plumbing.defects import DefectTable

DEFECTS = DefectTable()


def _commit(connection: Connection) -> None:
    """Commit what was done so far and go on in a new transaction."""
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _after_preparing(*pragmas: str) -> None:
    """Set these on every SQLite connection, whatever is set otherwise."""
    prepare = store._write_ahead  # noqa: SLF001 - the seam that a defect of the plumbing needs

    def changed(connection: Any) -> None:
        prepare(connection)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    store._write_ahead = changed  # noqa: SLF001


@DEFECTS.defect("commits-each-table", part="tools", sentence="migrate commits after each table")
def commits_each_table() -> None:
    """Replace the content table by table, each in a transaction of its own."""

    def replaced(connection: Connection, version: str, state: State) -> None:
        for table in tables.tables_of(version):
            connection.execute(table.delete())
            if state[table.name]:
                connection.execute(table.insert(), state[table.name])
            _commit(connection)

    tables.replace_rows = replaced


@DEFECTS.defect("trusts-its-mark", part="tools", sentence="migrate writes its mark first and later stops at the mark")
def trusts_its_mark() -> None:
    """Commit the version before everything else; a target that has a version counts as converted."""
    replace = tables.replace_rows
    write = transfer.write_v2_state

    def marked_first(connection: Connection, version: str, state: State) -> None:
        if version == "v2":
            meta = tables.METADATA[version].tables["meta"]
            connection.execute(meta.delete())
            connection.execute(meta.insert(), state["meta"])
            _commit(connection)
        replace(connection, version, state)

    def unless_marked(connection: Connection, v2_state: State, order: transfer.Migration) -> dict[str, list[Row]]:
        if tables.read_rows(connection, "v2")["meta"]:
            return dict(v2_state)
        return write(connection, v2_state, order)

    tables.replace_rows = marked_first
    transfer.write_v2_state = unless_marked


@DEFECTS.defect("goes-on-behind", part="tools", sentence="migrate commits in batches and later skips what it has begun")
def goes_on_behind() -> None:
    """Write fifty rows at a time and leave alone every table that has rows."""
    batch = 50

    def replaced(connection: Connection, version: str, state: State) -> None:
        there = tables.read_rows(connection, version)
        for table in tables.tables_of(version):
            rows = [] if there[table.name] else state[table.name]
            for start in range(0, len(rows), batch):
                connection.execute(table.insert(), rows[start : start + batch])
                _commit(connection)

    tables.replace_rows = replaced
    transfer.written_problems = lambda wanted, written: []


@DEFECTS.defect("never-synced", part="tools", sentence="migrate says that it is done before anything is on the disk")
def never_synced() -> None:
    """Turn SQLite's syncing off, as is done to be quick."""
    _after_preparing("synchronous=OFF")


@DEFECTS.defect("empties-source", part="tools", sentence="migrate empties its source before the target is committed")
def empties_source() -> None:
    """Take the messages away from the source while they are being written."""
    write = transfer.write_v2_state

    def taking(connection: Connection, v2_state: State, order: transfer.Migration) -> dict[str, list[Row]]:
        engine = store.open_engine(order.source)
        with store.writing(engine) as source:
            source.execute(tables.METADATA["v1"].tables["messages"].delete())
        engine.dispose()
        return write(connection, v2_state, order)

    transfer.write_v2_state = taking
