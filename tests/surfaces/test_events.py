"""Streams of events from real servers: what comes is kept in order, and what breaks off, hangs or is no stream says so."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from godwit.surfaces import events, listen


class _Stream(BaseHTTPRequestHandler):
    rang: threading.Event
    ends: threading.Event

    def do_GET(self):
        if self.path == "/hangs":
            self.ends.wait(10)
            return
        kind = "text/html" if self.path == "/page" else "text/event-stream"
        self.send_response(404 if self.path == "/nothing" else 200)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.flush()
        if self.path in ("/page", "/nothing"):
            return
        self.rang.wait(10)
        count = 50 if self.path == "/many" else 2
        for n in range(count):
            self.wfile.write(f'id: {n}\nevent: tick\ndata: {{"n":\ndata: {n}}}\n\n: comment\n'.encode())
            self.wfile.flush()
        if self.path != "/ends":
            self.ends.wait(10)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def stream():
    rang, ends = threading.Event(), threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Stream", (_Stream,), {"rang": rang, "ends": ends}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield lambda path, **more: listen(
        f"http://127.0.0.1:{server.server_address[1]}{path}", rang.set, quiet_s=0.4, **more
    )
    ends.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/stays-open", "/ends"])
def test_events_that_the_stimulus_makes_are_kept_in_order(stream, path):
    heard = stream(path)
    assert [(it.type, it.data, it.id) for it in heard.events] == [
        ("tick", '{"n":\n0}', "0"),
        ("tick", '{"n":\n1}', "1"),
    ]
    assert heard.trouble == ""


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        pytest.param("/nothing", "answered 404, not 200", id="refused"),
        pytest.param("/page", "no event stream", id="no-stream"),
        pytest.param("/hangs", "no answer within 0.3 s", id="hangs"),
        pytest.param("/many", "more than 10 events", id="floods"),
    ],
)
def test_what_is_no_stream_says_so(stream, path, trouble, monkeypatch):
    monkeypatch.setattr(events, "_OPENS_S", 0.3 if path == "/hangs" else 5.0)
    monkeypatch.setattr(events, "MOST_EVENTS", 10)
    assert trouble in stream(path).trouble


def test_a_server_that_is_not_there_is_trouble():
    assert "ConnectError" in listen("http://127.0.0.1:9/events", lambda: None).trouble
