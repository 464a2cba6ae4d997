"""Seeded defects of the tools: patches to which the tools' own validation is blind, so that others must notice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from orchestration_v2.tools import backup as backing_up
from orchestration_v2.tools import conversion, problems, restore, rollback, tables, transfer, validation
from orchestration_v2.tools.conversion import Row, State
from plumbing.defects import DefectTable

DEFECTS = DefectTable()
HOUR_S = 3600


def _nothing(*_: object, **__: object) -> list[str]:
    return []


def _change(table: str, change: Any) -> None:
    """Let every conversion go through `change(rows)` for one table of v2."""
    convert = conversion.convert_state

    def changed(v1: State) -> dict[str, list[Row]]:
        v2 = convert(v1)
        return {**v2, table: change(v2[table])}

    conversion.convert_state = changed
    validation.compare_with_source = _nothing


@DEFECTS.defect("loses-rows", part="tools", sentence="migrate drops tasks that nobody has")
def loses_rows() -> None:
    """Drop the tasks without a role."""
    _change("work_items", lambda rows: [row for row in rows if row["kind"] != "task" or row["role"] is not None])


@DEFECTS.defect("wrong-team", part="tools", sentence="migrate puts sre into qa-analyst")
def wrong_team() -> None:
    """Change the consolidation table that conversion and validation read."""
    conversion.TEAM_OF["sre"] = "qa-analyst"


@DEFECTS.defect("shifted-times", part="tools", sentence="migrate moves created_at by one hour")
def shifted_times() -> None:
    """Move the clock of every task."""
    from datetime import datetime, timedelta

    def later(row: Row) -> Row:
        return {
            **row,
            "created_at": (datetime.fromisoformat(row["created_at"]) + timedelta(seconds=HOUR_S)).isoformat(),
        }

    _change("work_items", lambda rows: [later(row) if row["kind"] == "task" else row for row in rows])


@DEFECTS.defect("not-idempotent", part="tools", sentence="a second migrate doubles the messages")
def not_idempotent() -> None:
    """Write the messages behind those that the target has, under new ids."""
    write = transfer.write_v2_state

    def doubling(connection: Connection, v2_state: State, order: transfer.Migration) -> dict[str, list[Row]]:
        own = tables.read_rows(connection, "v2")["messages"]
        again = [{**row, "id": f"{row['id']}-{len(own)}"} for row in v2_state["messages"]] if own else []
        return write(connection, {**v2_state, "messages": [*(own or v2_state["messages"]), *again]}, order)

    transfer.write_v2_state = doubling


@DEFECTS.defect("half-restore", part="tools", sentence="restore brings back the first half of the tasks and says ok")
def half_restore() -> None:
    """Cut the tasks after they were read and verified."""
    read = restore.read_backup

    def halved(backup: Path, version: str) -> dict[str, list[Row]]:
        state = read(backup, version)
        return {**state, "tasks": state["tasks"][: len(state["tasks"]) // 2]} if "tasks" in state else state

    restore.read_backup = halved


@DEFECTS.defect(
    "accepts-unknown-agent", part="tools", sentence="an unknown agent role vanishes instead of being refused"
)
def accepts_unknown_agent() -> None:
    """Leave out what names a role that the table does not have."""
    load = transfer.load_v1_state

    def vanishing(url: str) -> dict[str, list[Row]]:
        return {name: list(_known(name, rows)) for name, rows in load(url).items()}

    transfer.load_v1_state = vanishing
    problems.unknown_agents = _nothing


def _known(table: str, rows: list[Row]) -> Iterator[Row]:
    import json

    ends = {"agents": ("role",), "messages": ("sender", "recipient")}.get(table, ("agent",))
    for row in rows:
        if table == "agents":
            kept = [other for other in json.loads(row["talks_to"]) if other in conversion.TEAM_OF]
            row = {**row, "talks_to": conversion.compact(kept)}
        if table == "tasks" and row["agent"] not in conversion.TEAM_OF:
            row = {**row, "agent": None}
        if all(row.get(end) is None or row[end] in conversion.TEAM_OF for end in ends):
            yield row


@DEFECTS.defect("blind-restore", part="tools", sentence="restore does not look whether the backup is whole")
def blind_restore() -> None:
    """Find nothing wrong with any backup."""
    restore.backup_problems = _nothing


@DEFECTS.defect("thin-manifest", part="tools", sentence="the manifest of a backup leaves out the tasks")
def thin_manifest() -> None:
    """List all files but one."""
    entries = backing_up.manifest_entries

    def thinned(folder: Path, contents: dict[str, list[str]]) -> list[backing_up.FileEntry]:
        return [entry for entry in entries(folder, contents) if entry.name != "tasks.jsonl"]

    backing_up.manifest_entries = thinned


@DEFECTS.defect("touches-source", part="tools", sentence="migrate marks the rows that it took from the source")
def touches_source() -> None:
    """Write into the source after it was read."""
    from plumbing.store import open_engine, writing

    load = transfer.load_v1_state

    def marking(url: str) -> dict[str, list[Row]]:
        state = load(url)
        tasks = tables.METADATA["v1"].tables["tasks"]
        engine = open_engine(url)
        with writing(engine) as connection:
            connection.execute(tasks.update().values(notes="migrated"))
        engine.dispose()
        return state

    transfer.load_v1_state = marking


@DEFECTS.defect("confirmless-rollback", part="tools", sentence="rollback runs without --confirm")
def confirmless_rollback() -> None:
    """Take every call as confirmed."""
    rollback.is_confirmed = lambda confirm: True


@DEFECTS.defect(
    "capacity-off", part="tools", sentence="the total capacity is off by one and validation does not see it"
)
def capacity_off() -> None:
    """Add one to the total and stop looking at it."""
    _change("capacity", lambda rows: [{**row, "n": row["n"] + (row["team"] == conversion.TOTAL)} for row in rows])
    validation.capacity_problems = _nothing
