"""Ids of a recording that become each side's own, and the judgement on what came of it."""

import json
from typing import Any

import pytest

from godwit.checks import Flow, judge_replay
from godwit.plan import Normaliser
from godwit.verdict import Answer, Exchange, Outcome


def answer(body: Any = None, status: int = 200, **headers: str) -> Answer:
    """An answer with a JSON body."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer("GET /", status, named, b"" if body is None else json.dumps(body).encode())


def request(
    path: str = "/", body: Any = None, headers: tuple[tuple[str, str], ...] = (), method: str = "GET"
) -> Exchange:
    """A recorded request."""
    return Exchange(method, path, headers, None if body is None else json.dumps(body).encode(), answer())


def taught(one: Any, other: Any, *rules: Normaliser) -> Flow:
    """A flow that saw one recorded body and the live one at its place."""
    flow = Flow({}, rules)
    flow.learn(answer(one), answer(other))
    return flow


@pytest.mark.parametrize(
    ("one", "other", "asked", "sent"),
    [
        pytest.param({"id": "task-1a2b"}, {"id": "task-9z8y"}, "/t/task-1a2b/x", "/t/task-9z8y/x", id="path"),
        pytest.param({"id": 17}, {"id": 23}, "/t/17", "/t/23", id="integer"),
        pytest.param({"id": 17}, {"id": 23}, "/t?limit=17&task_id=17", "/t?limit=17&task_id=23", id="query-by-name"),
        pytest.param({"total": 17}, {"total": 23}, "/t/17", "/t/17", id="a-count-is-no-id"),
        pytest.param({"status": "open"}, {"status": "closed"}, "/t/open", "/t/open", id="a-word-is-no-id"),
        pytest.param({"title": "a b c d e 1"}, {"title": "x"}, "/t/a b c d e 1", "/t/a b c d e 1", id="prose-is-no-id"),
        pytest.param({"next": "eyJ+/=="}, {"next": "Zm9v+A=="}, "/t?cursor=eyJ%2B%2F%3D%3D", "/t?cursor=Zm9v%2BA%3D%3D", id="encoded"),
        pytest.param({"id": "abc-12"}, {"id": "xyz-99"}, "/t/abc-123", "/t/abc-123", id="half-an-id-is-none"),
        pytest.param({"self": "/t/abc-12"}, {"self": "/t/xyz-99"}, "/t/abc-12", "/t/xyz-99", id="inside-a-link"),
        pytest.param([{"id": "t-1"}, {"id": "t-2"}], [{"id": "u-7"}, {"id": "u-8"}], "/t/t-2", "/t/u-8", id="in-a-list"),
    ],
)  # fmt: skip
def test_a_recorded_id_in_a_path_becomes_the_sides_own(one, other, asked, sent):
    assert taught(one, other).request(request(asked)).path == sent


def test_a_rule_of_kind_id_makes_an_id_of_any_name():
    flow = taught({"seat": "4c"}, {"seat": "9d"}, Normaliser(kind="id", at="/seat"))
    assert flow.request(request("/seats/4c")).path == "/seats/9d"


def test_ids_flow_into_bodies_with_numbers_as_they_were_written():
    flow = taught({"id": "task-1a2b", "n": 1}, {"id": "task-9z8y", "n": 2})
    sent = flow.request(
        Exchange("POST", "/", (), b'{"of": ["task-1a2b"], "big": 9007199254740995.0, "n": 1}', answer())
    )
    assert sent.body == b'{"of":["task-9z8y"],"big":9007199254740995.0,"n":1}'


def test_a_body_without_an_id_goes_byte_by_byte():
    body = b'{ "a" : 1.0 }'
    flow = taught({"id": "task-1a2b"}, {"id": "task-9z8y"})
    assert flow.request(Exchange("POST", "/", (), body, answer())).body == body
    assert flow.request(Exchange("POST", "/", (), b"\xff\xfe", answer())).body == b"\xff\xfe"


def test_a_location_teaches_the_id_in_it_whatever_the_host():
    flow = Flow({}, ())
    flow.learn(answer(location="http://a.test:1/t/17"), answer(location="http://b.test:2/t/23"))
    assert flow.request(request("/t/17/done")).path == "/t/23/done"


def test_a_cookie_and_a_token_come_back_as_the_side_made_them():
    flow = Flow({}, ())
    flow.learn(
        answer({"token": "godwit-secret-1"}, set_cookie="sid=godwit-secret-2; Path=/"),
        answer({"token": "live.t0ken"}, set_cookie="sid=abcdef; Path=/"),
    )
    asked = request(headers=(("authorization", "Bearer godwit-secret-1"), ("cookie", "sid=godwit-secret-2; l=de")))
    sent = flow.request(asked)
    assert sent.headers == (("authorization", "Bearer live.t0ken"), ("cookie", "sid=abcdef; l=de"))
    assert flow.wanting(sent) is None


def test_a_token_is_renewed_and_an_id_is_not():
    flow = taught({"token": "tok-111", "id": "task-111"}, {"token": "tok-222", "id": "task-222"})
    flow.learn(answer({"token": "tok-111", "id": "task-111"}), answer({"token": "tok-333", "id": "task-333"}))
    assert flow.request(request("/tok-111/task-111")).path == "/tok-333/task-222"


def test_a_secret_that_nobody_made_is_wanted_and_may_be_given():
    asked = request(headers=(("authorization", "Bearer godwit-secret-1"),))
    assert Flow({}, ()).wanting(asked) == "godwit-secret-1"
    given = Flow({"godwit-secret-1": "mine"}, ())
    assert given.request(asked).headers == (("authorization", "Bearer mine"),)


def test_only_ids_that_flowed_on_are_told_with_their_places():
    flow = taught([{"id": "task-1a2b", "other": "xyz-123"}], [{"id": "task-9z8y", "other": "xyz-456"}])
    flow.request(request("/t/task-1a2b"))
    assert flow.places == ("/*/id",)


def judged(baseline: Answer, candidate: Answer, recorded_status: int = 200) -> tuple[Outcome, str]:
    """The judgement on a recording of one exchange."""
    exchange = Exchange("GET", "/", (), None, answer(status=recorded_status))
    it = judge_replay("it", [exchange], [baseline], [candidate], (), (), ())
    return it.outcome, it.reason


def test_alike_is_passed_and_another_answer_is_failed():
    assert judged(answer({"a": 1}), answer({"a": 1}))[0] is Outcome.PASSED
    assert judged(answer({"a": 1}), answer({"a": 2}))[0] is Outcome.FAILED


def test_an_empty_recording_proves_nothing():
    it = judge_replay("it", [], [], [], (), (), ())
    assert (it.outcome, it.reason) == (Outcome.INCONCLUSIVE, "the recording it holds no exchange")


def test_a_recording_that_the_baseline_answers_otherwise_proves_nothing():
    outcome, reason = judged(answer(status=404), answer(status=404))
    assert outcome is Outcome.INCONCLUSIVE
    assert "1 of 1 answers of the baseline have another status" in reason


def test_a_difference_in_a_stale_recording_is_still_one():
    assert judged(answer(status=404), answer(status=400))[0] is Outcome.FAILED
