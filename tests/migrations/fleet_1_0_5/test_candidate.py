"""The candidate with its features on: models, budgets, streams and switches, as its users and operators meet them."""

import json
import os
import threading
import time
from typing import Any

import pytest

FLEET: dict[str, Any] = {
    "fleet": {"id": "test-fleet", "name": "Test Fleet"},
    "agents": [{"type": "test-generator"}, {"type": "quality-gate"}],
    "ai": {"apiKey": "test-key"},
    "features": {"multiModelRouter": True, "streaming": True},
    "routing": {"enabled": True},
    "streaming": {"enabled": True, "timeoutMs": 2000, "retryConfig": {"backoffMs": 20}},
}
ORDER = {"agentType": "test-generator", "description": "streamed", "outputTokens": 500}
ACCEPT = {"accept": "text/event-stream"}
OFF = {"multiModelRouter": False, "streaming": False}


def events(side: Any, **order: Any) -> list[tuple[str, Any]]:
    """The events of a task."""
    answer = side.client.post("/tasks", json=ORDER | order, headers=ACCEPT)
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    blocks = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def entries(side: Any, partition: str) -> list[Any]:
    """Values of a partition."""
    return [entry["value"] for entry in side.client.get(f"/memory/{partition}?limit=500").json()["entries"]]


@pytest.mark.parametrize(
    ("size", "model"),
    [
        ({}, "claude-haiku-4"),
        ({"steps": 6, "inputTokens": 4000, "context": ["a"] * 5}, "claude-sonnet-4.5"),
        ({"steps": 10, "inputTokens": 8000, "context": ["a"] * 10}, "claude-opus-4"),
    ],
    ids=["simple", "medium", "complex"],
)
def test_a_task_gets_its_model_and_leaves_a_selection(featured: Any, size: dict[str, Any], model: str) -> None:
    done = featured.do(**size)
    assert done["model"] == model
    kept = next(value for value in entries(featured, "routing/selections") if value["taskId"] == done["id"])
    assert kept["model"] == model
    assert set(kept) == {"taskId", "complexity", "model", "reason"}


def test_the_result_does_not_depend_on_the_model(featured: Any) -> None:
    routed = featured.do(description="the same")
    featured.client.put("/admin/flags", json={"multiModelRouter": False})
    plain = featured.do(description="the same")
    assert (routed["model"], plain["model"]) == ("claude-haiku-4", "claude-sonnet-4.5")
    assert routed["result"] == plain["result"]


def test_a_streamed_task_ends_as_the_whole_one(featured: Any) -> None:
    met = events(featured)
    assert [name for name, _ in met] == ["start", *["chunk"] * 10, "complete"]
    assert [said["index"] for name, said in met if name == "chunk"] == list(range(10))
    whole, streamed = featured.do(**ORDER), met[-1][1]
    assert {name: streamed[name] for name in ("result", "model", "usage")} == {
        name: whole[name] for name in ("result", "model", "usage")
    }
    assert featured.client.get(f"/tasks/{streamed['id']}").json() == streamed
    session = next(
        value for value in entries(featured, "streaming/sessions") if value["streamId"] == met[0][1]["streamId"]
    )
    assert (session["chunks"], session["state"]) == (10, "completed")
    assert session["startedAt"] <= session["firstChunkAt"] <= session["endedAt"]


def test_a_silent_model_ends_in_a_fallback_with_the_same_result(featured: Any) -> None:
    whole = featured.do(**ORDER)["result"]
    featured.configure(FLEET | {"streaming": {"enabled": True, "timeoutMs": 300}})
    featured.client.put("/internal/models", json={"*": {"stall_after": 3}})
    met = events(featured)
    assert [name for name, _ in met] == ["start", *["chunk"] * 3, "fallback", "complete"]
    assert met[-2][1] == {"reason": "Stream timeout"}
    assert met[-1][1]["result"] == whole


def test_models_that_fail_altogether_end_in_an_error_and_a_failed_task(featured: Any) -> None:
    featured.client.put("/internal/models", json={"*": {"error_rate": 1}})
    met = events(featured)
    assert [name for name, _ in met] == ["start", "fallback", "error"]
    assert met[-1][1]["code"] == "model_unavailable"
    assert featured.client.get(f"/tasks/{met[0][1]['taskId']}").json()["status"] == "failed"


def test_a_task_whose_reader_has_gone_is_done_to_its_end(featured: Any) -> None:
    featured.client.put("/internal/models", json={"*": {"line_ms": 30}})
    with featured.client.stream("POST", "/tasks", json=ORDER, headers=ACCEPT) as answer:
        lines = answer.iter_lines()
        next(lines)
        task = json.loads(next(lines).removeprefix("data: "))["taskId"]
    for _ in range(200):
        if featured.client.get(f"/tasks/{task}").status_code == 200:
            break
        time.sleep(0.05)
    assert featured.client.get(f"/tasks/{task}").json()["status"] == "completed"


def test_what_cannot_be_done_is_refused_before_a_stream_begins(featured: Any) -> None:
    answer = featured.client.post("/tasks", json=ORDER | {"agentType": "pilot"}, headers=ACCEPT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_task")


@pytest.fixture
def tracking(launch: Any, models: Any) -> Any:
    """A candidate that tracks costs under a budget of 0.1 USD a day."""
    tracker = {"enabled": True, "budgetLimits": {"daily": 0.1, "monthly": 10}}
    config = FLEET | {"routing": {"enabled": True, "costTracking": tracker}}
    started = launch("candidate", "--models", models.url, config=config)
    yield started
    started.stop()


def test_costs_are_recorded_alerted_and_enforced(tracking: Any) -> None:
    whole, streamed = tracking.do(), events(tracking)[-1][1]
    records = {record["taskId"]: record for record in entries(tracking, "routing/costs")}
    assert records[whole["id"]]["usd"] == pytest.approx(0.0032)
    assert records[streamed["id"]]["model"] == "claude-haiku-4"
    assert tracking.metric("fleet_tracked_usd_total") == pytest.approx(tracking.metric("fleet_cost_usd_total"))
    tracking.client.post("/admin/spend", json={"usd": 0.08})
    costs = tracking.client.get("/admin/costs").json()
    assert [alert["period"] for alert in costs["alerts"]] == ["daily"]
    tracking.do()
    tracking.client.post("/admin/spend", json={"usd": 0.02})
    refused = tracking.client.post("/tasks", json=ORDER)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "budget_exceeded")
    tracking.client.put("/admin/flags", json={"multiModelRouter": False})
    assert tracking.do()["model"] == "claude-sonnet-4.5"


def test_enforcement_may_choose_the_cheapest_model_instead(tracking: Any) -> None:
    tracker = {"enabled": True, "budgetLimits": {"daily": 0.1, "monthly": 10}, "enforcement": "downgrade"}
    tracking.configure(FLEET | {"routing": {"enabled": True, "costTracking": tracker}})
    large = {"steps": 10, "inputTokens": 8000, "context": ["a"] * 10}
    assert tracking.do(**large)["model"] == "claude-opus-4"
    assert tracking.do(**large)["model"] == "claude-haiku-4"


def test_an_override_switches_one_agent_type_off(featured: Any) -> None:
    featured.configure(FLEET | {"featureOverrides": {"agentType": {"test-generator": OFF}}})
    assert featured.do()["model"] == "claude-sonnet-4.5"
    assert featured.do(agentType="quality-gate")["model"] == "claude-haiku-4"
    answer = featured.client.post("/tasks", json=ORDER, headers=ACCEPT)
    assert answer.headers["content-type"] == "application/json"
    assert featured.client.get("/health").json()["features"] == {"multiModelRouter": True, "streaming": True}
    assert featured.client.get("/admin/flags?agentType=test-generator").json()["sources"]["streaming"] == {
        "value": False,
        "source": "override",
    }


def test_the_switch_of_operators_acts_at_once_in_the_same_process(featured: Any) -> None:
    before = featured.process.pid
    assert featured.client.put("/admin/flags", json=OFF).status_code == 200
    assert featured.client.get("/health").json()["features"] == OFF
    assert featured.do()["model"] == "claude-sonnet-4.5"
    os.kill(before, 0)
    featured.client.put("/admin/flags", json=dict.fromkeys(OFF, None))
    assert featured.client.get("/health").json()["features"] == {"multiModelRouter": True, "streaming": True}


@pytest.mark.parametrize("flags", [{"teleport": True}, {"streaming": "on"}, {"streaming": 1}, [True]], ids=repr)
def test_flags_that_cannot_be_are_refused_and_change_nothing(featured: Any, flags: Any) -> None:
    before = featured.client.get("/admin/flags").json()
    assert featured.client.put("/admin/flags", json=flags).status_code == 422
    assert featured.client.get("/admin/flags").json() == before


def test_switching_under_load_fails_no_task_and_loses_none(featured: Any) -> None:
    done: list[dict[str, Any]] = []
    ends = threading.Event()

    def write() -> None:
        while not ends.is_set():
            done.append(featured.do(outputTokens=50))

    writer = threading.Thread(target=write)
    writer.start()
    for number in range(40):
        featured.client.put("/admin/flags", json={"multiModelRouter": number % 2 == 0, "streaming": number % 3 == 0})
    ends.set()
    writer.join()
    assert {task["model"] for task in done} <= {"claude-haiku-4", "claude-sonnet-4.5"}
    assert [featured.client.get(f"/tasks/{task['id']}").json() for task in done] == done


def test_a_selection_can_be_tried(featured: Any) -> None:
    tried = featured.client.get("/admin/select?complexity=0.35").json()
    assert (tried["modelName"], tried["providerId"]) == ("claude-haiku-4", "claude-haiku-4-20250110")
    featured.client.put("/admin/flags", json={"multiModelRouter": False})
    refused = featured.client.get("/admin/select?complexity=0.35")
    assert (refused.status_code, refused.json()["error"]["message"]) == (409, "ModelRouter not initialized")


def test_the_environment_is_stronger_than_the_file(launch: Any, models: Any) -> None:
    env = {"FEATURE_STREAMING": "false", "FEATURE_MULTI_MODEL_ROUTER": "maybe", "BUDGET_LIMIT_DAILY": "7"}
    started = launch("candidate", "--models", models.url, config=FLEET, env=env)
    shown = started.client.get("/admin/flags").json()
    assert shown["effective"] == {"multiModelRouter": True, "streaming": False, "costTracking": False}
    assert shown["problems"] == ["env multiModelRouter='maybe' is no switch's value; write true or false"]
    assert started.client.get("/admin/costs").json()["budgets"]["daily"]["limit"] == 7
    started.stop()


def test_a_task_is_charged_by_the_prices_under_which_it_was_accepted(tracking: Any) -> None:
    tracker = {"enabled": True, "budgetLimits": {"daily": 1, "monthly": 10}}
    sonnet = {
        "name": "claude-sonnet-4.5",
        "model": "claude-sonnet-4-5-20250929",
        "capabilities": {"costPer1kTokens": {"input": 3, "output": 15}},
        "complexityRange": {"min": 0, "max": 1},
    }
    with tracking.client.stream("POST", "/tasks", json=ORDER, headers=ACCEPT) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: start"
        tracking.configure(FLEET | {"routing": {"enabled": True, "costTracking": tracker, "models": [sonnet]}})
        assert "event: complete" in list(lines)
    assert [record["model"] for record in entries(tracking, "routing/costs")] == ["claude-haiku-4"]
    assert tracking.do()["model"] == "claude-sonnet-4.5"
