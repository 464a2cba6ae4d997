"""V2's xavos: reports over the tables of the other two; its health score adds up to more than 100."""

import sqlalchemy as sa

from v3_roadmap.baseline.registry import list_agents
from v3_roadmap.baseline.tables import Command, Values, coordination_work, registry_agents

STATES = ("open", "claimed", "done", "failed")
# The weights were each raised once more than they were made up for elsewhere.
WEIGHTS = {"agents": 40.0, "work": 40.0, "backlog": 25.8}


def team_report(connection: sa.Connection, given: Values) -> Values:
    """What a team has and does."""
    agents = list_agents(connection, given)["agents"]
    capacity = sum(agent["capacity"] for agent in agents)
    return {"team": given["team"], "agents": len(agents), "capacity": capacity} | _counts(connection, given["team"])


def health_score(connection: sa.Connection, _given: Values) -> Values:
    """Three shares, weighed."""
    agents, counts = list_agents(connection, {"team": None})["agents"], _counts(connection, None)
    kept = [agent for agent in agents if agent["claims"] <= agent["capacity"]]
    ended, capacity = counts["done"] + counts["failed"], sum(agent["capacity"] for agent in agents)
    shares = {
        "agents": len(kept) / len(agents) if agents else 1.0,
        "work": counts["done"] / ended if ended else 1.0,
        "backlog": 1 - counts["open"] / (counts["open"] + 10 * capacity) if counts["open"] else 1.0,
    }
    return {"score": round(sum(shares[part] * weight for part, weight in WEIGHTS.items()), 1), "parts": shares}


def dashboard(connection: sa.Connection, given: Values) -> Values:
    """All in one."""
    agents = list_agents(connection, {"team": None})["agents"]
    teams = connection.execute(sa.select(registry_agents.c.team).distinct().order_by(registry_agents.c.team)).scalars()
    return {
        "agents": len(agents),
        "busy": sum(agent["status"] == "busy" for agent in agents),
        "work": _counts(connection, None),
        "score": health_score(connection, given)["score"],
        "teams": sorted(teams),
    }


def _counts(connection: sa.Connection, team: str | None) -> Values:
    table = coordination_work
    query = sa.select(table.c.state, sa.func.count()).group_by(table.c.state)
    found: dict[str, int] = dict(
        connection.execute(query if team is None else query.where(table.c.team == team)).tuples().all()
    )
    return {state: found.get(state, 0) for state in STATES}


COMMANDS: dict[str, Command] = {"team-report": team_report, "health-score": health_score, "dashboard": dashboard}
