"""Every endpoint of the v1 API, asked of both sides by the same test; the sides run as processes on loopback."""

import hashlib
import json
from typing import Any

import httpx
import pytest

SIDE_VERSIONS = {"baseline": "1.4.0", "candidate": "2.0.0"}
TASK_FIELDS = {
    *("id", "title", "agent", "status", "priority", "workflow_id", "created_by", "created_at"),
    *("estimate", "result", "notes", "tags"),
}


def new_task(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    """A task that was just made."""
    answer = api.post("/api/tasks", json={"title": "t", "created_by": "u", **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def new_workflow(api: httpx.Client, *agents: str, critical: bool = False) -> dict[str, Any]:
    """A workflow that was just made."""
    steps = [{"agent": agent} for agent in agents]
    answer = api.post("/api/workflows", json={"title": "w", "owner": "o", "critical": critical, "steps": steps})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def error_code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


def test_health_counts_the_tasks_and_tells_the_version(side: Any) -> None:
    new_task(side.client)
    expected = {"status": "healthy", "version": SIDE_VERSIONS[side.name], "tasks": 1}
    assert side.client.get("/health").json() == expected


def test_every_answer_says_which_side_gave_it(side: Any) -> None:
    label = {"baseline": "v1", "candidate": "v2"}[side.name]
    paths = ["/health", "/api/tasks", "/api/tasks/none", "/metrics", "/nowhere"]
    assert [side.client.get(path).headers["x-served-by"] for path in paths] == [label] * len(paths)


def test_agents_are_listed_by_id_with_their_load(api: httpx.Client) -> None:
    new_task(api, role="sre")
    agents = api.get("/api/agents").json()["agents"]
    assert [agent["id"] for agent in agents] == sorted(agent["id"] for agent in agents)
    assert len(agents) == 10
    expected = {"id": "sre", "role": "sre", "capacity": 2, "load": 1, "talks_to": ["devops-engineer", "pm"]}
    assert api.get("/api/agents/sre").json() == expected
    assert expected in agents


def test_an_unknown_agent_is_not_found(api: httpx.Client) -> None:
    assert error_code(api.get("/api/agents/nobody")) == (404, "agent_not_found")
    assert error_code(api.get("/api/agents/nobody/messages")) == (404, "agent_not_found")


def test_a_new_task_is_shown_in_full_and_can_be_found_where_it_says(api: httpx.Client) -> None:
    order = {"title": "Ünï 🐦", "created_by": "u", "role": "sre", "estimate": 2**53 + 1, "notes": "", "priority": 5}
    answer = api.post("/api/tasks", json=order)
    view = answer.json()
    assert set(view) == TASK_FIELDS
    given = {name: order[name] for name in order if name != "role"}
    made: dict[str, Any] = {"agent": "sre", "status": "assigned", "workflow_id": None, "tags": [], "result": None}
    assert view == {"id": view["id"], "created_at": view["created_at"]} | given | made
    assert api.get(answer.headers["location"]).json() == view


@pytest.mark.parametrize(
    ("order", "agent"),
    [
        pytest.param({"role": "sre"}, "sre", id="by-role"),
        pytest.param({"skill": "web"}, "frontend-engineer", id="by-skill"),
        pytest.param({"role": "pm", "skill": "web"}, "pm", id="role-before-skill"),
        pytest.param({}, "backend-engineer", id="anybody"),
    ],
)
def test_a_task_goes_to_who_is_asked_for(api: httpx.Client, order: dict[str, str], agent: str) -> None:
    assert new_task(api, **order)["agent"] == agent


def test_a_full_agent_passes_work_to_its_least_busy_colleague_and_then_it_waits(api: httpx.Client) -> None:
    agents = [new_task(api, role="sre")["agent"] for _ in range(7)]
    # devops-engineer and pm are its colleagues with two places each; the first by name wins a tie.
    assert agents == ["sre", "sre", "devops-engineer", "pm", "devops-engineer", "pm", None]
    assert api.get("/api/tasks", params={"status": "queued"}).json()["tasks"][0]["agent"] is None


def test_work_is_passed_to_direct_colleagues_only(api: httpx.Client) -> None:
    assert [new_task(api, role="product-owner")["agent"] for _ in range(3)] == ["product-owner", "product-owner", None]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        pytest.param({"title": ""}, ["title"], id="empty-title"),
        pytest.param({"title": None}, ["title"], id="null-title"),
        pytest.param({"title": "a\x00b"}, ["title"], id="nul-in-title"),
        pytest.param({"priority": 0}, ["priority"], id="priority-too-low"),
        pytest.param({"priority": "3"}, ["priority"], id="priority-as-text"),
        pytest.param({"priority": True}, ["priority"], id="priority-as-bool"),
        pytest.param({"role": "cook"}, ["role"], id="unknown-role"),
        pytest.param({"role": 5}, ["role"], id="role-as-number"),
        pytest.param({"skill": "soup"}, ["skill"], id="unknown-skill"),
        pytest.param({"estimate": 2**63}, ["estimate"], id="estimate-too-wide"),
        pytest.param({"workflow_id": "none"}, ["workflow_id"], id="unknown-workflow"),
        pytest.param({"title": 1, "created_by": 2}, ["created_by", "title"], id="two-fields"),
    ],
)
def test_a_wrong_task_is_refused_with_its_fields(api: httpx.Client, change: dict[str, Any], fields: list[str]) -> None:
    answer = api.post("/api/tasks", json={"title": "t", "created_by": "u", **change})
    assert error_code(answer) == (422, "invalid_task")
    assert answer.json()["error"]["fields"] == fields
    assert set(answer.json()) == {"error"}
    assert api.get("/health").json()["tasks"] == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"title": "\\ud800", "created_by": "u"}'], ids=repr)
def test_a_body_that_is_no_task_is_refused_without_a_crash(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/api/tasks", content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert "error" in answer.json()


def test_the_same_key_makes_one_task(api: httpx.Client) -> None:
    order = {"title": "t", "created_by": "u"}
    answers = [api.post("/api/tasks", json=order, headers={"idempotency-key": "k"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert api.get("/health").json()["tasks"] == 1


def test_a_batch_is_delegated_task_by_task(api: httpx.Client) -> None:
    tasks = [{"title": f"t{n}", "created_by": "u", "role": "product-owner"} for n in range(3)]
    answer = api.post("/api/tasks/batch", json={"tasks": tasks})
    receipt = answer.json()
    assert (answer.status_code, receipt["accepted"]) == (201, 3)
    found = [api.get(f"/api/tasks/{identifier}").json() for identifier in receipt["ids"]]
    assert [(task["title"], task["status"]) for task in found] == [
        ("t0", "assigned"),
        ("t1", "assigned"),
        ("t2", "queued"),
    ]


def test_a_batch_can_be_run_to_completion(side: Any) -> None:
    before = side.metric("orchestration_tasks_completed_total")
    tasks = [{"title": "t", "created_by": "u", "role": "sre"} for _ in range(500)]
    answer = side.client.post("/api/tasks/batch", json={"tasks": tasks, "run": True})
    assert answer.json()["accepted"] == 500
    assert {task["agent"] for task in side.client.get("/api/tasks?status=completed&limit=500").json()["tasks"]} == {
        "sre"
    }
    assert side.metric("orchestration_tasks_completed_total") == before + 500


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_between_1_and_500_tasks(api: httpx.Client, count: int) -> None:
    answer = api.post("/api/tasks/batch", json={"tasks": [{"title": "t", "created_by": "u"}] * count})
    assert error_code(answer) == (422, "invalid_task")


def test_a_batch_with_one_wrong_task_makes_none(api: httpx.Client) -> None:
    answer = api.post("/api/tasks/batch", json={"tasks": [{"title": "t", "created_by": "u"}, {"title": "t"}]})
    assert answer.json()["error"]["fields"] == ["tasks.1.created_by"]
    assert api.get("/health").json()["tasks"] == 0


@pytest.mark.parametrize("limit", [1, 2, 5, 7], ids="limit-{}".format)
def test_pages_hold_every_task_once_in_the_order_of_ids(api: httpx.Client, limit: int) -> None:
    made = [new_task(api)["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get("/api/tasks", params={"limit": limit, **({"cursor": cursor} if cursor else {})}).json()
        assert 0 < len(page["tasks"]) <= limit
        seen += [task["id"] for task in page["tasks"]]
        cursor = page["next"]
    assert seen == made == sorted(made)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        pytest.param({"status": "assigned"}, ["a", "b"], id="by-status"),
        pytest.param({"agent": "sre"}, ["b"], id="by-agent"),
        pytest.param({"created_by": "x"}, ["b", "c"], id="by-creator"),
        pytest.param({"created_by": "x", "status": "completed"}, ["c"], id="by-two"),
        pytest.param({"agent": "nobody"}, [], id="none"),
    ],
)
def test_tasks_can_be_filtered(api: httpx.Client, query: dict[str, str], titles: list[str]) -> None:
    new_task(api, title="a", role="pm")
    new_task(api, title="b", role="sre", created_by="x")
    done = new_task(api, title="c", role="pm", created_by="x")
    api.post(f"/api/tasks/{done['id']}/complete", json={"success": True, "result": None})
    assert [task["title"] for task in api.get("/api/tasks", params=query).json()["tasks"]] == titles


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "status=lost"])
def test_a_wrong_query_is_refused(api: httpx.Client, query: str) -> None:
    answer = api.get(f"/api/tasks?{query}")
    assert error_code(answer) == (422, "invalid_query")
    assert answer.json()["error"]["fields"] == [query.partition("=")[0]]


@pytest.mark.parametrize(("success", "status"), [(True, "completed"), (False, "failed")], ids=["success", "failure"])
def test_a_task_ends_once_with_its_result(api: httpx.Client, success: bool, status: str) -> None:
    task = new_task(api, role="sre")
    result = {"nested": [1, {"wide": 2**60}], "text": "عربي"}
    path = f"/api/tasks/{task['id']}/complete"
    ended = api.post(path, json={"result": result, "success": success})
    assert (ended.status_code, ended.json()) == (200, task | {"status": status, "result": result})
    assert error_code(api.post(path, json={"result": 1, "success": True})) == (409, "task_closed")
    assert api.get(f"/api/tasks/{task['id']}").json() == ended.json()
    assert api.get("/api/agents/sre").json()["load"] == 0


def test_a_deleted_task_is_gone_for_callers(api: httpx.Client) -> None:
    task, kept = new_task(api, role="sre"), new_task(api)
    path = f"/api/tasks/{task['id']}"
    answer = api.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    refusals = [api.get(path), api.delete(path), api.post(f"{path}/complete", json={"success": True})]
    assert [error_code(refusal) for refusal in refusals] == [(404, "task_not_found")] * 3
    assert [task["id"] for task in api.get("/api/tasks").json()["tasks"]] == [kept["id"]]
    assert api.get("/api/agents/sre").json()["load"] == 0


def test_a_workflow_begins_active_with_pending_steps(api: httpx.Client) -> None:
    view = new_workflow(api, "sre", "pm", critical=True)
    steps = [{"seq": 1, "agent": "sre", "state": "pending"}, {"seq": 2, "agent": "pm", "state": "pending"}]
    assert view == {
        "id": view["id"],
        "title": "w",
        "status": "active",
        "critical": True,
        "owner": "o",
        "created_at": view["created_at"],
        "steps": steps,
    }
    assert api.get(f"/api/workflows/{view['id']}").json() == view


def test_workflows_are_listed_without_steps_and_by_status(api: httpx.Client) -> None:
    first, second = new_workflow(api, "sre"), new_workflow(api, "pm")
    api.post(f"/api/workflows/{second['id']}/pause")
    assert [flow["id"] for flow in api.get("/api/workflows").json()["workflows"]] == [first["id"], second["id"]]
    [paused] = api.get("/api/workflows?status=paused").json()["workflows"]
    assert (paused["id"], "steps" in paused) == (second["id"], False)


def test_the_last_step_completes_a_workflow(api: httpx.Client) -> None:
    path = f"/api/workflows/{new_workflow(api, 'sre', 'pm')['id']}"
    first, second = api.post(f"{path}/advance").json(), api.post(f"{path}/advance").json()
    assert (first["status"], [step["state"] for step in first["steps"]]) == ("active", ["done", "pending"])
    assert (second["status"], [step["state"] for step in second["steps"]]) == ("completed", ["done", "done"])


@pytest.mark.parametrize(
    ("actions", "allowed"),
    [
        pytest.param([], {"pause", "advance", "complete"}, id="active"),
        pytest.param(["pause"], {"resume"}, id="paused"),
        pytest.param(["pause", "resume"], {"pause", "advance", "complete"}, id="resumed"),
        pytest.param(["complete"], set(), id="completed"),
    ],
)
@pytest.mark.parametrize("action", ["pause", "resume", "advance", "complete"])
def test_a_workflow_allows_what_its_status_allows(
    api: httpx.Client, actions: list[str], allowed: set[str], action: str
) -> None:
    path = f"/api/workflows/{new_workflow(api, 'sre', 'pm')['id']}"
    for earlier in actions:
        assert api.post(f"{path}/{earlier}").status_code == 200
    before = api.get(path).json()
    answer = api.post(f"{path}/{action}")
    if action in allowed:
        assert answer.status_code == 200
        assert answer.json() == api.get(path).json() != before
    else:
        assert error_code(answer) == (409, "workflow_state")
        assert api.get(path).json() == before


@pytest.mark.parametrize("path", ["none", "none/pause", "none/advance"])
def test_an_unknown_workflow_is_not_found(api: httpx.Client, path: str) -> None:
    answer = api.post(f"/api/workflows/{path}") if "/" in path else api.get(f"/api/workflows/{path}")
    assert error_code(answer) == (404, "workflow_not_found")


def test_a_wrong_workflow_is_refused(api: httpx.Client) -> None:
    answer = api.post("/api/workflows", json={"title": "w", "owner": "o", "steps": [{"agent": "cook"}]})
    assert error_code(answer) == (422, "invalid_workflow")
    assert answer.json()["error"]["fields"] == ["steps.0.agent"]


def test_messages_go_along_connections_only(api: httpx.Client) -> None:
    bodies = ["first", "second"]
    for body in bodies:
        answer = api.post("/api/messages", json={"sender": "sre", "recipient": "pm", "body": body})
        assert (answer.status_code, answer.json()) == (202, {"id": answer.json()["id"], "delivered": True})
    back = api.post("/api/messages", json={"sender": "pm", "recipient": "sre", "body": "x"})
    assert error_code(back) == (409, "not_connected")
    inbox = api.get("/api/agents/pm/messages").json()["messages"]
    assert [(m["sender"], m["recipient"], m["body"]) for m in inbox] == [("sre", "pm", body) for body in bodies]
    assert api.get("/api/agents/sre/messages").json() == {"messages": []}


def test_a_wrong_message_is_refused(api: httpx.Client) -> None:
    answer = api.post("/api/messages", json={"sender": "sre", "recipient": "cook", "body": "x"})
    assert error_code(answer) == (422, "invalid_message")


def test_the_checksum_is_over_the_tasks_that_callers_see(api: httpx.Client) -> None:
    new_workflow(api, "sre")
    gone = new_task(api)
    tasks = [new_task(api, notes="é"), new_task(api, role="sre")]
    api.delete(f"/api/tasks/{gone['id']}")
    lines = [json.dumps(t, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n" for t in tasks]
    checksum = hashlib.sha256("".join(lines).encode()).hexdigest()
    expected = {"tasks": 2, "workflows": 1, "orphans": 0, "corrupt": 0, "checksum": checksum}
    assert api.get("/api/integrity").json() == expected


def test_unknown_paths_and_methods_are_refused_in_the_same_form(api: httpx.Client) -> None:
    assert error_code(api.get("/api/nothing")) == (404, "not_found")
    answer = api.put("/api/tasks", json={})
    assert error_code(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"]


def test_both_sides_describe_the_same_operations(fresh_sides: dict[str, Any]) -> None:
    paths = {name: service.client.get("/openapi.json").json()["paths"] for name, service in fresh_sides.items()}
    shown = {name: {(path, verb) for path in paths[name] for verb in paths[name][path]} for name in paths}
    assert shown["baseline"] == {(p, v) for p, v in shown["candidate"] if "/v2" not in p}
    assert len(shown["baseline"]) == 19
