"""V2's coordination: who works on what; who the agents are it reads from the registry's table."""

from typing import Any

import sqlalchemy as sa

from plumbing.identifiers import Identifiers, now_text
from v3_roadmap.baseline.refusals import Refused, conflict, unknown_agent
from v3_roadmap.baseline.tables import Command, Values, coordination_agents, coordination_work, registry_agents

LISTED = 500
_new_id = Identifiers().new


def add_work(connection: sa.Connection, given: Values) -> Values:
    """New work, open to the agents of a team."""
    now = now_text()
    row = {"id": _new_id("work"), "kind": given["type"], "text": given["description"], "team": given["team"]}
    row |= {"prio": given["priority"], "state": "open", "claimed_by": None, "pct": 0, "created": now, "updated": now}
    connection.execute(coordination_work.insert().values(row))
    return {"work": _view(row)}


def claim_work(connection: sa.Connection, given: Values) -> Values:
    """The most urgent open work of the agent's team, oldest first; none where there is none."""
    agent = (
        connection.execute(registry_agents.select().where(registry_agents.c.id == given["agent"])).mappings().first()
    )
    if agent is None:
        raise unknown_agent(given["agent"])
    if _claims(connection, given["agent"]) >= agent["capacity"]:
        raise conflict(f"agent {given['agent']!r} is at capacity")
    work = coordination_work
    query = sa.select(work.c.id).where(work.c.team == agent["team"], work.c.state == "open")
    found = connection.execute(
        query.order_by(work.c.prio, work.c.id).limit(1).with_for_update(skip_locked=True)
    ).scalar()
    if found is None:
        return {"work": None}
    _count(connection, given["agent"], 1)
    return _change(connection, found, state="claimed", claimed_by=given["agent"])


def progress_work(connection: sa.Connection, given: Values) -> Values:
    """How far claimed work has come, in percent."""
    _claimed(connection, given)
    return _change(connection, given["work"], pct=given["percent"])


def complete_work(connection: sa.Connection, given: Values) -> Values:
    """Claimed work is done, or has failed."""
    row = _claimed(connection, given)
    _count(connection, given["agent"], -1)
    if given["outcome"] == "success":
        return _change(connection, given["work"], state="done", pct=100)
    return _change(connection, given["work"], state="failed", pct=row["pct"])


def release_work(connection: sa.Connection, given: Values) -> Values:
    """Claimed work is open again."""
    _claimed(connection, given)
    _count(connection, given["agent"], -1)
    return _change(connection, given["work"], state="open", claimed_by=None, pct=0)


def list_work(connection: sa.Connection, given: Values) -> Values:
    """The first work in the order of its making, all or of a team or in a state."""
    query = coordination_work.select().order_by(coordination_work.c.id).limit(LISTED)
    if given["team"] is not None:
        query = query.where(coordination_work.c.team == given["team"])
    if given["status"] is not None:
        query = query.where(coordination_work.c.state == given["status"])
    return {"work": [_view(dict(row)) for row in connection.execute(query).mappings()]}


def _claimed(connection: sa.Connection, given: Values) -> sa.RowMapping:
    query = coordination_work.select().where(coordination_work.c.id == given["work"])
    row = connection.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise Refused(404, "work_not_found", f"there is no work {given['work']!r}")
    if row["state"] != "claimed" or row["claimed_by"] != given["agent"]:
        raise conflict(f"work {given['work']!r} is not claimed by {given['agent']!r}")
    return row


def _claims(connection: sa.Connection, agent: str) -> int:
    query = sa.select(coordination_agents.c.claims).where(coordination_agents.c.id == agent)
    return int(connection.execute(query.with_for_update()).scalar() or 0)


def _count(connection: sa.Connection, agent: str, more: int) -> None:
    table = coordination_agents
    change = table.update().where(table.c.id == agent).values(claims=table.c.claims + more)
    if not connection.execute(change).rowcount:
        connection.execute(table.insert().values(id=agent, claims=more))


def _change(connection: sa.Connection, work: str, **values: Any) -> Values:
    table = coordination_work
    connection.execute(table.update().where(table.c.id == work).values(**values, updated=now_text()))
    return {"work": _view(dict(connection.execute(table.select().where(table.c.id == work)).mappings().one()))}


def _view(row: Values) -> Values:
    return {
        "id": row["id"],
        "type": row["kind"],
        "description": row["text"],
        "team": row["team"],
        "priority": row["prio"],
        "status": row["state"],
        "agent": row["claimed_by"],
        "percent": row["pct"],
        "createdAt": row["created"],
        "updatedAt": row["updated"],
    }


COMMANDS: dict[str, Command] = {
    "add-work": add_work,
    "claim-work": claim_work,
    "progress-work": progress_work,
    "complete-work": complete_work,
    "release-work": release_work,
    "list-work": list_work,
}
