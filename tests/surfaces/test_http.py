"""Exchanges with a real server: order, captures, and answers that do not come."""

import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from godwit.plan import Request
from godwit.surfaces import client, exchange, exchange_at_once, exchange_pairs, send


def echo(seen: Any) -> tuple[int, dict[str, str], bytes]:
    made = {"id": 7, "nested": [{"a/b": "x"}], "path": seen.path, "body": json.loads(seen.body or b"null")}
    return 201, {"Content-Type": "application/json", "Location": "/elsewhere"}, json.dumps(made).encode()


@pytest.fixture
def drip() -> Iterator[Callable[..., str]]:
    """Starts a listener that sends some bytes at once and then one every 50 ms, without an end; gives its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve_one(first: bytes, then: bytes) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(first)
            while then and not ended.wait(0.05):
                try:
                    connection.sendall(then)
                except OSError:
                    return
            ended.wait(5)

    def start(first: bytes = b"", then: bytes = b"") -> str:
        threading.Thread(target=serve_one, args=(first, then), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    ended.set()
    listener.close()


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
    assert answer.error.startswith("no connection: ")


def test_a_body_over_the_limit_is_no_answer(serve, monkeypatch):
    monkeypatch.setattr(client, "BODY_LIMIT", 1000)
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
    ("first", "then"),
    [
        pytest.param(b"", b"", id="says-nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", id="drips-a-header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x", id="drips-a-body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nxyz", b"", id="stops-in-the-body"),
    ],
)
def test_a_server_that_does_not_end_is_left_in_time(drip, first, then):
    started = time.monotonic()
    answer = send("GET", drip(first, then), timeout_s=0.4)
    assert (answer.status, answer.error) == (0, "no whole answer within 0.4 s")
    assert time.monotonic() - started < 3


def test_what_speaks_no_http_is_no_answer(drip):
    answer = send("GET", drip(b"SSH-2.0-OpenSSH_9.2\r\n"), timeout_s=2)
    assert answer.status == 0
    assert answer.error.startswith("no HTTP that can be read: ")


def test_a_body_over_the_limit_is_left_while_it_comes(drip, monkeypatch):
    monkeypatch.setattr(client, "BODY_LIMIT", 1000)
    answer = send("GET", drip(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001, b"x"), timeout_s=5)
    assert "larger than 1000 bytes" in answer.error


def test_a_body_that_is_no_utf_8_is_kept_byte_by_byte(serve):
    assert send("GET", serve(lambda seen: (200, {}, b"\xff\xfe\x00")).url).body == b"\xff\xfe\x00"


def test_a_probe_that_asks_for_gzip_sees_what_was_sent(serve):
    packed = gzip.compress(b"{}")
    server = serve(lambda seen: (200, {"Content-Encoding": "gzip"}, packed))
    answers = [send("GET", server.url, headers=headers) for headers in ({}, {"Accept-Encoding": "gzip"})]
    assert [seen.headers["accept-encoding"] for seen in server.seen] == ["identity", "gzip"]
    assert [(answer.header("content-encoding"), answer.body) for answer in answers] == [("gzip", packed)] * 2


def test_an_answer_keeps_headers_that_come_twice(drip):
    answer = send("GET", drip(b"HTTP/1.1 204 No\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"))
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["a=1", "b=2"]


def test_a_cookie_is_not_sent_back_by_itself(serve):
    server = serve(lambda seen: (200, {"Set-Cookie": "a=1; Path=/"}, b""))
    exchange([Request(path="/"), Request(path="/")], server.url)
    assert "cookie" not in server.seen[1].headers


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        pytest.param("/a/../b/./c", "/a/../b/./c", id="dots"),
        pytest.param("/a//b%2Fc%2e?x=%20+&y=/?", "/a//b%2Fc%2e?x=%20+&y=/?", id="encoded"),
        pytest.param("/é ü#1", "/%C3%A9%20%C3%BC%231", id="signs-that-no-url-holds"),
        pytest.param("/x\r\nX-Evil: 1", "/x%0D%0AX-Evil:%201", id="line-break"),
    ],
)
def test_a_path_goes_as_it_is_written_and_to_the_stack_that_is_asked(serve, path, sent):
    server = serve(echo)
    assert exchange([Request(path=path)], server.url)[0].request == f"GET {sent}"
    assert server.seen[0].path == sent
    assert "x-evil" not in server.seen[0].headers


@pytest.mark.parametrize("path", ["//elsewhere.example/x", "http://elsewhere.example/x", "elsewhere"])
def test_a_request_that_points_outside_is_refused(path):
    with pytest.raises(ValueError, match=r"write the path alone|should match pattern"):
        Request(path=path)


def test_a_header_with_a_line_break_is_not_sent(serve):
    server = serve(echo)
    answer = send("GET", server.url, headers={"X-One": "1\r\nX-Evil: 1"})
    assert answer.status == 0
    assert server.seen == []


def test_many_sequences_go_to_both_sides_with_captures_of_their_own(serve):
    sides = [serve(lambda seen, name=name: (200, {}, json.dumps({"id": name + seen.path}).encode())) for name in "bc"]
    made = [[Request(path=f"/{n}", capture={"it": "/id"}), Request(path="/x/{it}")] for n in range(20)]
    pairs = exchange_pairs(made, sides[0].url, sides[1].url, at_once=4)
    assert [[answer.request for answer in side] for side in pairs[7]] == [
        ["GET /7", "GET /x/b/7"],
        ["GET /7", "GET /x/c/7"],
    ]
    assert [len(side.seen) for side in sides] == [40, 40]


def test_no_sequence_is_no_pair():
    assert exchange_pairs([], "http://127.0.0.1:1", "http://127.0.0.1:1") == []


def test_the_http_library_is_loaded_only_when_something_is_asked():
    code = "import sys, godwit.pytest_plugin, godwit.session; print([n for n in ('aiohttp', 'uvloop') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_process_that_asked_ends_quietly():
    code = "from godwit.surfaces import send; print(send('GET', 'http://127.0.0.1:1').status)"
    ended = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("0\n", "")


def test_a_header_is_captured_for_a_conditional_request(serve):
    def cached(seen: Any) -> tuple[int, dict[str, str], bytes]:
        return (304, {}, b"") if seen.headers.get("if-none-match") == '"7"' else (200, {"ETag": '"7"'}, b"x")

    server = serve(cached)
    read = Request(path="/doc", capture={"etag": "@headers/ETag", "none": "@headers/x-none"})
    again = Request(method="HEAD", path="/doc", headers={"If-None-Match": "{etag}"})
    answers = exchange([read, again, Request(path="/{none}")], server.url)
    assert [answer.status for answer in answers] == [200, 304, 0]


def test_the_same_idempotency_key_twice_makes_one_thing(serve):
    made: dict[str, int] = {}

    def create(seen: Any) -> tuple[int, dict[str, str], bytes]:
        key = seen.headers["idempotency-key"]
        status = 200 if key in made else 201
        return status, {}, json.dumps({"id": made.setdefault(key, len(made) + 1)}).encode()

    request = Request(method="POST", path="/things", headers={"Idempotency-Key": "k-1"}, body={})
    answers = exchange([request, request], serve(create).url)
    assert [(answer.status, answer.json()) for answer in answers] == [(201, {"id": 1}), (200, {"id": 1})]


def test_requests_sent_at_once_overlap_and_are_answered_in_their_order(serve):
    together = threading.Barrier(3, timeout=5)

    def meet(seen: Any) -> tuple[int, dict[str, str], bytes]:
        together.wait()
        return 200, {}, seen.path.encode()

    answers = exchange_at_once([Request(path=f"/{{at}}/{n}") for n in range(3)], serve(meet).url, captured={"at": "x"})
    assert [answer.body for answer in answers] == [b"/x/0", b"/x/1", b"/x/2"]
