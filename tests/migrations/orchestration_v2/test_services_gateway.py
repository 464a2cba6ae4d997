"""The gateway before both sides: who is served by whom, what happens when a side fails, what is written twice."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "migrations"))

from orchestration_v2.tools.assignments import sides

DEFAULTS = {
    "use_v2_orchestration": False,
    "v2_user_percentage": 0,
    "v2_enabled_teams": [],
    "fallback_to_v1": True,
}
ALL = {"use_v2_orchestration": True, "v2_user_percentage": 100}
ORDER = {"title": "t", "created_by": "u", "role": "sre"}
DEAD = "http://127.0.0.1:1"


@pytest.fixture(scope="session")
def session_gateway(launch: Any, sides: dict[str, Any]) -> Any:
    """One gateway for all tests."""
    return launch("gateway", "--baseline", sides["baseline"].url, "--candidate", sides["candidate"].url)


@pytest.fixture
def gateway(session_gateway: Any, fresh_sides: dict[str, Any]) -> Any:
    """A gateway with default flags before sides with ten agents and nothing else."""
    session_gateway.client.put("/admin/flags", json=DEFAULTS | {"dual_write": True})
    session_gateway.client.put("/admin/traffic", json={"state": "release"})
    return session_gateway


def served_by(gateway: Any, **headers: str) -> str:
    """The side that answers a user."""
    return str(gateway.client.get("/health", headers=headers).headers["x-served-by"])


def put_flags(gateway: Any, **flags: Any) -> None:
    """Changes flags."""
    assert gateway.client.put("/admin/flags", json=flags).status_code == 200


def assigned(gateway: Any, users: list[list[str | None]]) -> list[str]:
    """The sides of users."""
    return list(gateway.client.post("/admin/assignments", json={"users": users}).json()["assignments"])


@pytest.mark.parametrize("user", ["ann", None], ids=["known-user", "unknown-user"])
@pytest.mark.parametrize("team", ["qa", "ux", None], ids=["listed-team", "other-team", "no-team"])
@pytest.mark.parametrize("share", [0, 100], ids="{}-percent".format)
@pytest.mark.parametrize("master", [False, True], ids=["off", "on"])
def test_the_flags_choose_the_side(gateway: Any, master: bool, share: int, team: str | None, user: str | None) -> None:
    put_flags(gateway, use_v2_orchestration=master, v2_user_percentage=share, v2_enabled_teams=["qa"])
    headers = {name: value for name, value in (("X-User-Id", user), ("X-User-Team", team)) if value}
    moved = master and (team == "qa" or share == 100)
    assert served_by(gateway, **headers) == ("v2" if moved else "v1")
    assert assigned(gateway, [[user, team]]) == ["candidate" if moved else "baseline"]


def test_a_user_without_id_stays_until_everybody_moves(gateway: Any) -> None:
    put_flags(gateway, use_v2_orchestration=True, v2_user_percentage=99)
    assert served_by(gateway) == "v1"


def test_a_share_of_users_moves_and_none_of_them_comes_back_while_it_grows(gateway: Any) -> None:
    users: list[list[str | None]] = [[f"user-{n}", None] for n in range(4000)]
    put_flags(gateway, use_v2_orchestration=True)
    moved: set[int] = set()
    for share in (0, 1, 5, 25, 50, 75, 100):
        put_flags(gateway, v2_user_percentage=share)
        now = {n for n, side in enumerate(assigned(gateway, users)) if side == "candidate"}
        assert moved <= now
        assert abs(len(now) / 4000 - share / 100) < 0.03
        moved = now
    assert len(moved) == 4000


def test_header_and_document_put_a_user_into_one_bucket_in_any_script(gateway: Any) -> None:
    put_flags(gateway, use_v2_orchestration=True, v2_user_percentage=50)
    users: list[list[str | None]] = [[f"usér-{n}-пользователь", None] for n in range(30)]
    seen = [gateway.client.get("/health", headers=[(b"x-user-id", str(user).encode())]) for user, _ in users]
    sides = [{"v1": "baseline", "v2": "candidate"}[answer.headers["x-served-by"]] for answer in seen]
    assert sides == assigned(gateway, users)
    assert set(sides) == {"baseline", "candidate"}


def test_flags_begin_with_the_behaviour_of_the_baseline(launch: Any) -> None:
    gateway = launch("gateway", "--baseline", DEAD, "--candidate", DEAD)
    assert gateway.client.get("/admin/flags").json() == DEFAULTS
    assert gateway.client.get("/admin/health").json() == {"status": "healthy", "version": "2.0.0", "flags": DEFAULTS}
    assert gateway.stop() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"use_v2": True},
        {"use_v2_orchestration": 1},
        {"v2_user_percentage": 101},
        {"v2_user_percentage": 5.5},
        {"v2_user_percentage": True},
        {"v2_enabled_teams": "qa"},
        {"fallback_to_v1": None},
        [],
        "x",
    ],
    ids=repr,
)
def test_a_wrong_flag_is_refused_and_nothing_is_changed(gateway: Any, change: Any) -> None:
    body = (
        {"v2_user_percentage": 7, **change}
        if isinstance(change, dict) and "v2_user_percentage" not in change
        else change
    )
    assert gateway.client.put("/admin/flags", json=body).status_code == 422
    assert gateway.client.get("/admin/flags").json() == DEFAULTS


def test_flags_and_their_history_survive_a_restart(launch: Any, tmp_path: Path) -> None:
    first = launch("gateway", "--baseline", DEAD, "--candidate", DEAD, folder=tmp_path)
    put_flags(first, v2_user_percentage=5, v2_enabled_teams=["qa"])
    put_flags(first, use_v2_orchestration=True)
    expected = first.client.get("/admin/flags").json()
    first.stop()
    second = launch("gateway", "--baseline", DEAD, "--candidate", DEAD, folder=tmp_path)
    assert second.client.get("/admin/flags").json() == expected
    second.stop()
    entries = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [entry["after"]["v2_user_percentage"] for entry in entries] == [5, 5]
    assert entries[1]["before"] == entries[0]["after"]


def test_a_request_passes_unchanged_and_so_does_its_answer(gateway: Any, fresh_sides: dict[str, Any]) -> None:
    made = gateway.client.post("/api/tasks", json=ORDER | {"notes": "é"})
    direct = fresh_sides["baseline"].client.get(made.headers["location"])
    through = gateway.client.get(made.headers["location"])
    assert (through.status_code, through.content) == (200, direct.content)
    assert through.headers["content-type"] == direct.headers["content-type"]
    assert gateway.client.get("/api/tasks?limit=0").status_code == 422
    assert gateway.client.get("/api/tasks", params={"created_by": "ü&limit=1"}).json()["tasks"] == []


def test_what_the_sides_say_to_each_other_is_not_for_users(gateway: Any) -> None:
    assert gateway.client.put("/internal/faults", json={"error_rate": 1}).status_code == 404
    assert gateway.client.post("/internal/replicate", json={}).status_code == 404


@pytest.mark.parametrize("flags", [{}, ALL], ids=["baseline-serves", "candidate-serves"])
def test_everything_that_is_written_is_written_to_both_sides(
    gateway: Any, fresh_sides: dict[str, Any], flags: dict[str, Any]
) -> None:
    put_flags(gateway, **flags)
    api = gateway.client
    task = api.post("/api/tasks", json=ORDER, headers={"idempotency-key": "k"}).json()
    gone = api.post("/api/tasks", json=ORDER).json()
    api.post(f"/api/tasks/{task['id']}/complete", json={"success": True, "result": {"a": 1}})
    api.delete(f"/api/tasks/{gone['id']}")
    api.post("/api/tasks/batch", json={"tasks": [ORDER] * 3, "run": True})
    flow = api.post("/api/workflows", json={"title": "w", "owner": "o", "steps": [{"agent": "pm"}] * 2}).json()
    api.post(f"/api/workflows/{flow['id']}/advance")
    api.post("/api/messages", json={"sender": "sre", "recipient": "pm", "body": "b"})
    paths = ["/api/integrity", "/api/tasks", f"/api/workflows/{flow['id']}", "/api/agents/pm/messages"]
    seen = {n: [service.client.get(path).json() for path in paths] for n, service in fresh_sides.items()}
    assert seen["baseline"] == seen["candidate"]
    assert (seen["baseline"][0]["tasks"], len(seen["baseline"][3]["messages"])) == (4, 1)
    for service in fresh_sides.values():
        again = service.client.post("/api/tasks", json=ORDER, headers={"idempotency-key": "k"})
        assert (again.status_code, again.json()["id"]) == (200, task["id"])
    assert gateway.metric("gateway_replication_failures_total") == 0


def test_writing_twice_can_be_switched_off_and_is_none_of_the_four_flags(
    gateway: Any, fresh_sides: dict[str, Any]
) -> None:
    assert gateway.client.put("/admin/flags", json={"dual_write": False}).json() == DEFAULTS
    gateway.client.post("/api/tasks", json=ORDER)
    assert gateway.client.get("/admin/status").json()["dual_write"] is False
    assert [side.client.get("/health").json()["tasks"] for side in fresh_sides.values()] == [1, 0]


def test_a_failing_candidate_is_replaced_by_the_baseline_request_by_request(
    gateway: Any, fresh_sides: dict[str, Any]
) -> None:
    put_flags(gateway, **ALL)
    fresh_sides["candidate"].client.put("/internal/faults", json={"error_rate": 0.5})
    before = gateway.metric("gateway_fallbacks_total")
    answers = [gateway.client.get("/api/agents") for _ in range(10)]
    seen = [(answer.status_code, answer.headers["x-served-by"], answer.headers.get("x-fallback")) for answer in answers]
    assert seen == [(200, "v2", None), (200, "v1", "1")] * 5
    assert gateway.metric("gateway_fallbacks_total") == before + 5


def test_without_fallback_the_error_of_the_candidate_is_shown(gateway: Any, fresh_sides: dict[str, Any]) -> None:
    put_flags(gateway, **ALL, fallback_to_v1=False)
    fresh_sides["candidate"].client.put("/internal/faults", json={"error_rate": 1})
    answer = gateway.client.get("/api/agents")
    assert (answer.status_code, answer.headers["x-served-by"]) == (500, "v2")
    assert answer.json()["error"]["message"] == "injected fault"


@pytest.mark.parametrize(
    ("fallback", "expected"), [(True, (201, "v1")), (False, (502, "v2"))], ids=["fallback", "no-fallback"]
)
def test_a_candidate_that_is_gone(
    launch: Any, fresh_sides: dict[str, Any], fallback: bool, expected: tuple[int, str]
) -> None:
    gateway = launch("gateway", "--baseline", fresh_sides["baseline"].url, "--candidate", DEAD)
    put_flags(gateway, **ALL, fallback_to_v1=fallback)
    answer = gateway.client.post("/api/tasks", json=ORDER)
    assert (answer.status_code, answer.headers["x-served-by"]) == expected
    assert fallback or answer.json()["error"]["code"] == "internal"
    assert gateway.metric("gateway_replication_failures_total") == (1 if fallback else 0)
    assert gateway.stop() == 0


class SilentSide(BaseHTTPRequestHandler):
    """A side that takes requests and answers far too late."""

    def do_POST(self) -> None:
        time.sleep(5)

    def log_message(self, *words: object) -> None:
        """Says nothing."""


@pytest.fixture
def silent_url() -> Iterator[str]:
    """The address of a side that does not answer in time."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), SilentSide)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_silent_other_side_keeps_users_waiting_once_and_not_every_time(
    launch: Any, fresh_sides: dict[str, Any], silent_url: str
) -> None:
    gateway = launch("gateway", "--baseline", fresh_sides["baseline"].url, "--candidate", silent_url)
    waited = [gateway.client.post("/api/tasks", json=ORDER).elapsed.total_seconds() for _ in range(4)]
    assert waited[0] > 0.9
    assert max(waited[1:]) < 0.5
    assert gateway.metric("gateway_replication_failures_total") == 4
    assert gateway.stop() == 0


def test_held_requests_wait_and_are_served_by_the_flags_in_force_at_release(gateway: Any) -> None:
    assert gateway.client.put("/admin/traffic", json={"state": "hold"}).json()["state"] == "hold"
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(httpx.get, f"{gateway.url}/health", timeout=20) for _ in range(8)]
        ends = time.monotonic() + 10
        while gateway.client.get("/admin/status").json()["traffic"]["held"] < 8:
            assert time.monotonic() < ends
        assert not any(future.done() for future in waiting)
        put_flags(gateway, **ALL)
        gateway.client.put("/admin/traffic", json={"state": "release"})
        answers = [future.result() for future in waiting]
    assert {(answer.status_code, answer.headers["x-served-by"]) for answer in answers} == {(200, "v2")}


def test_traffic_is_held_or_released_and_nothing_else(gateway: Any) -> None:
    assert gateway.client.put("/admin/traffic", json={"state": "stop"}).status_code == 422


def test_requests_are_counted_by_side_and_code(gateway: Any) -> None:
    before = gateway.metric("gateway_requests_total", code="404", served_by="v1")
    gateway.client.get("/api/tasks/none")
    assert gateway.metric("gateway_requests_total", code="404", served_by="v1") == before + 1


def test_feedback_is_kept_over_a_restart(launch: Any, tmp_path: Path) -> None:
    first = launch("gateway", "--baseline", DEAD, "--candidate", DEAD, folder=tmp_path)
    for score in (5, 4):
        opinion = {"user": "ann", "text": "schön", "score": score}
        answer = first.client.post("/feedback-v2", json=opinion)
        assert (answer.status_code, answer.json()) == (201, opinion)
    first.stop()
    second = launch("gateway", "--baseline", DEAD, "--candidate", DEAD, folder=tmp_path)
    kept = second.client.get("/feedback-v2").json()
    assert (kept["count"], kept["average"], kept["feedback"][0]["text"]) == (2, 4.5, "schön")
    second.stop()


@pytest.mark.parametrize(
    "change", [{"score": 6}, {"score": True}, {"score": "5"}, {"user": ""}, {"text": None}], ids=repr
)
def test_wrong_feedback_is_refused(gateway: Any, change: dict[str, Any]) -> None:
    answer = gateway.client.post("/feedback-v2", json={"user": "u", "text": "t", "score": 4} | change)
    assert (answer.status_code, answer.json()["error"]["fields"]) == (422, list(change))


@pytest.mark.parametrize("users", [None, [["a"]], [[1, None]], ["ab"]], ids=repr)
def test_wrong_users_are_refused(gateway: Any, users: Any) -> None:
    assert gateway.client.post("/admin/assignments", json={"users": users}).status_code == 422


def test_a_share_of_the_candidates_users_is_asked_for_feedback(gateway: Any) -> None:
    put_flags(gateway, **ALL, feedback_percentage=50)
    users = [[f"user-{n}", None] for n in range(30)]
    answers = [gateway.client.get("/health", headers={"X-User-Id": str(user)}).headers for user, _ in users]
    said = gateway.client.post("/admin/assignments", json={"users": users, "feedback_percentage": 50}).json()
    put_flags(gateway, feedback_percentage=0)
    assert ["x-feedback" in headers for headers in answers] == said["assignments"]
    assert 0 < sum(said["assignments"]) < 30


def test_a_wrong_share_for_feedback_is_refused(gateway: Any) -> None:
    asked = {"users": [], "feedback_percentage": 101}
    assert gateway.client.post("/admin/assignments", json=asked).status_code == 422


def test_the_published_rule_is_that_of_the_gateway(gateway: Any) -> None:
    users: list[list[str | None]] = [*([f"usér-{n}", None] for n in range(300)), ["", None], [None, None]]
    for share in (0, 1, 50, 100):
        put_flags(gateway, use_v2_orchestration=True, v2_user_percentage=share)
        assert sides(users, share) == assigned(gateway, users)
