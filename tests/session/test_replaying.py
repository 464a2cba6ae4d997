"""A recording replayed on two real servers that make ids, cookies and tokens of their own."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.plan import Recording, Surfaces
from godwit.session.replaying import replayed
from godwit.verdict import HarnessError, Outcome

LIFE = [
    {"method": "POST", "path": "/login", "body": '{"user": "u"}', "status": 200, "response_body": '{"token": "godwit-secret-1"}'},
    {
        "method": "POST", "path": "/tasks", "body": '{"title": "t"}', "headers": [["Authorization", "Bearer godwit-secret-1"]],
        "status": 201, "response_body": '{"id": "rec-aaaa1", "title": "t"}',
    },
    {"method": "GET", "path": "/tasks/rec-aaaa1", "status": 200, "response_body": '{"id": "rec-aaaa1", "title": "t"}'},
]  # fmt: skip


def side(name: str, title: str = "t") -> Callable[[Any], Any]:
    """A service that gives tokens, and tasks to who has one."""
    numbers = itertools.count(1)
    known: set[str] = set()

    def handle(seen: Any) -> tuple[int, dict[str, str], bytes]:
        token = f"{name}t0ken"
        if seen.path == "/login":
            return reply(200, {"token": token})
        if seen.method == "POST":
            if seen.headers.get("authorization") != f"Bearer {token}":
                return reply(401, {"error": "no token"})
            made = f"task-{name}{next(numbers):03}"
            known.add(made)
            return reply(201, {"id": made, "title": "t"})
        made = seen.path.rpartition("/")[2]
        return reply(200, {"id": made, "title": title}) if made in known else reply(404, {"error": made})

    return handle


def reply(status: int, body: Any) -> tuple[int, dict[str, str], bytes]:
    return status, {"content-type": "application/json"}, json.dumps(body).encode()


@pytest.fixture
def world(serve: Any, tmp_path: Path) -> Callable[..., Any]:
    """What replaying needs of a world, with two running sides and a recording's lines."""

    def made(baseline: Any, candidate: Any, lines: list[dict[str, Any]]) -> Any:
        text = "\n".join(json.dumps(line) for line in lines)
        (tmp_path / "life.jsonl").write_text(text, encoding="utf-8")
        stacks = {"baseline": serve(baseline), "candidate": serve(candidate)}
        plan = SimpleNamespace(surfaces=Surfaces(), directory=tmp_path)
        return SimpleNamespace(plan=plan, out=tmp_path, stack=stacks.__getitem__, may_write=lambda *roles: None)

    return made


RECORDING = Recording(id="life", file="life.jsonl")


def test_ids_and_tokens_of_each_side_flow_through_its_own_requests(world):
    judgement = replayed(world(side("base"), side("cand"), LIFE), RECORDING)
    assert (judgement.outcome, judgement.reason) == (Outcome.PASSED, "3 answer(s) compared, no difference")


def test_a_difference_of_the_sides_is_found(world):
    judgement = replayed(world(side("base"), side("cand", "other"), LIFE), RECORDING)
    assert judgement.outcome is Outcome.FAILED
    assert [finding.where for finding in judgement.findings] == ["/2/title"]


def test_no_secret_of_either_side_is_kept(world, tmp_path):
    judgement = replayed(world(side("base"), side("cand"), LIFE), RECORDING)
    kept = (tmp_path / "replays.ndjson").read_text(encoding="utf-8") + repr(judgement)
    assert "t0ken" not in kept
    assert '"request": "GET /tasks/task-base001"' in kept


def test_a_secret_that_no_side_made_is_asked_for_and_nothing_is_judged(world):
    judgement = replayed(world(side("base"), side("cand"), LIFE[1:]), RECORDING)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "nothing that stands for godwit-secret-1; give it under the recording's `values`" in judgement.reason


def test_a_given_value_stands_for_a_secret(world):
    given = RECORDING.model_copy(update={"values": {"godwit-secret-1": "samet0ken"}})
    judgement = replayed(world(side("same"), side("same"), LIFE[1:]), given)
    assert judgement.outcome is Outcome.PASSED


def test_an_empty_recording_is_inconclusive(world):
    assert replayed(world(side("base"), side("cand"), []), RECORDING).outcome is Outcome.INCONCLUSIVE


def test_a_recording_that_is_not_there_is_an_error(world):
    with pytest.raises(HarnessError, match=r"gone\.har"):
        replayed(world(side("base"), side("cand"), LIFE), Recording(id="gone", file="gone.har"))
