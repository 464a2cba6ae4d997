"""The same stimulus on two real servers, and what each of them sends to who listens."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from godwit.plan import EventStream, Normaliser
from godwit.session.streams import Streams
from godwit.verdict import Outcome

STREAM = EventStream.model_validate(
    {
        "id": "tasks",
        "path": "/events",
        "stimulus": ({"method": "POST", "path": "/tasks", "body": {"title": "one"}},),
        "at_least": 3,
        "quiet_s": 0.4,
    }
)


class _Tasks(BaseHTTPRequestHandler):
    """Makes a task on POST and tells all listeners about its life."""

    protocol_version = "HTTP/1.1"
    listeners: list
    made: str
    kinds: tuple

    def do_GET(self):
        mine = queue.SimpleQueue()
        self.listeners.append(mine)
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        while (event := mine.get()) is not None:
            self.wfile.write(event)

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        for kind in self.kinds:
            event = f"event: {kind}\ndata: {json.dumps({'task': self.made})}\n\n".encode()
            for listener in self.listeners:
                listener.put(event)
        self.send_response(201)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def streams():
    servers = []

    def start(made, kinds):
        listeners = []
        handler = type("Tasks", (_Tasks,), {"listeners": listeners, "made": made, "kinds": kinds})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append((server, listeners))
        return SimpleNamespace(url=f"http://127.0.0.1:{server.server_address[1]}")

    def build(*kinds):
        stacks = {"baseline": start("t-1", ("made", "step", "done")), "candidate": start("t-9", kinds)}
        surfaces = SimpleNamespace(normalisers=(Normaliser(kind="id", at="/task"),))
        plan = SimpleNamespace(surfaces=surfaces)
        return Streams(SimpleNamespace(plan=plan, stack=stacks.__getitem__, may_write=lambda *_: None))

    yield build
    for server, listeners in servers:
        for listener in listeners:
            listener.put(None)
        server.shutdown()
        server.server_close()


def test_the_same_events_on_both_sides_hold(streams):
    judgement = streams("made", "step", "done").alike(STREAM)
    assert judgement.outcome is Outcome.PASSED
    assert judgement.reason.startswith("3 event(s) compared")


@pytest.mark.parametrize(
    ("kinds", "what"),
    [
        pytest.param(("made", "done"), "event lost", id="lost"),
        pytest.param(("made", "step", "step", "done"), "event extra", id="doubled"),
        pytest.param(("step", "made", "done"), "event of another type", id="order"),
    ],
)
def test_what_the_candidate_sends_otherwise_is_found(streams, kinds, what):
    assert what in {it.what for it in streams(*kinds).alike(STREAM).findings}
