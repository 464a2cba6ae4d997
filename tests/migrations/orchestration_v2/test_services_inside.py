"""What the sides offer to each other and to those who watch them: replicas, faults, metrics; the same test for both."""

import sqlite3
from contextlib import closing
from typing import Any

import httpx
import pytest

ORDER = {"title": "t", "created_by": "u"}
TASK = {
    "id": "task-x",
    "title": "Ü",
    "agent": "sre",
    "status": "failed",
    "priority": -1,
    "workflow_id": "lost",
    "created_by": "",
    "created_at": "2024-02-29T23:59:59+14:00",
    "estimate": 2**60,
    "result": {"a": [None]},
    "notes": "",
    "tags": [],
}
WORKFLOW = {
    "id": "workflow-x",
    "title": "w",
    "status": "paused",
    "critical": True,
    "owner": "o",
    "created_at": "2024-01-01T00:00:00-11:30",
    "steps": [{"seq": 3, "agent": "pm", "state": "running"}],
}
MESSAGE = {"id": "message-x", "sender": "sre", "recipient": "pm", "body": "b", "sent_at": "2024-01-01T00:00:00Z"}


def replicate(api: httpx.Client, kind: str, record: dict[str, Any]) -> int:
    """The status of taking over one record."""
    return api.post("/internal/replicate", json={"kind": kind, "record": record}).status_code


@pytest.mark.parametrize(
    ("kind", "record", "path"),
    [
        pytest.param("task", TASK, "/api/tasks/task-x", id="task"),
        pytest.param("workflow", WORKFLOW, "/api/workflows/workflow-x", id="workflow"),
    ],
)
def test_a_replica_is_shown_as_it_was_on_the_other_side(
    api: httpx.Client, kind: str, record: dict[str, Any], path: str
) -> None:
    assert [replicate(api, kind, record | {"title": "before"}), replicate(api, kind, record)] == [204, 204]
    assert api.get(path).json() == record
    found = api.post("/internal/records", json={"kind": kind, "ids": [record["id"], "none"]}).json()
    assert found == {"records": [record]}


def test_a_replicated_message_is_in_the_inbox(api: httpx.Client) -> None:
    assert [replicate(api, "message", MESSAGE) for _ in range(2)] == [204, 204]
    assert api.get("/api/agents/pm/messages").json() == {"messages": [MESSAGE]}
    wanted = {"kind": "message", "ids": ["message-x"]}
    assert api.post("/internal/records", json=wanted).json() == {"records": [MESSAGE]}


def test_a_replicated_key_makes_no_second_task(api: httpx.Client) -> None:
    replicate(api, "task", TASK | {"idempotency_key": "k"})
    answer = api.post("/api/tasks", json=ORDER, headers={"idempotency-key": "k"})
    assert (answer.status_code, answer.json()) == (200, TASK)


def test_a_replicated_removal_hides_the_task(api: httpx.Client) -> None:
    replicate(api, "task", TASK)
    assert replicate(api, "task", {"id": "task-x", "deleted": True}) == 204
    assert api.get("/api/tasks/task-x").status_code == 404


@pytest.mark.parametrize(
    "record",
    [{"id": "task-x"}, TASK | {"status": "lost"}, TASK | {"priority": "3"}, TASK | {"id": ""}],
    ids=["incomplete", "unknown-status", "wrong-type", "empty-id"],
)
def test_a_record_of_another_shape_is_refused_and_nothing_is_kept(api: httpx.Client, record: dict[str, Any]) -> None:
    answer = api.post("/internal/replicate", json={"kind": "task", "records": [TASK, record]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_record")
    assert api.get("/health").json()["tasks"] == 0


def test_both_sides_have_one_checksum_for_the_same_tasks(fresh_sides: dict[str, Any]) -> None:
    for service in fresh_sides.values():
        replicate(service.client, "workflow", WORKFLOW)
        for n, workflow in enumerate(["workflow-x", "lost", None]):
            replicate(service.client, "task", TASK | {"id": f"task-{n}", "workflow_id": workflow})
    baseline, candidate = (service.client.get("/api/integrity").json() for service in fresh_sides.values())
    assert baseline == candidate
    assert (baseline["tasks"], baseline["workflows"], baseline["orphans"]) == (3, 1, 1)


def test_the_wanted_share_of_requests_fails_and_is_counted(side: Any) -> None:
    api, errors = side.client, side.metric("orchestration_errors_total")
    ok, failed = (side.metric("orchestration_requests_total", code=code) for code in ("200", "500"))
    assert api.put("/internal/faults", json={"error_rate": 0.25}).json()["error_rate"] == 0.25
    answers = [api.get("/api/agents") for _ in range(40)]
    bodies = [answer.json() for answer in answers if answer.status_code == 500]
    assert [body["error"]["code"] for body in bodies] == ["internal"] * 10
    assert api.get("/health").status_code == 200
    assert side.metric("orchestration_errors_total") == errors + 10
    assert side.metric("orchestration_requests_total", code="500") == failed + 10
    assert side.metric("orchestration_requests_total", code="200") == ok + 30


def test_the_wanted_share_of_requests_is_late(api: httpx.Client) -> None:
    api.put("/internal/faults", json={"delay_ms": 400, "delay_share": 0.5})
    late = [api.get("/api/agents/sre").elapsed.total_seconds() >= 0.4 for _ in range(6)]
    assert late == [False, True] * 3


def test_faults_end_when_they_are_deleted(api: httpx.Client) -> None:
    api.put("/internal/faults", json={"error_rate": 1})
    assert api.get("/api/agents").status_code == 500
    assert api.delete("/internal/faults").status_code == 204
    assert api.get("/api/agents").status_code == 200
    assert api.get("/internal/faults").json()["error_rate"] == 0


@pytest.mark.parametrize(
    "faults", [{"error_rate": 2}, {"error_rate": "many"}, {"flood": True}], ids=["share", "type", "name"]
)
def test_a_wrong_fault_is_refused(api: httpx.Client, faults: dict[str, Any]) -> None:
    assert api.put("/internal/faults", json=faults).status_code == 422
    assert api.get("/internal/faults").json()["error_rate"] == 0


def test_a_critical_workflow_can_be_made_to_fail_and_is_counted(side: Any) -> None:
    before = side.metric("orchestration_workflow_failures_total", critical="true")
    paths = []
    for critical in (True, False):
        order = {"title": "w", "owner": "o", "critical": critical, "steps": [{"agent": "sre"}]}
        paths.append(f"/api/workflows/{side.client.post('/api/workflows', json=order).json()['id']}")
    side.client.put("/internal/faults", json={"critical_workflow_failure": True})
    answers = [side.client.post(f"{path}/advance") for path in paths]
    assert [answer.status_code for answer in answers] == [500, 200]
    assert side.client.get(paths[0]).json()["status"] == "active"
    assert side.metric("orchestration_workflow_failures_total", critical="true") == before + 1


def test_one_row_can_be_spoiled_and_mended(side: Any) -> None:
    api = side.client
    for _ in range(3):
        api.post("/api/tasks", json=ORDER)
    sound, counted = api.get("/api/integrity").json(), side.metric("orchestration_corruption_total")
    api.put("/internal/faults", json={"corrupt": True})
    spoiled = api.get("/api/integrity").json()
    assert (spoiled["corrupt"], spoiled["checksum"] != sound["checksum"]) == (1, True)
    assert [side.metric("orchestration_corruption_total") for _ in range(2)] == [counted + 1] * 2
    api.delete("/internal/faults")
    assert api.get("/api/integrity").json() == sound


def test_an_empty_store_has_no_row_to_spoil(api: httpx.Client) -> None:
    assert api.put("/internal/faults", json={"corrupt": True}).status_code == 409
    assert api.get("/internal/faults").json()["corrupt"] is False


def test_metrics_tell_what_the_gates_need(side: Any) -> None:
    side.client.post("/api/tasks", json=ORDER)
    text = side.client.get("/metrics").text
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert names >= {
        *("orchestration_requests_total", "orchestration_errors_total", "orchestration_request_seconds"),
        *("orchestration_delegation_seconds", "orchestration_events_total", "orchestration_corruption_total"),
        *("orchestration_workflow_failures_total", "orchestration_tasks_completed_total"),
        *("process_resident_memory_bytes", "process_cpu_seconds_total"),
    }
    assert side.metric("process_resident_memory_bytes") > 1_000_000


def test_each_task_is_measured_while_it_is_delegated(side: Any) -> None:
    before = side.metric("orchestration_delegation_seconds_count")
    side.client.post("/api/tasks", json=ORDER)
    side.client.post("/api/tasks/batch", json={"tasks": [ORDER] * 4})
    assert side.metric("orchestration_delegation_seconds_count") == before + 5


def test_a_store_that_cannot_be_used_makes_the_side_unhealthy(launch: Any, side: Any, tmp_path: Any) -> None:
    service = launch(side.name, folder=tmp_path)
    with closing(sqlite3.connect(service.store)) as connection, connection:
        for table in ("tasks", "work_items"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    answer = service.client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unhealthy")
    broken = service.client.get("/api/tasks")
    assert (broken.status_code, broken.json()["error"]["code"]) == (500, "internal")
    assert service.client.get("/metrics").status_code == 200
    assert service.stop() == 0
