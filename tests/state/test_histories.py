"""Clients that write and read one real server, and what they say of every act."""

import json
import math
import time

import pytest

from godwit.plan import History
from godwit.state import Recorder
from godwit.verdict import HarnessError

SPEC = {
    "id": "cells",
    "sentence": "A cell keeps its value",
    "kind": "register",
    "write": {"method": "PUT", "path": "/cells/{key}", "body": {"value": "{value}"}},
    "read": {"path": "/cells/{key}", "capture": {"value": "/value"}},
    "rate_per_s": 300.0,
    "phases": ["move"],
}


class Cells:
    """Keeps cells; answers every fourth write as `status` says, None hanging up."""

    def __init__(self, status=200):
        self.kept, self.writes, self.status = {}, 0, status

    def __call__(self, seen):
        if seen.method == "POST":
            return 201, {}, b'{"id": "made-1"}'
        if seen.method == "GET":
            kept = self.kept.get(seen.path)
            return (404, {}, b"{}") if kept is None else (200, {}, json.dumps(kept).encode())
        self.writes += 1
        if self.writes % 4 == 0 and self.status != 200:
            return None if self.status is None else (self.status, {}, b"{}")
        self.kept[seen.path] = json.loads(seen.body)
        return 200, {}, b"{}"


def recorded(url, path, **changes):
    recorder = Recorder(History.model_validate(SPEC | changes), url, path, "run", 7)
    began = time.monotonic()
    recorder.start()
    ends = began + 20
    while (recorder.answered(began) < 8 or len(recorder._acts) < 40) and time.monotonic() < ends:
        time.sleep(0.02)
    acts = recorder.stop()
    assert {act.does for act in acts} == {"write", "read"}
    return acts


def test_every_act_is_told_with_what_was_written_and_read(serve, tmp_path):
    cells = Cells()
    acts = recorded(serve(cells).url, tmp_path / "h.ndjson", keys=2)
    written = {act.value for act in acts if act.does == "write"}
    assert len(written) == sum(act.does == "write" for act in acts)
    assert {act.value for act in acts if act.does == "read"} <= written | {None}
    assert {act.key for act in acts} == {"run-0", "run-1"}
    assert all(act.ok and act.began_s <= act.ended_s < math.inf for act in acts)
    assert len((tmp_path / "h.ndjson").read_text(encoding="utf-8").splitlines()) == len(acts)


@pytest.mark.parametrize(
    ("status", "ok", "is_open"),
    [
        pytest.param(409, False, False, id="refused"),
        pytest.param(503, True, True, id="nobody-knows"),
        pytest.param(None, True, True, id="no-answer"),
    ],
)
def test_a_write_that_was_refused_did_nothing_and_one_without_an_answer_may_have(serve, tmp_path, status, ok, is_open):
    acts = recorded(serve(Cells(status)).url, tmp_path / "h.ndjson")
    odd = [act for act in acts if act.does == "write" and act.status != 200]
    assert odd
    assert {(act.ok, math.isinf(act.ended_s)) for act in odd} == {(ok, is_open)}


def test_words_of_the_plan_are_told_as_a_read_shows_them(serve, tmp_path):
    acts = recorded(serve(Cells()).url, tmp_path / "h.ndjson", values={"pause": "paused", "resume": "active"})
    assert {act.value for act in acts if act.does == "write"} == {"paused", "active"}


def test_an_object_is_written_by_one_client_where_the_plan_says_so(serve, tmp_path):
    acts = recorded(serve(Cells()).url, tmp_path / "h.ndjson", writers="one", keys=3)
    assert {(act.key, act.client) for act in acts if act.does == "write"} <= {(f"run-{n}", str(n)) for n in range(3)}


def test_objects_are_made_first_and_one_that_cannot_be_is_told(serve, tmp_path):
    make = {"method": "POST", "path": "/cells", "capture": {"key": "/id"}}
    acts = recorded(serve(Cells()).url, tmp_path / "h.ndjson", make=make, keys=1)
    assert {act.key for act in acts} == {"made-1"}
    with pytest.raises(HarnessError, match="POST /cells made no object"):
        recorded("http://127.0.0.1:1", tmp_path / "i.ndjson", make=make)
