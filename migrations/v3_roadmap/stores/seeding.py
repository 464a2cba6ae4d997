"""Fills an empty store of V2 with agents, work and a log made from a seed; refuses a store that has agents."""

import random
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from plumbing.store import writing
from v3_roadmap.baseline.tables import (
    coordination_agents,
    coordination_work,
    create_tables,
    registry_agents,
    xavos_log,
)
from v3_roadmap.stores.opening import Rows, opened
from v3_roadmap.tools.refusals import RefusedError

TEAMS = ("engineering", "operations", "quality", "Übersetzung")
TEXTS = ("Look at the cart", "Grüße 🚀 שלום", 'a < b & "c"', "one line\nand another", "  spaces  ", "x" * 190)
AGENTS = 24
BEGUN = datetime(2025, 5, 1, 8, tzinfo=UTC)


def fill(store: str, count: int, seed: int) -> dict[str, int]:
    """Agents agent-001 to agent-024, `count` pieces of work, a log entry for each; how many of each."""
    chance = random.Random(seed)
    agents, work = _agents(chance), _work(chance, count)
    _claim(chance, agents, work)
    claims = {
        agent["id"]: sum(one["claimed_by"] == agent["id"] and one["state"] == "claimed" for one in work)
        for agent in agents
    }
    log = [{"seq": place, "at": one["created"], "what": "add-work", "who": None} for place, one in enumerate(work, 1)]
    with opened(store) as engine:
        create_tables(engine)
        with writing(engine) as connection:
            if connection.execute(sa.select(sa.func.count()).select_from(registry_agents)).scalar():
                raise RefusedError("the store holds agents already; name an empty one")
            connection.execute(registry_agents.insert(), agents)
            counted = [
                {"id": name, "claims": number} for name, number in claims.items() if number or chance.random() < 0.5
            ]
            connection.execute(coordination_agents.insert(), counted)
            connection.execute(coordination_work.insert(), work)
            connection.execute(xavos_log.insert(), log)
    return {"agents": len(agents), "work": len(work), "log": len(log)}


def _agents(chance: random.Random) -> Rows:
    return [
        {
            "id": f"agent-{number:03}",
            "team": TEAMS[number % len(TEAMS)],
            "capacity": chance.randint(1, 9),
            "specialization": chance.choice(("reviews", "tests", "", None)),
            "seen_at": _at(number),
        }
        for number in range(1, AGENTS + 1)
    ]


def _work(chance: random.Random, count: int) -> Rows:
    return [
        {
            "id": f"work-{number:020}",
            "kind": chance.choice(("review", "test", "deploy")),
            "text": chance.choice(TEXTS),
            "team": chance.choice(TEAMS),
            "prio": chance.randint(1, 5),
            "state": chance.choice(("open", "open", "done", "failed")),
            "claimed_by": None,
            "pct": 0,
            "created": _at(number),
            "updated": _at(number + count),
        }
        for number in range(1, count + 1)
    ]


def _claim(chance: random.Random, agents: Rows, work: Rows) -> None:
    """Agents hold some of the open work of their team, within their capacity; ended work was somebody's."""
    for one in work:
        team = [agent["id"] for agent in agents if agent["team"] == one["team"]]
        if one["state"] in ("done", "failed"):
            one |= {"claimed_by": chance.choice(team), "pct": 100 if one["state"] == "done" else chance.randint(0, 99)}
    for agent in agents:
        free = [one for one in work if one["state"] == "open" and one["team"] == agent["team"]]
        for one in chance.sample(free, min(len(free), chance.randint(0, agent["capacity"]))):
            one |= {"state": "claimed", "claimed_by": agent["id"], "pct": chance.randint(0, 99)}


def _at(minutes: int) -> str:
    return (BEGUN + timedelta(minutes=minutes, milliseconds=137)).isoformat(timespec="microseconds")
