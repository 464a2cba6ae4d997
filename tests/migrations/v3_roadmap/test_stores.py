"""V3 on PostgreSQL and Redis: a pool, indexes, a cache that may go away, and a column that changes under two versions."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.conftest import Seen, Served
from tests.migrations.v3_roadmap.conftest import Start, command

PLANNED = (
    "SELECT id FROM work WHERE team = 't' AND status = 'open' ORDER BY priority, id LIMIT 1",
    "SELECT * FROM work WHERE id = 'w'",
    "SELECT * FROM agents WHERE team = 't'",
    "SELECT * FROM events WHERE seq > 5 ORDER BY seq LIMIT 500",
)


def plain(url: str) -> str:
    """As psycopg takes it."""
    return url.replace("+psycopg", "")


@pytest.fixture(scope="module")
def store(new_database: Callable[[], str]) -> str:
    """A new database."""
    return new_database()


@pytest.fixture(scope="module")
def service(start: Start, store: str, redis_url: str) -> httpx.Client:
    """V3 on both."""
    return start("v3_roadmap.candidate", "--store", store, "--cache", redis_url, V3_POOL="3")


def counted(service: httpx.Client, series: str) -> float:
    """A figure of the metrics."""
    lines = service.get("/metrics").text.splitlines()
    return float(next((line.split()[-1] for line in lines if line.startswith(series)), "0"))


def test_health_declares_no_fallback(service: httpx.Client) -> None:
    health = service.get("/health").json()
    assert health["store"] == {"kind": "postgresql", "fallback": False}
    assert health["cache"] == {"kind": "redis", "fallback": False, "up": True}


def test_connections_under_load_are_those_of_the_pool(service: httpx.Client, store: str) -> None:
    command(service, "register-agent", agent="crowd", team="crowd", capacity=100)
    with ThreadPoolExecutor(16) as crowd, psycopg.connect(plain(store)) as other:
        work = crowd.map(lambda n: command(service, "add-work", type="t", description=str(n), team="crowd"), range(60))
        seen = list(work)
        found = other.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    with ThreadPoolExecutor(16) as crowd:
        claims = list(crowd.map(lambda _: command(service, "claim-work", agent="crowd")["work"]["id"], range(60)))
    assert (found[0] <= 3 if found else False, len(seen), len(set(claims))) == (True, 60, 60)
    assert command(service, "agent-status", agent="crowd")["claims"] == 60


def test_a_repeated_read_comes_from_the_cache_until_something_changes(service: httpx.Client) -> None:
    series = 'coordination_cache_total{result="hit"}'
    first, before = command(service, "dashboard"), counted(service, series)
    assert (command(service, "dashboard"), counted(service, series)) == (first, before + 1)
    command(service, "register-agent", agent="new", team="new")
    assert command(service, "dashboard")["agents"] == first["agents"] + 1


def test_a_cache_that_is_away_costs_no_answer(start: Start, new_database: Callable[[], str]) -> None:
    alone = start("v3_roadmap.candidate", "--store", new_database(), "--cache", "redis://127.0.0.1:1/0")
    command(alone, "register-agent", agent="a", team="t")
    assert command(alone, "dashboard")["agents"] == 1
    assert alone.get("/health").json()["cache"]["up"] is False


@pytest.mark.parametrize("query", PLANNED, ids=["claim", "work", "team", "trail"])
def test_no_query_has_to_read_a_whole_table(service: httpx.Client, store: str, query: str) -> None:
    assert service.get("/health").status_code == 200
    with psycopg.connect(plain(store)) as database:
        database.execute("SET enable_seqscan = off")
        plan = "\n".join(row[0] for row in database.execute(f"EXPLAIN {query}"))
    assert "Seq Scan" not in plan


def test_a_column_changes_under_two_versions_that_serve(start: Start, new_database: Callable[[], str]) -> None:
    store = new_database()
    v1 = start("v3_roadmap.candidate", "--store", store, "--cache", "memory", V3_SCHEMA="1")
    command(v1, "register-agent", agent="early", team="t", specialization="old")
    with psycopg.connect(plain(store), autocommit=True) as database:
        database.execute("ALTER TABLE agents ADD COLUMN skill TEXT")
        v2 = start("v3_roadmap.candidate", "--store", store, "--cache", "memory", V3_SCHEMA="2")
        command(v2, "register-agent", agent="between", team="t", specialization="both")
        seen = [
            command(side, "agent-status", agent=a)["specialization"] for side in (v1, v2) for a in ("early", "between")
        ]
        database.execute("UPDATE agents SET skill = specialization WHERE skill IS NULL")
        v3 = start("v3_roadmap.candidate", "--store", store, "--cache", "memory", V3_SCHEMA="3")
        database.execute("ALTER TABLE agents DROP COLUMN specialization")
    command(v3, "register-agent", agent="late", team="t", specialization="new")
    after = [command(v3, "agent-status", agent=a)["specialization"] for a in ("early", "between", "late")]
    assert (seen, after) == (["old", "both", "old", "both"], ["old", "both", "new"])


def test_a_request_is_followed_from_its_caller_to_the_store(
    serve: Callable[[Any], Served], start: Start, store: str, redis_url: str
) -> None:
    def collect(_seen: Seen) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b"{}"

    collector = serve(collect)
    traced = start("v3_roadmap.candidate", "--store", store, "--cache", redis_url, "--traces", collector.url)
    header = f"00-{'a' * 32}-{'b' * 16}-01"
    traced.post("/commands/team-report", json={"team": "never-asked-for"}, headers={"traceparent": header})
    spans: list[dict[str, Any]] = []
    while len(spans) < 4:
        documents = [json.loads(seen.body) for seen in collector.seen]
        scopes = [scope for one in documents for resource in one["resourceSpans"] for scope in resource["scopeSpans"]]
        spans = [span for scope in scopes for span in scope["spans"]]
    root = next(span for span in spans if span["kind"] == 2)
    assert {span["traceId"] for span in spans} == {"a" * 32}
    assert (root["name"], root["parentSpanId"]) == ("POST /commands/team-report", "b" * 16)
    assert {span["parentSpanId"] for span in spans if span is not root} == {root["spanId"]}
