"""Each defect of the services changes what is seen from outside, and the sound service shows what it spoils."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.slow

ORDER = {"title": "t", "created_by": "u", "role": "sre", "estimate": 5}
TASK: dict[str, Any] = {
    "id": "task-x",
    "title": "t",
    "agent": "sre",
    "status": "assigned",
    "priority": 1,
    "workflow_id": None,
    "created_by": "u",
    "created_at": "2024-01-01T00:00:00Z",
    "estimate": None,
    "result": None,
    "notes": None,
    "tags": [],
}
Look = Callable[[Any], Any]


def made_task(service: Any) -> dict[str, Any]:
    """A task as it is shown after it was made."""
    return dict(service.client.post("/api/tasks", json=ORDER).json())


def late_requests(service: Any) -> int:
    """How many of 50 requests take longer than a quarter of a second."""
    return sum(service.client.get("/api/agents").elapsed.total_seconds() > 0.25 for _ in range(50))


def grows(service: Any) -> bool:
    """Whether 100 requests leave more than 15 MB behind."""
    [service.client.get("/api/agents") for _ in range(20)]
    before = service.metric("process_resident_memory_bytes")
    [service.client.get("/api/agents") for _ in range(100)]
    return bool(service.metric("process_resident_memory_bytes") - before > 15e6)


def counted_errors(service: Any) -> tuple[float, float]:
    """What two failed requests add to the metrics."""
    service.client.put("/internal/faults", json={"error_rate": 1})
    [service.client.get("/api/agents") for _ in range(2)]
    return service.metric("orchestration_errors_total"), service.metric("orchestration_requests_total", code="500")


def counted_corruption(service: Any) -> float:
    """What a spoiled row adds to the metrics."""
    made_task(service)
    service.client.put("/internal/faults", json={"corrupt": True})
    assert service.client.get("/api/integrity").json()["corrupt"] == 1
    return float(service.metric("orchestration_corruption_total"))


def processed_events(service: Any) -> int:
    """How many of 100 events are in the log after a while."""
    service.client.post("/api/v2/events", json={"events": [{"topic": "x", "payload": 1}] * 100})
    time.sleep(0.5)
    return len(service.client.get("/api/v2/events?limit=1000").json()["events"])


def highest_load(service: Any) -> int:
    """The load of an agent with two places after six tasks for it."""
    [made_task(service) for _ in range(6)]
    return int(service.client.get("/api/agents/sre").json()["load"])


def walked_pages(service: Any) -> int:
    """How many of six tasks are found in pages of two."""
    [made_task(service) for _ in range(6)]
    page = service.client.get("/api/tasks?limit=2").json()
    found = page["tasks"]
    while page["next"]:
        page = service.client.get("/api/tasks", params={"limit": 2, "cursor": page["next"]}).json()
        found += page["tasks"]
    return len(found)


def replicated(service: Any) -> tuple[int, int]:
    """The answer to a replica, and what is found afterwards."""
    taken = service.client.post("/internal/replicate", json={"kind": "task", "record": TASK}).status_code
    return taken, service.client.get("/api/tasks/task-x").status_code


def counted_critical(service: Any) -> float:
    """What a failed critical workflow adds to the metrics."""
    order = {"title": "w", "owner": "o", "critical": True, "steps": [{"agent": "sre"}]}
    flow = service.client.post("/api/workflows", json=order).json()["id"]
    service.client.put("/internal/faults", json={"critical_workflow_failure": True})
    assert service.client.post(f"/api/workflows/{flow}/advance").status_code == 500
    return float(service.metric("orchestration_workflow_failures_total", critical="true"))


CANDIDATE: list[tuple[str, Look, Any, Any]] = [
    ("drops-field", lambda s: "estimate" in made_task(s), True, False),
    ("null-for-empty-list", lambda s: made_task(s)["tags"], [], None),
    ("priority-as-text", lambda s: made_task(s)["priority"], 3, "3"),
    ("slow-tail", late_requests, 0, 6),
    ("leak", grows, False, True),
    ("silent-errors", counted_errors, (2, 2), (0, 0)),
    ("silent-corruption", counted_corruption, 1, 0),
    ("events-lost", processed_events, 100, 90),
    ("ignores-capacity", highest_load, 2, 6),
    ("cursor-skips", walked_pages, 6, 4),
    ("forgets-replicas", replicated, (204, 200), (204, 404)),
    ("blind-critical", counted_critical, 1, 0),
]


@pytest.mark.parametrize(("defect", "look", "sound", "spoiled"), CANDIDATE, ids=[row[0] for row in CANDIDATE])
def test_a_defect_of_the_candidate_changes_what_it_says(
    launch: Any, defect: str, look: Look, sound: Any, spoiled: Any
) -> None:
    seen = []
    for name in ("", defect):
        service = launch("candidate", defect=name)
        seen.append(look(service))
        service.stop()
    assert seen == [sound, spoiled]


def put_flags(service: Any, **flags: Any) -> None:
    """Changes flags."""
    assert service.client.put("/admin/flags", json=flags).status_code == 200


def moved(service: Any, percentage: int) -> set[int]:
    """Which of 500 users are served by the candidate at a percentage."""
    put_flags(service, use_v2_orchestration=True, v2_user_percentage=percentage)
    users = [[f"user-{n}", None] for n in range(500)]
    sides = service.client.post("/admin/assignments", json={"users": users}).json()["assignments"]
    return {n for n, side in enumerate(sides) if side == "candidate"}


def is_sticky(service: Any) -> bool:
    """Whether users stay where they are."""
    return moved(service, 50) == moved(service, 50)


def is_monotone(service: Any) -> bool:
    """Whether a growing share moves nobody back."""
    return moved(service, 25) <= moved(service, 50)


def code_of_dead_candidate(service: Any) -> int:
    """What a user gets whose side is gone."""
    put_flags(service, use_v2_orchestration=True, v2_user_percentage=100)
    return int(service.client.get("/health").status_code)


def code_while_held(service: Any) -> int:
    """What a user gets who asks while traffic is held; 0 for nothing yet."""
    service.client.put("/admin/traffic", json={"state": "hold"})
    try:
        return httpx.get(f"{service.url}/health", timeout=1).status_code
    except httpx.ReadTimeout:
        return 0
    finally:
        service.client.put("/admin/traffic", json={"state": "release"})


def side_of_listed_team(service: Any) -> str:
    """Where a user of a listed team is served."""
    put_flags(service, use_v2_orchestration=True, v2_enabled_teams=["qa"])
    return str(service.client.post("/admin/assignments", json={"users": [["u", "qa"]]}).json()["assignments"][0])


def moved_at_once(service: Any) -> int:
    """How many of 500 users a change of flags has moved."""
    return len(moved(service, 100))


def kept_feedback(service: Any) -> tuple[int, int]:
    """The answer to feedback, and how much of it is kept."""
    answer = service.client.post("/feedback-v2", json={"user": "u", "text": "t", "score": 5})
    return answer.status_code, service.client.get("/feedback-v2").json()["count"]


GATEWAY: list[tuple[str, Look, Any, Any]] = [
    ("random-bucket", is_sticky, True, False),
    ("shrinking-ramp", is_monotone, True, False),
    ("no-fallback", code_of_dead_candidate, 200, 502),
    ("cutover-gap", code_while_held, 0, 503),
    ("ignores-teams", side_of_listed_team, "candidate", "baseline"),
    ("late-flags", moved_at_once, 500, 0),
    ("drops-feedback", kept_feedback, (201, 1), (201, 0)),
]


@pytest.mark.parametrize(("defect", "look", "sound", "spoiled"), GATEWAY, ids=[row[0] for row in GATEWAY])
def test_a_defect_of_the_gateway_changes_what_it_says(
    launch: Any, fresh_sides: dict[str, Any], defect: str, look: Look, sound: Any, spoiled: Any
) -> None:
    seen = []
    for name in ("", defect):
        sides = ("--baseline", fresh_sides["baseline"].url, "--candidate", "http://127.0.0.1:1")
        service = launch("gateway", *sides, defect=name)
        seen.append(look(service))
        service.stop()
    assert seen == [sound, spoiled]


@pytest.mark.parametrize(("defect", "percentage"), [("", 30), ("forgets-flags", 0)], ids=["sound", "forgets-flags"])
def test_a_gateway_that_forgets_begins_with_the_defaults(
    launch: Any, tmp_path: Any, defect: str, percentage: int
) -> None:
    sides = ("--baseline", "http://127.0.0.1:1", "--candidate", "http://127.0.0.1:1")
    for _ in range(2):
        service = launch("gateway", *sides, defect=defect, folder=tmp_path)
        seen = service.client.get("/admin/flags").json()["v2_user_percentage"]
        put_flags(service, v2_user_percentage=30)
        service.stop()
    assert seen == percentage
