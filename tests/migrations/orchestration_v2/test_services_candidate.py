"""What only the candidate offers: teams, capacities and the event bus, in memory and over Redis."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

EVENTS = [{"topic": "sre.pm", "payload": {"n": n}} for n in range(1000)]


@pytest.fixture
def candidate(fresh_sides: dict[str, Any]) -> Any:
    """The candidate with ten agents and nothing else."""
    return fresh_sides["candidate"]


def wait_until(holds: Callable[[], bool], limit_s: float = 10) -> bool:
    """Whether it held before the limit."""
    ends = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > ends:
            return False
        time.sleep(0.02)
    return True


def logged(api: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    """Processed events."""
    return list(api.get("/api/v2/events", params=query).json()["events"])


def test_health_tells_of_bus_and_state(candidate: Any) -> None:
    expected = {"status": "healthy", "version": "2.0.0", "bus": "up", "state": "valid"}
    assert candidate.client.get("/health/v2").json() == expected


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE capacity SET n = 21 WHERE team = 'total'",
        "UPDATE teams SET capacity = 5 WHERE team = 'qa-analyst'",
        "DELETE FROM teams WHERE team = 'qa-analyst'",
        "UPDATE meta SET value = '2.0.1' WHERE key = 'version'",
    ],
    ids=["total", "team-capacity", "team-missing", "version"],
)
def test_a_state_that_contradicts_itself_is_unhealthy(candidate: Any, damage: str) -> None:
    with closing(sqlite3.connect(candidate.store)) as connection, connection:
        connection.execute(damage)
    answer = candidate.client.get("/health/v2")
    with closing(sqlite3.connect(candidate.store)) as connection, connection:
        connection.execute("UPDATE meta SET value = '2.0.0' WHERE key = 'version'")
    assert (answer.status_code, answer.json()["state"]) == (503, "invalid")


def test_teams_carry_the_load_of_their_members(candidate: Any) -> None:
    for role in ("sre", "devops-engineer", "pm"):
        candidate.client.post("/api/tasks", json={"title": "t", "created_by": "u", "role": role})
    teams = {team["team"]: team for team in candidate.client.get("/api/v2/teams").json()["teams"]}
    operations = {"team": "devops-infrastructure", "members": ["devops-engineer", "sre"], "capacity": 4, "load": 2}
    assert (len(teams), teams["devops-infrastructure"]) == (5, operations)
    capacity = candidate.client.get("/api/v2/capacity").json()
    assert (capacity["total"], capacity["product-manager"]) == (20, {"capacity": 4, "used": 1})


def test_subscriptions_tell_their_origin(candidate: Any) -> None:
    subscriptions = candidate.client.get("/api/v2/subscriptions").json()["subscriptions"]
    expected = {
        "topic": "sre.pm",
        "publisher_team": "devops-infrastructure",
        "subscriber_teams": ["product-manager"],
        "origin": [["sre", "pm"]],
    }
    assert expected in subscriptions


def test_events_are_processed_in_order_and_get_the_publishing_team(candidate: Any) -> None:
    before = candidate.metric("orchestration_events_total")
    answer = candidate.client.post("/api/v2/events", json={"events": EVENTS})
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1000})
    assert wait_until(lambda: candidate.metric("orchestration_events_total") >= before + 1000)
    events = logged(candidate.client, limit=1000, topic="sre.pm")
    assert [event["payload"]["n"] for event in events] == list(range(1000))
    assert {event["team"] for event in events} == {"devops-infrastructure"}
    assert logged(candidate.client, after=events[-1]["seq"]) == []


@pytest.mark.parametrize("events", [[], [{"topic": "", "payload": 1}], EVENTS + EVENTS[:1]], ids=["0", "bad", "1001"])
def test_wrong_events_are_refused(candidate: Any, events: list[dict[str, Any]]) -> None:
    assert candidate.client.post("/api/v2/events", json={"events": events}).status_code == 422


def test_what_happens_to_tasks_and_workflows_is_told_as_events(candidate: Any) -> None:
    api = candidate.client
    task = api.post("/api/tasks", json={"title": "t", "created_by": "u", "role": "sre"}).json()
    api.post(f"/api/tasks/{task['id']}/complete", json={"success": True})
    flow = api.post("/api/workflows", json={"title": "w", "owner": "o", "steps": [{"agent": "pm"}]}).json()
    api.post(f"/api/workflows/{flow['id']}/advance")
    assert wait_until(lambda: len(logged(api)) == 4)
    topics = [(event["topic"], event["payload"]["id"]) for event in logged(api)]
    assert topics == [
        ("task.claimed", task["id"]),
        ("task.done", task["id"]),
        ("workflow.started", flow["id"]),
        ("step.done", flow["id"]),
    ]


def test_accepted_events_are_processed_before_the_service_ends(launch: Any) -> None:
    service = launch("candidate")
    for _ in range(5):
        service.client.post("/api/v2/events", json={"events": EVENTS})
    assert service.stop() == 0
    with closing(sqlite3.connect(service.store)) as connection:
        assert connection.execute("SELECT count(*) FROM event_log").fetchone() == (5000,)


def test_redis_carries_events_between_instances_on_one_store(launch: Any, redis_url: str, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'shared.db'}"
    first, second = (launch("candidate", "--bus", redis_url, "--store", store) for _ in range(2))
    assert wait_until(lambda: first.client.get("/health/v2").status_code == 200)
    for _ in range(3):
        assert first.client.post("/api/v2/events", json={"events": EVENTS}).status_code == 202
    name = "orchestration_events_total"
    assert wait_until(lambda: first.metric(name) + second.metric(name) == 3000)
    assert len(logged(second.client, limit=1000, after=2500)) == 500


def test_without_redis_the_service_says_so_and_loses_no_event_of_its_own(launch: Any, tmp_path: Path) -> None:
    service = launch("candidate", "--bus", "redis://127.0.0.1:1", folder=tmp_path)
    answer = service.client.get("/health/v2")
    assert (answer.status_code, answer.json()["bus"]) == (503, "down")
    assert service.client.post("/api/v2/events", json={"events": EVENTS[:1]}).status_code == 503
    assert service.client.post("/api/tasks", json={"title": "t", "created_by": "u"}).status_code == 201
    assert [event["topic"] for event in logged(service.client)] == ["task.claimed"]
