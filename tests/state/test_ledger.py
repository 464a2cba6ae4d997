"""Writes acknowledged by a real server, and the attempts that were not."""

import itertools
import json
import time

import pytest

from godwit.plan import Request
from godwit.state import Clients, Entry, Ledger, Writer
from godwit.verdict import GodwitError

WRITE = Request(
    method="POST", path="/tasks", headers={"X-User-Id": "u1"}, body={"title": "write {n}"}, capture={"id": "/id"}
)


class Tasks:
    """Makes tasks; refuses every fourth, and answers no request while `stalled`."""

    def __init__(self, refuse=0):
        self.numbers, self.refuse, self.stalled_until, self.made = itertools.count(1), refuse, 0.0, {}

    def __call__(self, seen):
        number = next(self.numbers)
        time.sleep(max(0.0, self.stalled_until - time.monotonic()))
        if self.refuse and number % self.refuse == 0:
            return 503, {}, b"{}"
        task = {"id": f"t{number}", **json.loads(seen.body)}
        self.made[task["id"]] = task
        return 201, {"X-Served-By": "v1"}, json.dumps(task).encode()


def written(ledger, url, seconds=0.6, rate=50.0):
    writer = Writer(ledger, url, WRITE, rate)
    writer.start()
    time.sleep(seconds)
    return writer.stop()


def test_the_ledger_holds_exactly_what_was_acknowledged(serve, tmp_path):
    tasks, ledger = Tasks(refuse=4), Ledger(tmp_path / "out" / "ledger.ndjson")
    server = serve(tasks)
    attempts = written(ledger, server.url)
    assert len(attempts) == len(server.seen) >= 20
    assert ledger.acknowledged() == tasks.made
    assert sum(attempt.ok for attempt in attempts) == len(tasks.made)
    assert {entry.by for entry in ledger.entries()} == {"v1"}
    assert server.seen[0].headers["x-user-id"] == "u1"


def test_every_attempt_stands_in_the_file(serve, tmp_path):
    ledger = Ledger(tmp_path / "ledger.ndjson")
    attempts = written(ledger, serve(Tasks(refuse=2)).url)
    lines = [json.loads(line) for line in ledger.path.read_text(encoding="utf-8").splitlines()]
    tried = [line for line in lines if line["event"] == "attempted"]
    assert sorted(line["n"] for line in tried) == list(range(len(attempts)))
    assert {line["status"] for line in tried} == {201, 503}


def test_a_pause_delays_no_later_write_and_shows_in_the_times(serve, tmp_path):
    tasks = Tasks()
    tasks.stalled_until = time.monotonic() + 0.4
    attempts = written(Ledger(tmp_path / "l"), serve(tasks).url, seconds=0.8)
    # One after the other, only the first could have been sent before the pause was over.
    assert sum(attempt.at_s < tasks.stalled_until for attempt in attempts) > 5
    assert all(attempt.ok for attempt in attempts)
    assert max(attempt.seconds for attempt in attempts) > 0.3


def test_nobody_there_is_failed_attempts(tmp_path):
    ledger = Ledger(tmp_path / "l")
    attempts = written(ledger, "http://127.0.0.1:1", seconds=0.3)
    assert len(attempts) > 5
    assert not any(attempt.ok for attempt in attempts)
    assert ledger.acknowledged() == {}


@pytest.mark.parametrize(
    "body", [pytest.param(b"{}", id="no-id"), pytest.param(b"<html>", id="no-json"), pytest.param(b"3", id="a-number")]
)
def test_an_answer_without_an_id_acknowledges_nothing(serve, tmp_path, body):
    ledger = Ledger(tmp_path / "l")
    attempts = written(ledger, serve(lambda seen: (201, {}, body)).url, seconds=0.2)
    assert attempts
    assert not any(attempt.ok for attempt in attempts)
    assert ledger.acknowledged() == {}


def test_two_writes_under_one_id_are_told(tmp_path):
    ledger = Ledger(tmp_path / "l")
    for number in range(2):
        ledger.acknowledge(Entry("t1", {"n": number}, 0.0, "v1"))
    ledger.acknowledge(Entry("t2", {}, 0.0, "v1"))
    assert ledger.doubled() == ("t1",)
    assert ledger.acknowledged()["t1"] == {"n": 0}


def test_a_write_that_captures_no_id_is_refused(tmp_path):
    with pytest.raises(GodwitError, match="capture id"):
        Writer(Ledger(tmp_path / "l"), "http://x", Request(method="POST", path="/"), 1.0)


def test_clients_wait_for_their_answers_and_number_their_writes_in_order(serve, tmp_path):
    tasks, ledger = Tasks(refuse=5), Ledger(tmp_path / "l")
    url = serve(tasks).url
    for _ in range(2):
        clients = Clients(ledger, url, WRITE, 400.0, 3, "run-", at_most=15)
        clients.start()
        clients.wait()
        assert len(clients.stop()) == 15
    writes = ledger.writes()
    assert sorted(write.number for write in writes) == list(range(30))
    assert {write.client for write in writes} == {"run-0", "run-1", "run-2"}
    for name in ("run-0", "run-1", "run-2"):
        own = [write for write in writes if write.client == name]
        assert all(one.ended_s <= two.began_s and one.number < two.number for one, two in itertools.pairwise(own))
    assert {write.body["title"] for write in writes if write.ok} == {task["title"] for task in tasks.made.values()}
