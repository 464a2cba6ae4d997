"""Exchanges with a real server: order, captures, and answers that do not come."""

import json
from typing import Any

import pytest

from godwit.plan import Request
from godwit.surfaces import exchange, fetch_json, http, send
from godwit.verdict import StackError


def echo(seen: Any) -> tuple[int, dict[str, str], bytes]:
    made = {"id": 7, "nested": [{"a/b": "x"}], "path": seen.path, "body": json.loads(seen.body or b"null")}
    return 201, {"Content-Type": "application/json", "Location": "/elsewhere"}, json.dumps(made).encode()


def test_a_capture_fills_path_headers_and_body_of_what_follows(serve):
    server = serve(echo)
    first = Request(method="POST", path="/tasks", body={"t": 1}, capture={"task": "/id", "deep": "/nested/0/a~1b"})
    second = Request(
        method="POST", path="/tasks/{task}", headers={"X-Deep": "{deep}"}, body=["{task}", "n {task}", "{{task}}"]
    )
    answers = exchange([first, second], server.url)
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[1].request == "POST /tasks/7"
    assert server.seen[1].headers["x-deep"] == "x"
    assert json.loads(server.seen[1].body) == [7, "n 7", "{task}"]


def test_a_request_whose_capture_is_missing_is_not_sent(serve):
    server = serve(lambda seen: (500, {}, b"{}"))
    create = Request(method="POST", path="/tasks", capture={"task": "/id"})
    answers = exchange([create, Request(path="/tasks/{task}")], server.url, captured={"task": "from before"})
    assert answers[1].status == 0
    assert answers[1].error == "not sent: nothing was captured as task"
    assert len(server.seen) == 1


def test_what_was_captured_before_is_known_to_the_first_request(serve):
    server = serve(echo)
    assert exchange([Request(path="/tasks/{id}")], server.url, captured={"id": "t-1"})[0].request == "GET /tasks/t-1"


def test_an_answer_keeps_status_headers_body_and_time(serve):
    server = serve(lambda seen: (404, {"X-One": "1"}, "né".encode()))
    answer = send("GET", server.url + "/nothing")
    assert (answer.status, answer.header("X-One"), answer.body) == (404, "1", "né".encode())
    assert answer.seconds > 0


def test_a_redirect_is_an_answer_and_is_not_followed(serve):
    server = serve(lambda seen: (307, {"Location": "/there"}, b""))
    assert send("GET", server.url + "/here").status == 307
    assert len(server.seen) == 1


@pytest.mark.parametrize("handler", [pytest.param(lambda seen: None, id="hangs-up")])
def test_a_side_that_does_not_answer_has_status_0_and_says_why(serve, handler):
    answer = send("GET", serve(handler).url)
    assert answer.status == 0
    assert "disconnected" in answer.error


def test_nobody_listening_has_status_0():
    answer = send("GET", "http://127.0.0.1:1/x")
    assert answer.status == 0
    assert "ConnectError" in answer.error


def test_a_body_over_the_limit_is_no_answer(serve, monkeypatch):
    monkeypatch.setattr(http, "BODY_LIMIT", 1000)
    answer = send("GET", serve(lambda seen: (200, {}, b"x" * 1001)).url)
    assert answer.status == 0
    assert "larger than 1000 bytes" in answer.error


def test_proxies_of_the_environment_are_not_used(serve, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert send("GET", serve(echo).url + "/").status == 201


def test_a_text_body_with_a_type_of_its_own_goes_as_it_is(serve):
    server = serve(echo)
    exchange([Request(method="POST", path="/", headers={"Content-Type": "text/plain"}, body="[1]")], server.url)
    assert server.seen[0].body == b"[1]"


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        pytest.param((503, {}, b"{}"), "answered 503", id="refusal"),
        pytest.param((200, {}, b"<html>"), "no JSON", id="not-json"),
    ],
)
def test_a_document_that_is_none_is_an_error(serve, reply, says):
    with pytest.raises(StackError, match=says):
        fetch_json(serve(lambda seen: reply).url)
