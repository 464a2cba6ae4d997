"""The router before both fleets: who is served by whom, over restarts and instances, streams and failures included."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

OFF = {"canary_enabled": False, "canary_percent": 0, "canary_teams": []}
WRONG = {
    "over": {"canary_percent": 100.1},
    "negative": {"canary_percent": -1},
    "too-fine": {"canary_percent": 0.05},
    "bool": {"canary_percent": True},
    "text": {"canary_percent": "5"},
    "no-list": {"canary_teams": "qa"},
    "null": {"canary_enabled": None},
    "unknown": {"canary": True},
    "no-object": [1],
}
ORDER = {"agentType": "test-generator", "description": "through the router", "outputTokens": 200}


@pytest.fixture(scope="module")
def start(launch: Any, sides: dict[str, Any], shared_featured: Any) -> Callable[..., Any]:
    """Starts a router before the baseline and a candidate whose features are on."""
    urls = ("--baseline", sides["baseline"].url, "--candidate", shared_featured.url)
    return lambda data: launch("router", *urls, "--data", str(data))


@pytest.fixture(scope="module")
def module_router(start: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One router for all tests."""
    return start(tmp_path_factory.mktemp("router-data"))


@pytest.fixture
def router(module_router: Any, featured: Any) -> Any:
    """A router that serves nobody by the canary yet."""
    put(module_router, **OFF)
    return module_router


def put(router: Any, **flags: Any) -> dict[str, Any]:
    """Changes flags."""
    answer = router.client.put("/admin/flags", json=flags)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def assigned(router: Any, users: list[list[str | None]], **more: Any) -> list[str]:
    """The sides of users."""
    return list(router.client.post("/admin/assignments", json={"users": users} | more).json()["assignments"])


def crowd(size: int) -> list[list[str | None]]:
    """Users without a team."""
    return [[f"user-{number}", None] for number in range(size)]


@pytest.mark.parametrize("user", ["ann", "", None], ids=["known-user", "empty-id", "unknown-user"])
@pytest.mark.parametrize("team", ["qa", "ux", None], ids=["listed-team", "other-team", "no-team"])
@pytest.mark.parametrize("percent", [0, 100], ids="{}-percent".format)
@pytest.mark.parametrize("enabled", [False, True], ids=["off", "on"])
def test_the_flags_choose_the_side(
    router: Any, enabled: bool, percent: int, team: str | None, user: str | None
) -> None:
    put(router, canary_enabled=enabled, canary_percent=percent, canary_teams=["qa"])
    wanted = "candidate" if enabled and (team == "qa" or percent == 100) else "baseline"
    headers = {name: value for name, value in (("X-User-Id", user), ("X-User-Team", team)) if value is not None}
    assert router.client.get("/agents", headers=headers).headers["x-served-by"] == wanted
    assert assigned(router, [[user, team]]) == [wanted]


def test_a_share_grows_by_tenths_of_a_percent_and_nobody_leaves(router: Any) -> None:
    users, moved = crowd(20_000), set()
    for percent in (0, 0.1, 0.2, 1, 10, 25, 50, 99.9, 100):
        put(router, canary_enabled=True, canary_percent=percent)
        sides = assigned(router, users)
        now = {number for number, side in enumerate(sides) if side == "candidate"}
        assert moved <= now
        assert abs(len(now) / 200 - percent) < 1.2
        assert assigned(router, users[:50], canary_percent=str(percent)) == sides[:50]
        moved = now
    assert len(moved) == 20_000


def test_the_smallest_share_is_somebody_and_the_largest_not_everybody(router: Any) -> None:
    assert "candidate" in assigned(router, crowd(10_000), canary_percent=0.1)
    assert "baseline" in assigned(router, crowd(10_000), canary_percent=99.9)


def test_a_restart_and_a_second_router_place_users_alike(start: Callable[..., Any], tmp_path: Any) -> None:
    users = crowd(2000)
    first = start(tmp_path)
    put(first, canary_enabled=True, canary_percent=12.5)
    placed = assigned(first, users)
    second = start(tmp_path)
    assert assigned(second, users) == placed
    put(second, canary_percent=25)
    assert assigned(first, users) == assigned(second, users) != placed
    put(second, canary_percent=12.5)
    assert first.stop() == 0
    assert assigned(start(tmp_path), users) == placed


def test_a_spoiled_flag_file_leaves_the_last_flags_in_force(start: Callable[..., Any], tmp_path: Any) -> None:
    router = start(tmp_path)
    put(router, canary_enabled=True, canary_percent=50)
    (tmp_path / "flags.json").write_text('{"canary_percent": 5')
    assert router.client.get("/admin/flags").json()["canary_percent"] == 50
    (tmp_path / "flags.json").unlink()
    assert router.client.get("/admin/flags").json()["canary_percent"] == 50


@pytest.mark.parametrize("flags", WRONG.values(), ids=WRONG)
def test_flags_that_cannot_be_are_refused_and_change_nothing(router: Any, flags: Any) -> None:
    before = router.client.get("/admin/flags").json()
    assert router.client.put("/admin/flags", json=flags).status_code == 422
    assert router.client.get("/admin/flags").json() == before


def test_events_come_through_while_they_are_made(router: Any, featured: Any) -> None:
    put(router, canary_enabled=True, canary_percent=100)
    featured.client.put("/internal/models", json={"*": {"stall_after": 1}})
    with router.client.stream("POST", "/tasks", json=ORDER, headers={"accept": "text/event-stream"}) as answer:
        assert answer.headers["x-served-by"] == "candidate"
        lines = answer.iter_lines()
        first = [line for line in (next(lines) for _ in range(5)) if line.startswith("event:")]
        featured.client.delete("/internal/models")
        rest = [line for line in lines if line.startswith("event:")]
    assert first == ["event: start", "event: chunk"]
    assert rest[-1] == "event: complete"


def test_a_failing_canary_is_not_hidden(router: Any, featured: Any) -> None:
    put(router, canary_enabled=True, canary_percent=100)
    featured.client.put("/internal/faults", json={"error_rate": 1})
    answer = router.client.post("/tasks", json=ORDER)
    featured.client.delete("/internal/faults")
    assert (answer.status_code, answer.headers["x-served-by"]) == (500, "candidate")


def test_a_side_that_is_not_there_is_told_as_such(launch: Any, sides: dict[str, Any], tmp_path: Any) -> None:
    words = ("--baseline", sides["baseline"].url, "--candidate", "http://127.0.0.1:1", "--data", str(tmp_path))
    router = launch("router", *words)
    put(router, canary_enabled=True, canary_percent=100)
    answer = router.client.get("/health")
    assert (answer.status_code, answer.headers["x-served-by"]) == (502, "candidate")
    assert answer.json()["error"]["code"] == "internal"


def test_what_is_inside_stays_inside(router: Any) -> None:
    assert router.client.put("/internal/models", json={}).status_code == 404


def test_held_requests_are_answered_after_the_release(router: Any) -> None:
    router.client.put("/admin/traffic", json={"state": "hold"})
    with httpx.Client(base_url=router.url, timeout=0.3) as hasty, pytest.raises(httpx.ReadTimeout):
        hasty.get("/agents")
    assert router.client.put("/admin/traffic", json={"state": "release"}).json()["state"] == "release"
    assert router.client.get("/agents").status_code == 200


def test_every_change_of_flags_is_on_record(start: Callable[..., Any], tmp_path: Path) -> None:
    put(start(tmp_path), canary_enabled=True, canary_percent=5)
    last = json.loads((tmp_path / "audit.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["event"], last["before"]["canary_percent"], last["after"]["canary_percent"]) == ("flags", 0, 5)
