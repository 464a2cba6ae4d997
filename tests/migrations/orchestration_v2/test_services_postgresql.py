"""Both sides once on PostgreSQL, in a database whose language sorts and stores text otherwise than SQLite does."""

from collections.abc import Callable
from typing import Any

import pytest

IDS = ["Task-1", "task 2", "task-10", "task-9", "täsk", "~"]
TASK = {
    "title": "عربي 🐦",
    "agent": "sre",
    "status": "assigned",
    "priority": 1,
    "workflow_id": "lost",
    "created_by": "u",
    "created_at": "2024-01-01T00:00:00+14:00",
    "estimate": -(2**60),
    "result": {"a": [1.5, None]},
    "notes": "",
    "tags": [],
}


@pytest.fixture(scope="module")
def both(new_database: Callable[[], str], launch: Any) -> list[Any]:
    """Baseline and candidate, each on a database of its own."""
    return [launch(name, "--store", new_database()) for name in ("baseline", "candidate")]


def test_ids_are_sorted_and_texts_are_kept_as_on_sqlite(both: list[Any]) -> None:
    sums = []
    for service in both:
        records = [TASK | {"id": identifier} for identifier in IDS]
        body = {"kind": "task", "records": records[::-1]}
        assert service.client.post("/internal/replicate", json=body).status_code == 204
        page = service.client.get("/api/tasks?limit=4").json()
        rest = service.client.get("/api/tasks", params={"cursor": page["next"]}).json()
        assert page["tasks"] + rest["tasks"] == sorted(records, key=lambda record: str(record["id"]))
        sums.append(service.client.get("/api/integrity").json())
    assert sums[0] == sums[1]
    assert (sums[0]["tasks"], sums[0]["orphans"]) == (6, 6)


def test_what_postgresql_cannot_store_is_refused_and_not_an_error(both: list[Any]) -> None:
    for service in both:
        assert service.client.get("/api/tasks/a%00b").status_code == 404
        assert service.client.get("/api/workflows/a%00b").status_code == 404
        order = {"title": "a\x00", "created_by": "u"}
        assert service.client.post("/api/tasks", json=order).status_code == 422
        assert service.client.get("/api/tasks", params={"agent": "a\x00"}).status_code == 422


def test_a_key_makes_one_task_and_a_spoiled_row_is_mended(both: list[Any]) -> None:
    for service in both:
        api, order = service.client, {"title": "t", "created_by": "u"}
        codes = [api.post("/api/tasks", json=order, headers={"idempotency-key": "k"}).status_code for _ in range(2)]
        assert codes == [201, 200]
        sound = api.get("/api/integrity").json()
        api.put("/internal/faults", json={"corrupt": True})
        assert api.get("/api/integrity").json()["corrupt"] == 1
        api.delete("/internal/faults")
        assert api.get("/api/integrity").json() == sound


def test_events_are_logged(both: list[Any]) -> None:
    candidate = both[1]
    candidate.client.post("/api/v2/events", json={"events": [{"topic": "x", "payload": {"é": 1}}] * 1000})
    assert candidate.stop() == 0
