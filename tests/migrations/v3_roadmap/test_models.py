"""V3's client of the model API against a stub that fails on demand: tries again, falls back, recovers."""

import time
from typing import Any

import httpx
import pytest

from tests.migrations.v3_roadmap.conftest import Start


@pytest.fixture(scope="module")
def service(start: Start, tmp_path_factory: pytest.TempPathFactory) -> httpx.Client:
    """V3 with a stub beside it."""
    store = tmp_path_factory.mktemp("v3") / "v3.db"
    return start("v3_roadmap.candidate", "--store", f"sqlite:///{store}", "--cache", "memory")


@pytest.fixture(autouse=True)
def well(service: httpx.Client) -> None:
    """The API is well, and the client knows."""
    service.delete("/internal/models")
    while ask(service, "are you there").status_code != 200 or ask(service, "still").json()["source"] != "model":
        time.sleep(0.05)


def ask(service: httpx.Client, prompt: str) -> httpx.Response:
    """The answer to a prompt."""
    return service.post("/models/ask", json={"prompt": prompt})


def fail(service: httpx.Client, **conduct: Any) -> None:
    """Has the API behave so."""
    assert service.put("/internal/models", json=conduct).status_code == 200


def test_a_hundred_calls_in_a_row_succeed(service: httpx.Client) -> None:
    assert {ask(service, f"p{n}").json()["source"] for n in range(100)} == {"model"}


@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_failures_that_pass_are_tried_again(service: httpx.Client, status: int) -> None:
    fail(service, fail_next=2, status=status)
    said = ask(service, "again").json()
    assert (said["source"], said["attempts"]) == ("model", 3)


@pytest.mark.parametrize("conduct", [{"garbage": True}, {"hang_s": 30}], ids=["garbage", "hangs"])
def test_what_cannot_be_read_and_what_never_comes_are_tried_again(service: httpx.Client, conduct: Any) -> None:
    fail(service, fail_next=1, **conduct)
    said = ask(service, "again").json()
    assert (said["source"], said["attempts"]) == ("model", 2)


@pytest.mark.parametrize("status", [400, 401])
def test_failures_that_stay_are_not_tried_again(service: httpx.Client, status: int) -> None:
    fail(service, fail_next=1, status=status)
    before = service.get("/internal/models").json()["calls"]["failed"]
    answer = ask(service, f"never asked before {status}")
    calls = service.get("/internal/models").json()["calls"]
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "model_unavailable")
    assert calls["failed"] - before == 1


def test_an_outage_is_bridged_by_kept_answers_and_soon_over(service: httpx.Client) -> None:
    known = ask(service, "known").json()["answer"]
    fail(service, error_rate=1.0, status=503)
    said = [ask(service, "known").json() for _ in range(20)]
    unknown = ask(service, "unknown")
    service.delete("/internal/models")
    begun = time.monotonic()
    while ask(service, "known").json()["source"] != "model":
        assert time.monotonic() - begun < 5
        time.sleep(0.05)
    assert {(one["answer"], one["source"]) for one in said} == {(known, "cache")}
    assert unknown.status_code == 502


def test_most_calls_of_an_outage_do_not_reach_the_api(service: httpx.Client) -> None:
    ask(service, "known")
    fail(service, error_rate=1.0, status=503)
    before = service.get("/internal/models").json()["calls"]["failed"]
    for _ in range(50):
        ask(service, "known")
    assert service.get("/internal/models").json()["calls"]["failed"] - before <= 20


def test_a_conduct_that_is_not_known_is_refused(service: httpx.Client) -> None:
    answer = service.put("/internal/models", json={"status": 418})
    assert (answer.status_code, answer.json()["error"]["fields"]) == (422, ["status"])
