"""The change of agents.specialization into agents.skill without a pause: expand, fill, contract; refuses to contract too early."""

import time
from collections.abc import Callable

import psycopg

from v3_roadmap.tools.refusals import RefusedError

LOCK_WAIT = "100ms"
TRIES = 100
BATCH = 200


def expand(url: str) -> None:
    """Adds the new column beside the old one; nobody has to know it yet."""
    _with_short_locks(url, "alter table agents add column if not exists skill text")


def fill(url: str) -> int:
    """Copies what the old column holds to where the new one is empty, a few rows at a time; how many rows."""
    statement = (
        "update agents set skill = specialization where id in (select id from agents"
        " where specialization is not null and skill is distinct from specialization limit %s for update skip locked)"
    )
    filled = 0
    with psycopg.connect(url, autocommit=True) as database:
        while unfilled(url):
            filled += database.execute(statement, (BATCH,)).rowcount
    return filled


def unfilled(url: str) -> int:
    """How many rows hold something in the old column that the new one lacks."""
    query = "select count(*) from agents where specialization is not null and skill is distinct from specialization"
    with psycopg.connect(url) as database:
        row = database.execute(query).fetchone()
    return int(row[0]) if row else 0


def contract(url: str) -> None:
    """Drops the old column; raises RefusedError while it holds something that the new one lacks."""
    if left := unfilled(url):
        raise RefusedError(f"{left} rows are not copied yet; fill before the old column goes")
    _with_short_locks(url, "alter table agents drop column if exists specialization")


def columns(url: str) -> list[str]:
    """The columns of agents, by name."""
    query = "select column_name from information_schema.columns where table_name = 'agents' order by 1"
    with psycopg.connect(url) as database:
        return [row[0] for row in database.execute(query)]


def _with_short_locks(url: str, statement: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """A change that never makes traffic wait for long: it gives up its place in the queue soon, and comes again."""
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(f"set lock_timeout = '{LOCK_WAIT}'")
        for _ in range(TRIES):
            try:
                database.execute(statement)
            except psycopg.errors.LockNotAvailable:
                sleep(0.1)
            else:
                return
    raise RefusedError(f"no lock for {statement!r} in {TRIES} tries; nothing was changed")
