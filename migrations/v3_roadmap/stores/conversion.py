"""Makes V3's state of V2's: agents and claims in one row, work under its new words, the log as events; it reads V2 only."""

from collections.abc import Iterator

import sqlalchemy as sa

from plumbing.store import writing
from v3_roadmap.candidate.schema import phase_of, statements
from v3_roadmap.stores.opening import Rows, opened, read_tables
from v3_roadmap.tools.refusals import RefusedError

VERSION = "3.0.0"
STATES = ("open", "claimed", "done", "failed")
MADE = ("agents", "work", "events")


def convert(source: str, target: str) -> dict[str, int]:
    """Writes what V2's store holds into V3's, in one transaction; how many rows of each table. Twice is once.

    Raises RefusedError before anything is written where V2's state contradicts itself.
    """
    with opened(source) as old:
        held = read_tables(old)
    if faults := list(_faults(held)):
        raise RefusedError(*faults[:20])
    rows = {"agents": agents_of(held), "work": work_of(held), "events": events_of(held)}
    rows["meta"] = [{"name": "version", "value": VERSION}]
    with opened(target) as new, writing(new) as connection:
        for statement in statements(phase_of("1"), is_postgresql=new.dialect.name == "postgresql"):
            connection.exec_driver_sql(statement)
        metadata = sa.MetaData()
        metadata.reflect(connection, only=(*MADE, "meta"))
        for name, made in rows.items():
            _write(connection, metadata.tables[name], made)
        if new.dialect.name == "postgresql":  # its own numbers come after those that were written
            connection.exec_driver_sql("select setval('events_seq_seq', greatest((select max(seq) from events), 1))")
    return {name: len(rows[name]) for name in MADE}


def agents_of(held: dict[str, Rows]) -> Rows:
    """Agents of the registry with their claims of the coordination."""
    claims = {row["id"]: row["claims"] for row in held["coordination_agents"]}
    return [
        {
            "id": row["id"],
            "team": row["team"],
            "capacity": row["capacity"],
            "specialization": row["specialization"],
            "status": "busy" if claims.get(row["id"], 0) else "idle",
            "claims": claims.get(row["id"], 0),
            "version": 1,
            "seen_at": row["seen_at"],
        }
        for row in held["registry_agents"]
    ]


def work_of(held: dict[str, Rows]) -> Rows:
    """Work under the words of V3."""
    return [
        {
            "id": row["id"],
            "type": row["kind"],
            "description": row["text"],
            "team": row["team"],
            "priority": row["prio"],
            "status": row["state"],
            "agent_id": row["claimed_by"],
            "percent": row["pct"],
            "version": 1,
            "created_at": row["created"],
            "updated_at": row["updated"],
        }
        for row in held["coordination_work"]
    ]


def events_of(held: dict[str, Rows]) -> Rows:
    """Entries of the log as events, with their numbers."""
    return [
        {
            "seq": row["seq"],
            "at": row["at"],
            "kind": row["what"],
            "agent_id": row["who"],
            "work_id": None,
            "detail": "{}",
        }
        for row in held["xavos_log"]
    ]


def _faults(held: dict[str, Rows]) -> Iterator[str]:
    known = {row["id"] for row in held["registry_agents"]}
    claimed: dict[str, int] = {}
    for row in held["coordination_work"]:
        if row["state"] not in STATES:
            yield f"work {row['id']}: {row['state']!r} is none of {', '.join(STATES)}"
        if row["state"] == "claimed":
            claimed[row["claimed_by"]] = claimed.get(row["claimed_by"], 0) + 1
            if row["claimed_by"] not in known:
                yield f"work {row['id']}: is claimed by {row['claimed_by']!r}, whom the registry does not know"
    for row in held["coordination_agents"]:
        if row["id"] in known and row["claims"] != claimed.get(row["id"], 0):
            yield f"agent {row['id']}: {row['claims']} claims are counted, {claimed.get(row['id'], 0)} are there"


def _write(connection: sa.Connection, table: sa.Table, rows: Rows) -> None:
    """Each row where its key stands already, or anew."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key.columns]
    here = {tuple(row) for row in connection.execute(sa.select(*table.primary_key.columns))}
    fresh = [row for row in rows if tuple(row[key] for key in keys) not in here]
    if fresh:
        connection.execute(table.insert(), fresh)
    for row in rows:
        if tuple(row[key] for key in keys) in here:
            change = table.update().where(*(table.c[key] == row[key] for key in keys))
            connection.execute(change.values({name: value for name, value in row.items() if name not in keys}))
