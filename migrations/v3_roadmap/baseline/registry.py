"""V2's registry: who the agents are; how many claims each has it reads from coordination's table."""

from typing import Any

import sqlalchemy as sa

from plumbing.identifiers import now_text
from v3_roadmap.baseline.refusals import conflict, unknown_agent
from v3_roadmap.baseline.tables import Command, Values, coordination_agents, registry_agents


def register_agent(connection: sa.Connection, given: Values) -> Values:
    """A new agent."""
    if _row(connection, given["agent"]) is not None:
        raise conflict(f"agent {given['agent']!r} is registered")
    connection.execute(
        registry_agents.insert().values(
            id=given["agent"],
            team=given["team"],
            capacity=given["capacity"],
            specialization=given["specialization"],
            seen_at=now_text(),
        )
    )
    return agent_status(connection, given)


def heartbeat(connection: sa.Connection, given: Values) -> Values:
    """The agent is there."""
    return _change(connection, given, seen_at=now_text())


def agent_status(connection: sa.Connection, given: Values) -> Values:
    """One agent."""
    row = _row(connection, given["agent"])
    if row is None:
        raise unknown_agent(given["agent"])
    return _view(row)


def list_agents(connection: sa.Connection, given: Values) -> Values:
    """All agents, or those of a team."""
    query = _agents().order_by(registry_agents.c.id)
    if given["team"] is not None:
        query = query.where(registry_agents.c.team == given["team"])
    return {"agents": [_view(row) for row in connection.execute(query).mappings()]}


def set_capacity(connection: sa.Connection, given: Values) -> Values:
    """How many claims the agent may have at a time."""
    return _change(connection, given, capacity=given["capacity"])


def deregister_agent(connection: sa.Connection, given: Values) -> Values:
    """An agent without claims leaves."""
    if agent_status(connection, given)["claims"]:
        raise conflict(f"agent {given['agent']!r} has claims")
    connection.execute(registry_agents.delete().where(registry_agents.c.id == given["agent"]))
    connection.execute(coordination_agents.delete().where(coordination_agents.c.id == given["agent"]))
    return {"agent": given["agent"], "deregistered": True}


def _change(connection: sa.Connection, given: Values, **values: Any) -> Values:
    agent_status(connection, given)
    connection.execute(registry_agents.update().where(registry_agents.c.id == given["agent"]).values(**values))
    return agent_status(connection, given)


def _agents() -> "sa.Select[Any]":
    claims = sa.func.coalesce(coordination_agents.c.claims, 0).label("claims")
    joined = registry_agents.outerjoin(coordination_agents, registry_agents.c.id == coordination_agents.c.id)
    return sa.select(registry_agents, claims).select_from(joined)


def _row(connection: sa.Connection, agent: str) -> sa.RowMapping | None:
    return connection.execute(_agents().where(registry_agents.c.id == agent)).mappings().first()


def _view(row: sa.RowMapping) -> Values:
    return {
        "agent": row["id"],
        "team": row["team"],
        "capacity": row["capacity"],
        "specialization": row["specialization"],
        "status": "busy" if row["claims"] else "idle",
        "claims": row["claims"],
        "seenAt": row["seen_at"],
    }


COMMANDS: dict[str, Command] = {
    "register-agent": register_agent,
    "heartbeat": heartbeat,
    "agent-status": agent_status,
    "list-agents": list_agents,
    "set-capacity": set_capacity,
    "deregister-agent": deregister_agent,
}
