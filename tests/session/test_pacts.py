"""Consumers' expectations are verified by the Pact verifier against two real servers, baseline first."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.plan import Pact
from godwit.session.pacts import Pacts
from godwit.verdict import HarnessError, Judgement, Outcome

GET = {
    "description": "an item",
    "providerStates": [{"name": "an item is there", "params": {"title": "one"}}],
    "request": {"method": "GET", "path": "/items/1"},
    "response": {
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "body": {"id": 1, "title": "any"},
        "matchingRules": {"body": {"$.title": {"matchers": [{"match": "type"}]}}},
    },
}
NONE = {
    "description": "no item",
    "request": {"method": "GET", "path": "/items/9"},
    "response": {"status": 404},
}
STATES: dict[str, Any] = {
    "an item is there": [{"method": "PUT", "path": "/items/1", "body": {"title": "{title}"}}],
    "ours is there": [{"method": "PUT", "path": "/items/1", "body": {"title": "ours"}}],
}


def pact(*interactions: Any, version: str = "3.0.0", **more: Any) -> dict[str, Any]:
    sides = {"consumer": {"name": "web"}, "provider": {"name": "items"}}
    return {
        **sides,
        "interactions": list(interactions),
        "metadata": {"pactSpecification": {"version": version}},
        **more,
    }


def service(*, id_: Any = 1, missing: int = 404, put: int = 200) -> Callable[[Any], tuple[int, dict[str, str], bytes]]:
    held: dict[str, Any] = {}

    def answer(seen: Any) -> tuple[int, dict[str, str], bytes]:
        kind = {"content-type": "application/json"}
        if seen.method == "PUT":
            held.update(json.loads(seen.body))
            return put, kind, b"{}"
        if seen.path == "/items/1" and held:
            return 200, kind, json.dumps({"id": id_, **held}).encode()
        return missing, kind, b"{}"

    return answer


@pytest.fixture
def hold(serve: Any, tmp_path: Path) -> Callable[..., Judgement]:
    """Verifies a Pact file against two running services."""

    def verify(content: Any, one: Any, other: Any, states: Any = STATES, timeout: float = 60.0) -> Judgement:
        urls = {"baseline": serve(one).url, "candidate": serve(other).url}
        (tmp_path / "web.json").write_text(content if isinstance(content, str) else json.dumps(content))
        world = SimpleNamespace(
            plan=SimpleNamespace(directory=tmp_path),
            stack=lambda role: SimpleNamespace(url=urls[role]),
            may_write=lambda *roles: None,
        )
        found = Pact.model_validate({"id": "web", "file": "web.json", "states": states, "timeout_s": timeout})
        return Pacts(world).hold(found)  # type: ignore[arg-type]

    return verify


V2 = {**NONE, "providerState": "ours is there"}
V4 = {**NONE, "type": "Synchronous/HTTP"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(pact(GET, NONE), id="version-3"),
        pytest.param(pact(V2, version="2.0.0"), id="version-2"),
        pytest.param(pact(V4, version="4.0"), id="version-4"),
    ],
)
def test_expectations_that_both_sides_meet_hold(hold, content):
    judgement = hold(content, service(), service())
    assert judgement.outcome is Outcome.PASSED, judgement


def test_an_expectation_that_only_the_candidate_breaks_fails_with_its_place(hold):
    judgement = hold(pact(GET, NONE), service(), service(id_="1"))
    assert judgement.outcome is Outcome.FAILED
    assert [(it.what, it.where, it.baseline, it.candidate) for it in judgement.findings] == [
        ("pact body", "web: an item $.id", "1", '"1"')
    ]


def test_an_expectation_that_the_baseline_breaks_is_stale_and_inconclusive(hold):
    judgement = hold(pact(GET, NONE), service(missing=410), service())
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "stale: 'no item' (expected 404 but was 410)" in judgement.reason


def test_a_stale_expectation_hides_no_broken_one(hold):
    judgement = hold(pact(GET, NONE), service(missing=410), service(id_="1"))
    assert judgement.outcome is Outcome.FAILED
    assert [finding.what for finding in judgement.findings] == ["pact body"]
    assert "stale" in judgement.reason


def test_a_state_that_cannot_be_entered_is_an_error(hold):
    with pytest.raises(HarnessError, match=r"state 'an item is there' could not be entered: PUT /items/1 answered 503"):
        hold(pact(GET), service(), service(put=503))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("<html>", "cannot be read", id="html"),
        pytest.param({"a": 1}, "no Pact file", id="another-file"),
        pytest.param(pact(), "no HTTP interaction", id="empty"),
        pytest.param(pact({**NONE, "type": "Asynchronous/Messages"}), "messages", id="messages"),
        pytest.param(pact({**NONE, "providerState": "unheard of"}), "nothing of its state(s) 'unheard of'", id="state"),
    ],
)
def test_a_file_that_cannot_be_verified_is_inconclusive_and_says_why(hold, content, said):
    judgement = hold(content, service(), service())
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert said in judgement.reason


def test_a_verifier_that_does_not_end_is_ended(hold):
    with pytest.raises(HarnessError, match="did not end within"):
        hold(pact(GET), service(), service(), timeout=0.05)
