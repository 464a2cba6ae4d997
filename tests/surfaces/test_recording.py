"""The recording proxy: its bounds with a stand-in for mitmdump, and, where mitmproxy is installed, the real one."""

import os
import stat
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.surfaces import read_recording, send
from godwit.surfaces.proxying import Recorder
from godwit.surfaces.recording import Recording, find_mitmdump, record
from godwit.verdict import GodwitError
from tests.conftest import free_port

STAND_IN = """#!/usr/bin/env python3
import os, signal, socket, sys, time
port = int(sys.argv[sys.argv.index("--listen-port") + 1])
with open(os.environ["GODWIT_RECORD_TO"], "w") as file:
    file.write('{"method": "GET", "path": "/", "headers": [["Authorization", "Bearer s3cr3t"]], "status": 200, ')
    file.write('"response_headers": []}\\n{"method": "GE')
if "no-listener" in sys.argv[2]:
    sys.exit("address in use")
listener = socket.create_server(("127.0.0.1", port))
if "deaf" in sys.argv[2]:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
try:
    time.sleep(60)
except KeyboardInterrupt:
    pass
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> str:
    """A program that is called as mitmdump is, and writes one exchange and half of another."""
    path = tmp_path / "mitmdump"
    path.write_text(STAND_IN, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def recorded(stand_in: str, tmp_path: Path, url: str = "http://127.0.0.1:1", **more: Any) -> tuple[int, int]:
    """Record until the proxy listens."""
    stop = threading.Event()
    return record(Recording(stand_in, url, tmp_path / "it.jsonl", free_port(), **more), stop, stop.set)


def test_what_was_recorded_is_kept_without_secrets_and_without_half_a_line(stand_in, tmp_path):
    assert recorded(stand_in, tmp_path) == (1, 1)
    (exchange,) = read_recording(tmp_path / "it.jsonl").exchanges
    assert exchange.headers == (("Authorization", "Bearer godwit-secret-1"),)


def test_secrets_are_kept_where_that_is_asked_for(stand_in, tmp_path):
    assert recorded(stand_in, tmp_path, keep_secrets=True) == (1, 0)
    assert "s3cr3t" in (tmp_path / "it.jsonl").read_text(encoding="utf-8")


def test_a_recording_ends_when_its_time_is_over(stand_in, tmp_path):
    started = time.monotonic()
    out = tmp_path / "it.jsonl"
    bounded = Recording(stand_in, "http://127.0.0.1:1", out, free_port(), seconds_at_most=0.3)
    assert record(bounded, threading.Event(), lambda: None) == (1, 1)
    assert time.monotonic() - started < 20


def test_a_proxy_that_ends_by_itself_is_an_error_with_its_last_words(stand_in, tmp_path):
    with pytest.raises(GodwitError, match=r"ended with exit code 1\n  address in use"):
        recorded(stand_in, tmp_path, "http://no-listener")


def test_a_proxy_that_does_not_end_is_killed(stand_in, tmp_path, monkeypatch):
    monkeypatch.setattr("godwit.surfaces.recording._ENDS_WITHIN_S", 0.3)
    assert recorded(stand_in, tmp_path, "http://deaf") == (1, 1)


def test_without_mitmproxy_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("GODWIT_MITMDUMP", raising=False)
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(GodwitError, match="in an environment of its own: uv tool install mitmproxy"):
        find_mitmdump()


def flow(content: bytes) -> Any:
    """A flow as the proxy hands it over, with only what recording asks for."""

    def message(**more: Any) -> Any:
        headers = SimpleNamespace(items=lambda multi: [("Content-Encoding", "gzip"), ("X-One", "1"), ("X-One", "2")])
        return SimpleNamespace(headers=headers, get_content=lambda strict: content, **more)

    return SimpleNamespace(
        request=message(method="POST", path="/a?b", timestamp_start=1.5), response=message(status_code=201)
    )


@pytest.mark.parametrize("content", [pytest.param("né".encode(), id="text"), pytest.param(b"\xff\x00", id="binary")])
def test_what_the_proxy_writes_can_be_read(tmp_path, content):
    recorder = Recorder(str(tmp_path / "it.jsonl"), 5)
    recorder.response(flow(content))
    recorder.done()
    (exchange,) = read_recording(tmp_path / "it.jsonl").exchanges
    assert (exchange.method, exchange.path, exchange.body, exchange.started_at) == ("POST", "/a?b", content, "1.500000")
    assert (exchange.answer.status, exchange.answer.body) == (201, content)
    assert exchange.answer.headers == (("x-one", "1"), ("x-one", "2"))


def has_mitmproxy() -> bool:
    """Whether the real proxy can be run here."""
    try:
        return os.access(find_mitmdump(), os.X_OK)
    except GodwitError:
        return False


@pytest.mark.skipif(not has_mitmproxy(), reason="mitmproxy is not installed, or not named in GODWIT_MITMDUMP")
def test_the_real_proxy_records_what_goes_through_it(serve, tmp_path):
    server = serve(lambda seen: (201, {"Set-Cookie": "sid=s3cr3t", "X-Two": "2"}, seen.body or b"none"))
    stop, port, answers = threading.Event(), free_port(), []

    def ask() -> None:
        url = f"http://127.0.0.1:{port}/a//b?c=%20d"
        answers.append(send("POST", url, headers={"Authorization": "Bearer t0ken"}, body={"n": 1.0}, timeout_s=30))
        stop.set()

    counts = record(Recording(find_mitmdump(), server.url, tmp_path / "it.jsonl", port), stop, ask)
    (exchange,) = read_recording(tmp_path / "it.jsonl").exchanges
    assert counts == (1, 2)
    assert (answers[0].status, server.seen[0].path) == (201, "/a//b?c=%20d")
    assert (exchange.method, exchange.path, exchange.body) == ("POST", "/a//b?c=%20d", b'{"n":1.0}')
    assert exchange.answer.header("set-cookie") == "sid=godwit-secret-2"
