"""Both versions of the fleet with the features off: the same requests, the same answers but for ids and times."""

import json
from typing import Any

import pytest

REQUESTS: dict[str, tuple[str, str, Any]] = {
    "agents": ("GET", "/agents", None),
    "tools": ("GET", "/tools", None),
    "task": ("POST", "/tasks", {"agentType": "test-generator", "description": "Grüße", "context": ["a", "b"]}),
    "gate": ("POST", "/tasks", {"agentType": "quality-gate", "description": "x", "priority": 1, "label": "complex"}),
    "spawned-for-a-task": ("POST", "/tasks", {"agentType": "coverage-analyzer", "description": "x", "context": ["f"]}),
    "unknown-field": ("POST", "/tasks", {"agentType": "test-generator", "description": "x", "colour": "red"}),
    "unknown-agent": ("POST", "/tasks", {"agentType": "pilot", "description": "x"}),
    "empty-description": ("POST", "/tasks", {"agentType": "test-generator", "description": ""}),
    "half-a-pair": ("POST", "/tasks", {"agentType": "test-generator", "description": "\ud800"}),
    "text-for-a-number": ("POST", "/tasks", {"agentType": "test-generator", "description": "x", "steps": "3"}),
    "no-object": ("POST", "/tasks", [1]),
    "task-with-a-nul": ("GET", "/tasks/a%00b", None),
    "partition-with-a-nul": ("GET", "/memory/a%00b", None),
    "cursor-with-a-nul": ("GET", "/tasks?cursor=a%00b", None),
    "no-such-task": ("GET", "/tasks/no-such", None),
    "bad-limit": ("GET", "/tasks?limit=0", None),
    "put-a-task": ("PUT", "/tasks", {}),
    "spawn": ("POST", "/agents", {"type": "quality-gate"}),
    "spawn-unknown": ("POST", "/agents", {"type": "pilot"}),
    "count-tokens": ("POST", "/tools/token-count/execute", {"params": {"text": "four signs each"}}),
    "count-nothing": ("POST", "/tools/token-count/execute", {"params": {}}),
    "make-data": ("POST", "/tools/test-data/execute", {"params": {"count": 4, "seed": 9}}),
    "too-much-data": ("POST", "/tools/test-data/execute", {"params": {"count": 1001}}),
    "no-such-tool": ("POST", "/tools/hammer/execute", {"params": {}}),
    "no-such-partition": ("GET", "/memory/nobody/knows", None),
    "partitions": ("GET", "/memory", None),
    "nowhere": ("GET", "/nowhere", None),
}
MADE = ("id", "createdAt")
JSON = "application/json"


def asked(side: Any, method: str, path: str, body: Any, **headers: str) -> tuple[int, str, Any]:
    """Status, type and body of an answer, without what each side makes for itself."""
    # httpx would not send half a surrogate pair; users' programs do.
    content = None if body is None else json.dumps(body)
    answer = side.client.request(method, path, content=content, headers={"content-type": JSON} | headers)
    shown = answer.json()
    if path == "/tasks" and answer.status_code == 201:
        shown = {name: value for name, value in shown.items() if name not in MADE}
    return answer.status_code, answer.headers["content-type"], shown


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_both_sides_answer_alike(sides: dict[str, Any], request_: tuple[str, str, Any]) -> None:
    assert asked(sides["baseline"], *request_) == asked(sides["candidate"], *request_)


def test_a_reader_of_events_gets_json_while_streaming_is_off(sides: dict[str, Any]) -> None:
    order = {"agentType": "test-generator", "description": "x"}
    answers = [asked(side, "POST", "/tasks", order, accept="text/event-stream") for side in sides.values()]
    assert answers[0] == answers[1]
    assert answers[1][1] == JSON


@pytest.mark.parametrize("name", ["baseline", "candidate"])
def test_a_task_is_kept_as_it_was_answered_and_remembered(sides: dict[str, Any], name: str) -> None:
    side = sides[name]
    done = side.do(description="to be kept")
    assert side.client.get(f"/tasks/{done['id']}").json() == done
    entries = side.client.get("/memory/coordination?limit=500").json()["entries"]
    note = {"agentType": "test-generator", "status": "completed"}
    assert {"key": f"tasks/{done['id']}", "value": note, "owner": "test-generator", "accessLevel": "team"} in entries


@pytest.mark.parametrize("name", ["baseline", "candidate"])
def test_pages_have_every_task_once(sides: dict[str, Any], name: str) -> None:
    side = sides[name]
    for _ in range(3):
        side.do()
    met: list[str] = []
    cursor = ""
    while cursor is not None:
        page = side.client.get(f"/tasks?limit=2{cursor and '&cursor=' + cursor}").json()
        met += [task["id"] for task in page["tasks"]]
        cursor = page["next"]
    whole = side.client.get("/tasks?limit=500").json()["tasks"]
    assert met == sorted(met) == [task["id"] for task in whole]


def test_health_tells_versions_and_features(sides: dict[str, Any]) -> None:
    assert sides["baseline"].client.get("/health").json() == {"status": "healthy", "version": "1.0.4"}
    off = {"multiModelRouter": False, "streaming": False}
    assert sides["candidate"].client.get("/health").json() == {"status": "healthy", "version": "1.0.5", "features": off}


@pytest.mark.parametrize("name", ["baseline", "candidate"])
def test_a_plain_task_costs_what_the_document_says(sides: dict[str, Any], name: str) -> None:
    before = sides[name].metric("fleet_cost_usd_total")
    assert sides[name].do()["model"] == "claude-sonnet-4.5"
    assert sides[name].metric("fleet_cost_usd_total") - before == pytest.approx(0.012)


def test_with_the_features_off_no_partition_is_new(sides: dict[str, Any]) -> None:
    sides["candidate"].do()
    assert sides["candidate"].client.get("/memory").json() == {"partitions": ["coordination"]}


@pytest.mark.parametrize("name", ["baseline", "candidate"])
def test_a_model_that_fails_fails_the_task_which_is_kept(launch: Any, name: str) -> None:
    side = launch(name)
    side.client.put("/internal/models", json={"*": {"error_rate": 1}})
    answer = side.client.post("/tasks", json={"agentType": "test-generator", "description": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "model_unavailable")
    assert [task["status"] for task in side.client.get("/tasks").json()["tasks"]] == ["failed"]
    side.client.delete("/internal/models")
    assert side.do()["status"] == "completed"


def test_each_version_goes_on_with_the_store_of_the_other(launch: Any, sides: dict[str, Any]) -> None:
    store = f"sqlite:///{sides['baseline'].folder / 'fleet.db'}"
    made = sides["baseline"].do(description="before")
    candidate = launch("candidate", "--store", store, "--models", sides["baseline"].url)
    assert candidate.client.get(f"/tasks/{made['id']}").json() == made
    assert candidate.stop() == 0
    assert sides["baseline"].client.get(f"/tasks/{made['id']}").json() == made


def test_the_documents_of_both_versions_have_the_same_paths_for_users(sides: dict[str, Any]) -> None:
    paths = [
        {
            (path, method)
            for path, methods in side.client.get("/openapi.json").json()["paths"].items()
            for method in methods
        }
        for side in sides.values()
    ]
    assert paths[0] == paths[1]
    assert ("/tasks", "post") in paths[0]
