"""Requests sent at once to two real servers: how they end and what they leave is compared, whoever wins."""

import itertools
import json
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.plan import Surfaces
from godwit.session.racing import raced
from godwit.verdict import Outcome

MAKE = {"method": "POST", "path": "/docs", "capture": {"doc": "/id", "etag": "@headers/etag"}}
CHANGE = {"method": "PUT", "path": "/docs/{doc}", "headers": {"If-Match": "{etag}"}, "body": {"text": "new"}}
RACE = {
    "id": "r", "prepare": [MAKE], "contenders": [CHANGE], "times": 4,
    "then": [{"path": "/docs/{doc}"}, {"path": "/docs/{doc}", "headers": {"If-None-Match": "{etag}"}}],
}  # fmt: skip


class Docs:
    """Documents with ETags; `careless` takes every change whatever its If-Match says."""

    def __init__(self, *, careless: bool = False, loses: bool = False, moody: bool = False) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._docs: dict[str, dict[str, Any]] = {}
        self._careless, self._loses, self._moody = careless, loses, moody

    def __call__(self, seen: Any) -> Any:
        with self._lock:
            status, etag, body = self._answer(seen)
        return (
            status,
            {"content-type": "application/json", "etag": etag},
            b"" if body is None else json.dumps(body).encode(),
        )

    def _answer(self, seen: Any) -> tuple[int, str, Any]:
        if seen.method == "POST":
            made = f"doc-{next(self._numbers)}"
            self._docs[made] = {"id": made, "text": "", "version": 1}
            return 201, '"1"', self._docs[made]
        if seen.path == "/docs":
            return 200, '"0"', {"docs": len(self._docs)}
        doc = self._docs[seen.path.rpartition("/")[2]]
        etag = f'"{doc["version"]}"'
        if seen.method == "PUT":
            kind = self._moody and int(doc["id"][4:]) % 2
            if seen.headers["if-match"] != etag and not self._careless and not kind:
                return 412, etag, {"error": "changed"}
            doc["version"] += 1
            doc["text"] = "" if self._loses else json.loads(seen.body)["text"]
            return 200, f'"{doc["version"]}"', doc
        return (304, etag, None) if seen.headers.get("if-none-match") == etag else (200, etag, {**doc, "version": 0})


@pytest.fixture
def judged(serve: Any) -> Any:
    """Runs a race on two running sides."""

    def run(baseline: Any, candidate: Any, **more: Any) -> Any:
        http = {"races": [{**RACE, **more}]}
        surfaces = Surfaces.model_validate({"http": http, "normalisers": [{"kind": "id", "at": "/id"}]})
        stacks = {"baseline": serve(baseline), "candidate": serve(candidate)}
        world = SimpleNamespace(
            plan=SimpleNamespace(surfaces=surfaces), stack=stacks.__getitem__, may_write=lambda *roles: None
        )
        return raced(world, surfaces.http.races[0])

    return run


def test_one_wins_and_the_others_are_told_on_both_sides(judged):
    judgement = judged(Docs(), Docs())
    assert judgement.outcome is Outcome.PASSED, judgement.reason
    assert "1 x 200 {id: string, text: string, version: integer}; 3 x 412 {error: string}" in judgement.reason
    assert judgement.reason.endswith("what they left is alike")


def test_a_candidate_that_lets_everybody_win_is_found(judged):
    judgement = judged(Docs(), Docs(careless=True))
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].candidate.startswith("4 x 200 ")


def test_what_a_race_leaves_is_compared(judged):
    judgement = judged(Docs(), Docs(loses=True))
    assert judgement.outcome is Outcome.FAILED
    assert [finding.where for finding in judgement.findings] == ["/1/text"]


def test_a_baseline_that_ends_in_several_ways_leaves_another_end_open(judged):
    judgement = judged(Docs(moody=True), lambda seen: (200, {"etag": '"1"'}, b'{"id": "doc-1"}'))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "rounds end in 2 ways, the candidate's in another" in judgement.reason


def test_what_earlier_rounds_left_stands_on_both_sides(judged):
    judgement = judged(Docs(), Docs(), then=[{"path": "/docs"}])
    assert judgement.outcome is Outcome.PASSED, judgement.reason


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(None, "did not answer", id="silent"),
        pytest.param((503, {}, b""), "itself answered 503", id="down"),
    ],
)
def test_a_baseline_without_an_answer_proves_nothing(judged, answer, says):
    judgement = judged(lambda seen: answer, Docs(), prepare=[], contenders=[{"path": "/"}], then=[])
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert says in judgement.reason
