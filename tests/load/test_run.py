"""The load generator against real servers: what it counts is what the server saw, and nothing that failed is fast."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from godwit.checks import unfit
from godwit.load import run_load
from godwit.plan import LoadProfile, Router
from godwit.verdict import HarnessError

LOADTESTS = Path(__file__).resolve().parents[2] / "loadtests"
ROUTER = Router.model_validate(
    {
        "served_by": {"header": "X-Served-By", "baseline": "v1", "candidate": "v2"},
        "user_header": "X-User-Id",
        "team_header": "X-User-Team",
        "assignments": "/a",
        "ask": "/read",
    }
)
MIX = (
    {"id": "read", "path": "/read?n={n}", "share": 75.0},
    {"id": "write", "method": "POST", "path": "/write", "body": {"by": "{user}", "n": ["{n}"]}, "share": 25.0},
)


def profile(rate=50.0, seconds=2.0, warmup=0.0, operations=MIX[:1], **more):
    times = {"duration_s": float(seconds), "warmup_s": float(warmup)}
    return LoadProfile(id="short", rate_per_s=rate, operations=operations, **times, **more)


def ok(seen):
    return 200, {}, b"{}"


def total(series):
    return sum(item.n for item in series.values())


def test_counts_are_what_the_servers_saw(serve, run):
    baseline, candidate = serve(ok), serve(ok)
    found = run(profile(operations=MIX), targets={"baseline": baseline.url, "candidate": candidate.url})
    assert len(baseline.seen) == len(candidate.seen) == 50
    assert found.asked == 100
    for side, server in (("baseline", baseline), ("candidate", candidate)):
        seen = Counter(request.path.partition("?")[0].strip("/") for request in server.seen)
        assert {name: series.n for name, series in found.sides[side].items()} == seen
        assert all(series.failed == 0 and len(series.latencies_us) == series.n for series in found.sides[side].values())


def test_both_sides_get_the_same_mix_and_a_seed_repeats_it(serve, run):
    orders = []
    for _ in range(2):
        baseline, candidate = serve(ok), serve(ok)
        run(profile(seconds=1, operations=MIX), targets={"baseline": baseline.url, "candidate": candidate.url})
        orders.append([[request.method for request in server.seen] for server in (baseline, candidate)])
    assert orders[0][0] == orders[0][1]
    assert orders[0] == orders[1]


def test_the_warm_up_is_sent_and_not_counted(serve, run):
    server = serve(ok)
    found = run(profile(seconds=1, warmup=1), server.url)
    assert len(server.seen) == 100
    assert found.asked == sum(map(total, found.sides.values())) == 50


def test_places_are_filled_in_path_body_and_headers(serve, run):
    operation = {**MIX[1], "headers": {"X-Who": "{user} of {team}"}}
    server = serve(ok)
    users = {"candidate": [("ann", "qa")]}
    run(profile(seconds=1, operations=[operation]), targets={"candidate": server.url}, users=users)
    bodies = [json.loads(request.body) for request in server.seen]
    assert sorted(int(body["n"][0]) for body in bodies) == list(range(50))
    assert {body["by"] for body in bodies} == {"ann"}
    assert server.seen[0].headers["x-who"] == "ann of qa"
    assert server.seen[0].headers["content-type"] == "application/json"


def test_a_pause_of_the_server_shows_in_every_request_that_was_due_meanwhile(serve, run):
    pause = {}

    def pausing(seen):
        begun = pause.setdefault("from", time.monotonic() + 0.5)
        now = time.monotonic()
        if begun <= now < begun + 0.5:
            time.sleep(begun + 0.5 - now)
        return ok(seen)

    found = run(profile(rate=100, seconds=2), serve(pausing).url)
    latencies = [value for side in found.sides.values() for value in side["read"].latencies_us]
    assert len(latencies) == 200
    assert np.percentile(latencies, 99) > 300_000
    assert 35 <= sum(value > 100_000 for value in latencies) <= 60


def test_errors_are_counted_and_never_among_the_latencies(serve, run):
    numbers = count()
    found = run(profile(), serve(lambda seen: (500 if next(numbers) % 4 < 2 else 200, {}, b"{}")).url)
    failed = sum(side["read"].failed for side in found.sides.values())
    assert failed == 50
    assert sum(len(side["read"].latencies_us) for side in found.sides.values()) == 50
    assert found.sides["candidate"]["read"].errors[0].startswith("status 500")


def test_a_server_that_hangs_up_is_not_asked_again(serve, run):
    numbers = count()
    server = serve(lambda seen: ok(seen) if next(numbers) % 4 < 2 else None)
    found = run(profile(), server.url)
    assert len(server.seen) == 100
    assert sum(side["read"].failed for side in found.sides.values()) == 50


def test_a_redirect_is_an_answer_and_is_not_followed(serve, run):
    server = serve(lambda seen: (307, {"Location": "/elsewhere"}, b""))
    run(profile(seconds=1), server.url)
    assert {request.path.partition("?")[0] for request in server.seen} == {"/read"}


def test_nobody_there_is_failures_and_no_hang(run):
    started = time.monotonic()
    found = run(profile(seconds=1), "http://127.0.0.1:1", timeout_s=60.0)
    assert time.monotonic() - started < 50
    assert [side["read"].failed for side in found.sides.values()] == [25, 25]
    assert "ConnectionRefusedError" in found.sides["baseline"]["read"].errors[0]


def test_no_answer_in_time_is_a_failure(serve, run):
    def hanging(seen):
        time.sleep(3)
        return ok(seen)

    found = run(profile(rate=20, seconds=1), serve(hanging).url, timeout_s=0.5)
    assert sum(side["read"].failed for side in found.sides.values()) == 20


def test_an_answer_by_the_wrong_side_is_a_failure(serve, run):
    def router(seen):
        return 200, {"X-Served-By": "v2" if seen.headers["x-user-id"] == "bob" else "v1"}, b"{}"

    users = {"baseline": [("ann", "qa"), ("bob", "ops")], "candidate": [("bob", "ops")]}
    found = run(profile(), serve(router).url, route=ROUTER, users=users)
    assert found.sides["candidate"]["read"].failed == 0
    assert found.sides["baseline"]["read"].failed == 25
    assert found.sides["baseline"]["read"].errors == ("served by v2, not by v1 (25 times)",)


def test_a_routed_side_without_users_gets_no_load(serve, run):
    server = serve(lambda seen: (200, {"X-Served-By": "v2"}, b"{}"))
    found = run(profile(seconds=1), server.url, route=ROUTER, users={"candidate": [("bob", "ops")]})
    assert set(found.sides) == {"candidate"}
    assert total(found.sides["candidate"]) == 50


def test_a_load_for_nobody_is_an_error(run):
    with pytest.raises(HarnessError, match="no side"):
        run(profile(), "http://127.0.0.1:1", route=ROUTER)


def test_the_generator_tells_what_it_used_and_how_late_it_was(serve, run):
    found = run(profile(seconds=1), serve(ok).url)
    assert 0 < found.generator_cpu < 0.9
    assert 0 <= found.late_share < 0.5
    assert found.seconds == pytest.approx(1.0, abs=0.2)


def test_progress_comes_every_second(serve, run):
    seen = []
    run(profile(seconds=2, warmup=0.5), serve(ok).url, on_progress=seen.append)
    assert len(seen) >= 2
    assert seen[-1].sent > seen[0].sent > 0
    assert "sent, 0 failed, p95" in str(seen[0])


def test_locust_dying_is_an_error_with_its_last_words(tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit('no fuel')", encoding="utf-8")
    with pytest.raises(HarnessError, match="no fuel"):
        run_load(
            profile(), targets={"candidate": "http://x"}, route=None, users={}, seed=1, out=tmp_path, locustfile=broken
        )


def test_an_interrupted_run_leaves_no_process(serve, run, tmp_path):
    class Enough(Exception):
        pass

    def stop(progress):
        raise Enough

    with pytest.raises(Enough):
        run(
            profile(seconds=30, workers=2), serve(ok).url, on_progress=stop, environ={"GODWIT_TEST_MARK": str(tmp_path)}
        )
    ends = time.monotonic() + 10
    while left(tmp_path) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not left(tmp_path)


def left(mark):
    """What still runs of a load whose processes bear this mark."""
    return [line for line in marked(str(mark)) if "open_loop" in line or "engine.py" in line]


def marked(text):
    """Command lines of the processes that have this text in their environment."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (folder / "environ").read_bytes():
                yield (folder / "cmdline").read_text()
        except OSError:
            continue


def test_a_run_that_was_stopped_early_is_no_run(serve, tmp_path):
    def stop(progress):
        (locust,) = [pid for pid in children() if "open_loop" in (Path("/proc") / pid / "cmdline").read_text()]
        os.kill(int(locust), signal.SIGTERM)

    with pytest.raises(HarnessError, match="stopped before its end"):
        run_load(
            profile(seconds=20),
            targets={"candidate": serve(ok).url},
            route=None,
            users={},
            seed=1,
            out=tmp_path,
            on_progress=stop,
            locustfile=LOADTESTS / "open_loop.py",
        )


def children():
    me = str(os.getpid())
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "stat").read_text().rpartition(") ")[2].split()[1] == me:
                yield folder.name
        except OSError:
            continue


def by_hand(server, tmp_path, *words):
    document = json.loads((LOADTESTS / "smoke.json").read_text(encoding="utf-8"))
    document["profile"] |= {"duration_s": 1.0, "warmup_s": 0.0, "rate_per_s": 20}
    document["profile"]["operations"] = [{"id": "read", "path": "/read?n={n}", "share": 100.0}]
    (tmp_path / "mine.json").write_text(json.dumps(document), encoding="utf-8")
    environ = {**os.environ, "GODWIT_LOAD": "mine.json"}
    command = [sys.executable, "-m", "locust", "-f", str(LOADTESTS / "open_loop.py"), "--headless", *words]
    command += ["--host", server.url] if server else []
    return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_by_hand_the_number_of_users_does_not_change_the_rate(serve, tmp_path):
    server = serve(ok)
    ended = by_hand(server, tmp_path, "--users", "7", "--spawn-rate", "7")
    assert ended.returncode == 0, ended.stderr
    assert len(server.seen) == 20
    assert "Aggregated" in ended.stderr


def test_by_hand_workers_share_the_schedule_and_the_table_holds_what_they_made(serve, tmp_path):
    server = serve(ok)
    ended = by_hand(server, tmp_path, "--users", "1", "--processes", "2")
    assert ended.returncode == 0, ended.stderr
    assert sorted(int(request.path.rpartition("=")[2]) for request in server.seen) == list(range(20))
    tables = [line.split()[1] for line in ended.stderr.splitlines() if "Aggregated" in line and "(" in line]
    assert tables[-1] == "20"


def test_samples_of_all_workers_are_what_the_servers_saw(serve, run):
    baseline, candidate = serve(ok), serve(ok)
    targets = {"baseline": baseline.url, "candidate": candidate.url}
    found = run(profile(rate=100, operations=MIX, workers=2, block=5), targets=targets)
    assert (found.workers, found.asked) == (2, 200)
    for side, server in (("baseline", baseline), ("candidate", candidate)):
        assert total(found.sides[side]) == len(server.seen) == 100
        assert [turn for turn, *_ in found.turns[side]] == list(range(100))
    assert list(found.turns["baseline"].operations) == list(found.turns["candidate"].operations)


def test_an_answer_without_the_expected_content_is_a_failure(serve, run):
    answers = {
        "/good": {"status": 200, "contains": ["done"], "values": {"/tasks/0/state": "done"}},
        "/status": {"status": 201},
        "/text": {"contains": ["nowhere"]},
        "/value": {"values": {"/tasks/0/state": "open"}},
        "/gone": {"values": {"/tasks/0/error": None}},
        "/one": {"values": {"/done": 1}},
        "/inside": {"values": {"/flags": {"on": [1]}}},
    }
    mix = [{"id": path[1:], "path": path, "share": 14.0, "expect": each} for path, each in answers.items()]
    server = serve(lambda seen: (200, {}, b'{"tasks": [{"state": "done"}], "done": true, "flags": {"on": [true]}}'))
    found = run(profile(seconds=1, rate=60, operations=mix), targets={"candidate": server.url}).sides["candidate"]
    assert found["good"].failed == 0 < len(found["good"].latencies_us)
    wrong = ("status", "text", "value", "gone", "one", "inside")
    texts = [found[name].errors[0].rpartition(" (")[0] for name in wrong]
    assert texts == [
        "status 200, not 201",
        "the answer does not hold 'nowhere'",
        '/tasks/0/state is "done", not "open"',
        "/tasks/0/error is not there, not null",
        "/done is true, not 1",
        '/flags is {"on": [true]}, not {"on": [1]}',
    ]
    assert not any(found[name].latencies_us for name in wrong)


FLOW = {
    "id": "create",
    "method": "POST",
    "path": "/tasks",
    "body": {"by": "{user}"},
    "share": 100.0,
    "capture": {"task": "/id"},
    "then": [
        {"id": "read", "path": "/tasks/{task}", "capture": {"state": "/state"}},
        {"id": "note", "method": "POST", "path": "/notes", "body": {"of": "{task}", "was": "{state}", "by": "{user}"}},
    ],
}


def test_the_steps_of_a_flow_use_what_was_answered_and_end_where_one_fails(serve, run):
    numbers = count()

    def tasks(seen):
        number = next(numbers) if seen.path == "/tasks" else 0
        if seen.path == "/tasks":
            return 201, {}, json.dumps({"id": f"t {number}"} if number % 4 else {}).encode()
        return 200, {}, b'{"state": "open"}'

    server = serve(tasks)
    found = run(profile(rate=20, seconds=2, operations=[FLOW]), targets={"candidate": server.url})
    asked = Counter(request.path for request in server.seen)
    notes = [json.loads(request.body) for request in server.seen if request.path == "/notes"]
    assert (asked["/tasks"], asked["/tasks/t%201"], len(notes)) == (40, 1, 30)
    assert {note["was"] for note in notes} == {"open"}
    assert sorted(note["of"] for note in notes) == sorted(f"t {number}" for number in range(40) if number % 4)
    series = found.sides["candidate"]
    assert {name: (each.n, each.failed) for name, each in series.items()} == {
        "create": (40, 10),
        "read": (30, 0),
        "note": (30, 0),
    }
    assert series["create"].errors == ("nothing to go on with at /id (10 times)",)
    assert found.asked == 100
    assert len({turn for turn, *_ in found.turns["candidate"]}) == 100


def test_a_closed_loop_asks_when_it_is_answered_and_says_so(serve, run):
    def slow(seen):
        time.sleep(0.1)
        return ok(seen)

    server = serve(slow)
    closed = profile(rate=None, loop="closed", concurrency=2, seconds=2)
    found = run(closed, targets={"candidate": server.url})
    assert found.loop == "closed"
    assert 10 <= total(found.sides["candidate"]) == len(server.seen) <= 41


def test_requests_that_wait_for_a_connection_of_the_generator_are_its_own_fault(serve, run):
    def slow(seen):
        time.sleep(0.1)
        return ok(seen)

    found = run(profile(rate=40, seconds=1, connections=2), targets={"candidate": serve(slow).url})
    assert found.faults["connections"] > 10
    alone = replace(found, late_share=0.0, generator_cpu=0.0)  # whatever else this machine does meanwhile
    assert "raise connections" in unfit(alone)


def test_an_answer_that_is_cut_off_or_no_http_is_a_failure(raw_server, run):
    url = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", b"SSH-2.0-OpenSSH\r\n")
    found = run(profile(seconds=1, rate=20), targets={"candidate": url}).sides["candidate"]["read"]
    assert found.failed == 20
    assert sorted(text.partition(":")[0].partition(" (")[0] for text in found.errors) == [
        "no HTTP",
        "the answer was cut off",
    ]


def test_an_answer_that_ends_with_its_connection_is_whole(raw_server, run):
    url = raw_server(b"HTTP/1.0 200 OK\r\n\r\nall of it")
    assert run(profile(seconds=1, rate=20), targets={"candidate": url}).sides["candidate"]["read"].failed == 0
