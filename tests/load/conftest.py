"""Runs the load generator as it lies in this clone."""

import socketserver
import threading
from itertools import cycle
from pathlib import Path

import pytest

from godwit.load import run_load

LOADTESTS = Path(__file__).resolve().parents[2] / "loadtests"


@pytest.fixture
def run(tmp_path):
    """Runs a profile against one URL for both sides, or against those that are named."""

    def start(asked, url=None, **named):
        named = {"targets": {"baseline": url, "candidate": url}, "route": None, "users": {}, "seed": 1} | named
        return run_load(asked, out=tmp_path / "load", locustfile=LOADTESTS / "open_loop.py", **named)

    return start


@pytest.fixture
def raw_server():
    """Starts a server that answers with bytes as they are, in turn, and hangs up after each; gives its URL."""
    servers = []

    def start(*answers):
        turns = cycle(answers)

        class Once(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.recv(65536)
                self.request.sendall(next(turns))

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Once)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
