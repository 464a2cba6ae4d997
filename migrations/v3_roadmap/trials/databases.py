"""Trials of V3 on PostgreSQL and Redis: no query reads a whole table, connections are pooled, the cache answers and may go away."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from plumbing.proof import Proof
from v3_roadmap.candidate import arguments as a
from v3_roadmap.candidate.cache import MemoryCache
from v3_roadmap.candidate.schema import PHASES
from v3_roadmap.candidate.service import CoordinationService
from v3_roadmap.candidate.store import PostgresStore, Transaction
from v3_roadmap.candidate.traces import Tracer
from v3_roadmap.infrastructure import programs
from v3_roadmap.trials.serving import served

_ROOM = "v3_roadmap.trials.databases"
TRIALS = {"queries": f"{_ROOM}:queries", "pool": f"{_ROOM}:pool", "cache-redis": f"{_ROOM}:cache_redis"}
WORK = 20_000
POOL = 3
HIT = 'coordination_cache_total{result="hit"}'
FILL = f"""
INSERT INTO work (id, type, description, team, priority, status, percent, created_at, updated_at)
SELECT 'work-' || lpad(n::text, 8, '0'), 't', 'd', 'team-' || n % 50, 1 + n % 5,
  CASE n % 4 WHEN 0 THEN 'open' ELSE 'done' END, 0, '2025', '2025' FROM generate_series(1, {WORK}) n;
INSERT INTO agents (id, team, capacity, seen_at)
SELECT 'agent-' || n, 'team-' || n % 50, 5, '2025' FROM generate_series(1, 2000) n;
INSERT INTO events (at, kind, detail) SELECT '2025', 'add-work', '{{}}' FROM generate_series(1, {WORK}) n;
UPDATE work SET id = 'work-held', status = 'claimed', agent_id = 'agent-7' WHERE id = 'work-00000007';
UPDATE agents SET claims = 1, status = 'busy' WHERE id = 'agent-7';
"""  # noqa: S608 - a number of ours
ONE = {"agent": "agent-7"}
HELD = ONE | {"work": "work-held"}
# What reads all of a table on purpose is a report; how long it takes is another trial's to say.
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("register-agent", {"agent": "new", "team": "team-7"}),
    ("heartbeat", ONE),
    ("agent-status", ONE),
    ("list-agents", {"team": "team-7"}),
    ("set-capacity", ONE | {"capacity": 9}),
    ("deregister-agent", {"agent": "agent-8"}),
    ("add-work", {"type": "t", "description": "d", "team": "team-7"}),
    ("claim-work", ONE),
    ("progress-work", HELD | {"percent": 5}),
    ("complete-work", HELD | {"outcome": "success"}),
    ("release-work", HELD),
    ("list-work", {"team": "team-7", "status": "open"}),
    ("team-report", {"team": "team-7"}),
)


class Recorder:
    """A transaction that notes what it is asked."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Executes and notes a statement."""
        self.asked.append((sql, tuple(values)))
        return self._transaction.rows(sql, values)

    def lock_events(self) -> None:
        """As the transaction does."""
        self._transaction.lock_events()


def queries(proof: Proof, folder: Path) -> None:
    """Every query of every command on tables of 20,000 rows, and whether the check would notice a lost index."""
    with (
        programs.postgresql(folder) as url,
        _service(url) as service,
        psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as database,
    ):
        database.execute(FILL.encode())
        database.execute("VACUUM ANALYZE")
        for name, given in ASKED:
            proof.same(f"{name} reads no whole table", _scans(service, name, given), [])
        database.execute("DROP INDEX work_open, work_status")
        proof.that("a lost index is noticed", _scans(service, "claim-work", ONE))


def pool(proof: Proof, folder: Path) -> None:
    """Sixteen users on a pool of three connections."""
    with (
        programs.postgresql(folder) as url,
        served(
            "v3_roadmap.candidate", "--store", url, "--cache", "memory", folder=folder, name="v3", V3_POOL=str(POOL)
        ) as v3,
        psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as database,
    ):
        v3.result("register-agent", agent="crowd", team="crowd", capacity=100)
        with ThreadPoolExecutor(16) as crowd:
            asked = [crowd.submit(v3.do, "add-work", type="t", description="d", team="crowd") for _ in range(400)]
            seen = []
            while not all(one.done() for one in asked):
                seen.append(_connections(database))
                time.sleep(0.01)
            codes = {one.result().status_code for one in asked}
        proof.figure("most connections", max(seen), "connections")
        proof.same("all are answered", codes, {200})
        proof.that("connections were looked at while users wrote", len(seen) > 5)
        proof.that(f"there are never more than {POOL}", max(seen) <= POOL)
        proof.that("there is more than one", max(seen) > 1)
        proof.same("the service says the same", v3.metric("coordination_store_connections"), float(POOL))


def cache_redis(proof: Proof, folder: Path) -> None:
    """Answers come from Redis until something changes; without Redis they come from the store."""
    with programs.postgresql(folder) as url:
        with (
            programs.redis(folder) as redis_url,
            served("v3_roadmap.candidate", "--store", url, "--cache", redis_url, folder=folder, name="v3") as v3,
            served("v3_roadmap.candidate", "--store", url, "--cache", redis_url, folder=folder, name="other") as other,
        ):
            first = [v3.result("dashboard") for _ in range(10)]
            proof.same("nine of ten repeated reads come from the cache", v3.metric(HIT), 9.0)
            proof.same("they say the same", [one == first[0] for one in first], [True] * 10)
            other.result("register-agent", agent="a", team="t")
            proof.same("what another instance writes is seen at once", v3.result("dashboard")["agents"], 1)
            health = v3.client.get("/health").json()
            proof.same(
                "no fallback is declared", (health["store"]["fallback"], health["cache"]["fallback"]), (False, False)
            )
        gone = redis_url
        with served("v3_roadmap.candidate", "--store", url, "--cache", gone, folder=folder, name="alone") as alone:
            proof.same("without Redis the store answers", alone.result("dashboard")["agents"], 1)
            proof.same("and health says so", alone.client.get("/health").json()["cache"]["up"], False)


@contextmanager
def _service(url: str) -> Iterator[CoordinationService]:
    store = PostgresStore(url.replace("+psycopg", ""), 1)
    service = CoordinationService(store, MemoryCache(), PHASES["1"], Tracer(None), 1)
    try:
        yield service
    finally:
        asyncio.run(service.close())


def _scans(service: CoordinationService, name: str, given: dict[str, Any]) -> list[str]:
    """The queries of a command that read a whole table, by its plan; nothing that it writes stays."""
    command = service.commands[name]
    found: list[str] = []
    try:
        with service.store.transaction() as transaction:
            recorder = Recorder(transaction)
            command.do(recorder, a.read(command.takes, given))
            for sql, values in recorder.asked:
                plan = "\n".join(row["QUERY PLAN"] for row in transaction.rows(f"EXPLAIN {sql}", values))
                if "Seq Scan" in plan:
                    found.append(f"{sql}: {plan}")
            raise _UndoneError
    except _UndoneError:
        return found


class _UndoneError(Exception):
    """Ends a transaction without a trace."""


def _connections(database: "psycopg.Connection[Any]") -> int:
    found = database.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchone()
    return int(found[0]) if found else 0
