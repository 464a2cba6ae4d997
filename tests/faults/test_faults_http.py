"""Faults that are put, proved and taken back over HTTP."""

import json

import pytest

from godwit.faults import current, injected
from godwit.verdict import HarnessError


class Faulty:
    """Keeps faults; `deaf` takes them without effect, `stuck` never lets go of them."""

    def __init__(self, deaf=False, stuck=False):
        self.faults, self.deaf, self.stuck = {}, deaf, stuck

    def __call__(self, seen):
        if seen.method == "PUT" and not self.deaf:
            self.faults = json.loads(seen.body)
        if seen.method == "DELETE" and not self.stuck:
            self.faults = {}
        return 200, {}, json.dumps({"error_rate": 0, **self.faults}).encode()


def test_a_fault_is_in_force_in_the_block_and_gone_after(serve):
    server = serve(Faulty())
    with injected(server.url, {"error_rate": 1.0}) as seen:
        assert seen["error_rate"] == 1.0
        assert current(server.url)["error_rate"] == 1.0
    assert current(server.url)["error_rate"] == 0


def test_a_fault_is_taken_back_when_the_block_fails(serve):
    server = serve(Faulty())
    with pytest.raises(ZeroDivisionError), injected(server.url, {"error_rate": 1.0}):
        raise ZeroDivisionError
    assert current(server.url)["error_rate"] == 0


def test_a_fault_without_effect_is_an_error_and_the_block_is_not_entered(serve):
    entered = []
    with (
        pytest.raises(HarnessError, match="fault did not take effect"),
        injected(serve(Faulty(deaf=True)).url, {"delay_ms": 9}),
    ):
        entered.append(True)
    assert not entered


def test_a_fault_that_stays_is_an_error(serve):
    with pytest.raises(HarnessError, match="still in force"), injected(serve(Faulty(stuck=True)).url, {"delay_ms": 9}):
        pass


def test_a_stack_that_refuses_faults_is_an_error(serve):
    with pytest.raises(HarnessError, match="404"), injected(serve(lambda seen: (404, {}, b"{}")).url, {"delay_ms": 9}):
        pass


def test_a_stack_that_went_away_took_its_fault_with_it():
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    faulty = Faulty()

    class Once(BaseHTTPRequestHandler):
        def answer(self):
            self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self.method = self.command
            _, _, content = faulty(self)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        do_PUT = do_GET = do_DELETE = answer  # noqa: N815

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Once)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with injected(f"http://127.0.0.1:{server.server_address[1]}", {"delay_ms": 9}):
        server.shutdown()
        server.server_close()
    assert faulty.faults == {"delay_ms": 9}


def test_an_empty_fault_is_refused():
    with pytest.raises(HarnessError, match="empty fault"), injected("http://127.0.0.1:1", {}):
        pass
