"""Streams and commands under load: against a real server of events and a real command, and nothing that failed is fast."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from godwit.load import Typed
from godwit.load.parameters import without_secrets
from godwit.plan import LoadProfile

LOADTESTS = Path(__file__).resolve().parents[2] / "loadtests"


class Telling(BaseHTTPRequestHandler):
    """Answers with a stream of events as the query says: waits, answers, tells so many events with gaps between them."""

    def do_GET(self):
        asked = dict(pair.split("=") for pair in self.path.partition("?")[2].split("&") if pair)
        time.sleep(float(asked.get("head_s", 0)))
        self.send_response(int(asked.get("status", 200)))
        self.send_header("Content-Type", asked.get("kind", "text/event-stream"))
        self.end_headers()
        self.wfile.flush()
        time.sleep(float(asked.get("first_s", 0)))
        try:
            for number in range(int(asked.get("events", 9))):
                self.wfile.write(b": still here\r\n\r\n" + f"id: {number}\r\ndata: tick {number}\r\n\r\n".encode())
                self.wfile.flush()
                time.sleep(float(asked.get("gap_s", 0)))
        except (BrokenPipeError, ConnectionResetError):
            return

    def log_message(self, *_):
        pass


@pytest.fixture
def streams():
    """The URL of a server of events."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Telling)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def profile(*operations, rate=20.0, seconds=1.0):
    mix = [{"id": f"it-{number}", "share": 100.0} | each for number, each in enumerate(operations)]
    return LoadProfile(id="short", rate_per_s=rate, duration_s=float(seconds), warmup_s=0.0, operations=mix)


def parts(found, side="candidate"):
    """Times of a stream's parts in ms; None for what failed."""
    named = {}
    for _, name, us in found.parts[side]:
        named.setdefault(name, []).append(us / 1000 if us else None)
    return named


def test_head_first_event_and_gaps_of_a_stream_are_samples_of_their_own(streams, run):
    asked = {"path": "/events?head_s=0.05&first_s=0.1&gap_s=0.03", "stream": {"events": 4}}
    found = run(profile(asked), targets={"candidate": streams})
    seen = parts(found)
    assert {name: len(times) for name, times in seen.items()} == {
        "it-0 first-byte": 20, "it-0 first-event": 20, "it-0 event": 60,
    }  # fmt: skip
    byte, first, gap = (np.median(seen[f"it-0 {part}"]) for part in ("first-byte", "first-event", "event"))
    assert (byte >= 50, first >= 150, gap >= 25, gap < byte < first) == (True, True, True, True)
    series = found.sides["candidate"]["it-0"]
    assert (series.n, series.failed, found.asked) == (20, 0, 20)
    assert min(series.latencies_us) >= 235_000
    assert len(found.turns["candidate"]) == 20


WAYS = {
    "until": ("/", {"stream": {"until": "tick 2"}}, None),
    "early": ("/?events=3", {}, "the stream ended after 3 event(s)"),
    "error": ("/?status=500", {}, "status 500"),
    "page": ("/?kind=text/html", {}, "no stream of events: its content-type is text/html"),
    "content": ("/", {"expect": {"contains": ["tock"]}}, "the answer does not hold 'tock'"),
    "stalls": ("/?gap_s=5", {}, "no answer within 1 s"),
}


def test_a_stream_that_fails_is_never_fast(streams, run):
    mix = [{"id": name, "path": path, "stream": {"events": 4}} | more for name, (path, more, _) in WAYS.items()]
    found = run(profile(*mix, rate=60), targets={"candidate": streams}, timeout_s=1.0)
    seen = parts(found)
    for name, (_, _, said) in WAYS.items():
        series = found.sides["candidate"][name]
        assert [text.rpartition(" (")[0] for text in series.errors] == [said] * bool(said)
        assert (series.failed == series.n) is bool(said)
        unbegun = series.n if name in ("error", "page") else 0
        assert seen[f"{name} first-byte"].count(None) == unbegun
        assert seen[f"{name} first-event"].count(None) == unbegun
        assert seen.get(f"{name} event", []).count(None) == (series.n - unbegun if said else 0)
    assert len(seen["until event"]) == 2 * found.sides["candidate"]["until"].n


TOOL = """
    import json, os, sys, time
    number = int(sys.argv[1])
    time.sleep(0.1)
    print(json.dumps({"number": number, "mode": os.environ["MODE"]}))
    if number % 4 == 3:
        sys.exit("no more room")
"""


@pytest.fixture
def tool(tmp_path):
    """A command that takes 0.1 s, and fails every fourth time."""
    path = tmp_path / "tool.py"
    path.write_text(textwrap.dedent(TOOL), encoding="utf-8")
    return ["{python}", "-S", "-E", str(path), "{n}"]


def test_a_command_is_started_for_each_arrival_and_its_end_is_checked(run, tool):
    asked = {"command": tool, "env": {"MODE": "quick"}, "expect": {"values": {"/mode": "quick"}}}
    series = run(profile(asked, rate=8, seconds=2), targets={"candidate": "http://127.0.0.1:1"}).sides["candidate"][
        "it-0"
    ]
    assert (series.n, series.failed) == (16, 4)
    assert series.errors == ("exit 1, not 0: no more room (4 times)",)
    assert min(series.latencies_us) > 100_000


def test_each_side_is_given_its_own_command(run, tmp_path):
    sides = ("baseline", "candidate")
    words = {side: ("/bin/sh", "-c", f"echo {{n}} >> {tmp_path}/{side}; echo $WHO") for side in sides}
    commands = {side: {"it-0": Typed(words[side], {"WHO": side})} for side in sides}
    asked = profile({"command": ["true"], "expect": {"contains": ["candidate"]}}, rate=10)
    found = run(asked, targets=dict.fromkeys(sides, "http://127.0.0.1:1"), commands=commands).sides
    assert {side: each["it-0"].failed for side, each in found.items()} == {"baseline": 5, "candidate": 0}
    assert sorted(map(int, (tmp_path / "candidate").read_text().split())) == [1, 3, 5, 7, 9]


def test_a_command_that_does_not_end_well_is_a_failure(run):
    ends = {
        "gone": (["/nowhere/tool"], "'/nowhere/tool' cannot be started: No such file or directory"),
        "hangs": (["/bin/sleep", "30"], "it did not end within 0.5 s"),
        "killed": (["/bin/sh", "-c", "kill -9 $$"], "exit -9, not 0"),
    }
    mix = [{"id": name, "command": words} for name, (words, _) in ends.items()]
    found = run(profile(*mix), targets={"candidate": "http://127.0.0.1:1"}, timeout_s=0.5).sides["candidate"]
    assert {name: [text.rpartition(" (")[0] for text in each.errors] for name, each in found.items()} == {
        name: [said] for name, (_, said) in ends.items()
    }
    assert all(each.failed == each.n > 0 for each in found.values())


def test_by_hand_streams_and_commands_stand_in_the_table(streams, tool, tmp_path):
    mix = [
        {"id": "watch", "path": "/", "stream": {"events": 2}, "share": 50.0},
        {"id": "type", "command": tool, "env": {"MODE": "x"}, "share": 50.0},
    ]
    document = {"profile": {"id": "mine", "duration_s": 1.0, "warmup_s": 0.0, "rate_per_s": 16, "operations": mix}}
    (tmp_path / "mine.json").write_text(json.dumps({**document, "seed": 3}), encoding="utf-8")
    words = [sys.executable, "-m", "locust", "-f", str(LOADTESTS / "open_loop.py"), "--headless", "--users", "1"]
    ended = subprocess.run(
        [*words, "--host", streams], cwd=tmp_path, env={**os.environ, "GODWIT_LOAD": "mine.json"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    rows = {tuple(line.split()[:-1][:4])[:3] for line in ended.stderr.splitlines() if "candidate" in line}
    assert {("SSE", "candidate", "watch"), ("CLI", "candidate", "type"), ("GET", "candidate", "watch")} <= rows
    tables = [line.split()[1] for line in ended.stderr.splitlines() if "Aggregated" in line and "(" in line]
    assert tables[-1] == "16"


def test_a_command_gets_its_secrets_and_the_evidence_does_not(run, tmp_path):
    script = tmp_path / "tell.py"
    script.write_text(
        "import os, pathlib, sys\npathlib.Path(sys.argv[1]).write_text(' '.join([*sys.argv[2:], os.environ['APP_TOKEN']]))\n"
    )
    said, secret = tmp_path / "said.txt", "hunter2-swordfish"
    words = ["--password", secret, f"--api-key={secret}", f"pg://ann:{secret}@db/x", "--as", "{user}"]
    operation = {
        "id": "tell", "command": ["{python}", str(script), str(said), *words], "env": {"APP_TOKEN": secret}, "share": 100.0,
    }  # fmt: skip
    profile = LoadProfile(id="short", rate_per_s=2.0, duration_s=1.0, warmup_s=0.0, operations=[operation])
    typed = {"tell": Typed((sys.executable, *operation["command"][1:]), operation["env"])}
    found = run(profile, targets={"candidate": "http://127.0.0.1:1"}, commands={"candidate": typed})
    assert found.sides["candidate"]["tell"].failed == 0
    assert said.read_text().count(secret) == 4
    files = [path for path in (tmp_path / "load").iterdir() if path.is_file()]
    assert len(files) >= 4
    assert [path.name for path in files if secret.encode() in path.read_bytes()] == []


def test_what_a_load_is_made_of_stays_readable_without_its_secrets():
    kept = {
        "headers": {"Authorization": "Bearer {token}", "X-Api-Key": "***", "Accept": "a/b"},
        "capture": {"token": "/token"},
        "body": {"password": "***", "max_tokens": 5, "name": "Ann"},
        "command": ["tool", "--token", "***", "--level", "high", "PGPASSWORD=***"],
    }
    given = {
        **kept,
        "headers": {**kept["headers"], "X-Api-Key": "k1"},
        "body": {**kept["body"], "password": "p1"},
        "command": ["tool", "--token", "t1", "--level", "high", "PGPASSWORD=p2"],
    }
    assert without_secrets(given) == kept


LINGER = """import subprocess, sys, time
if sys.argv[1] == sys.argv[2]:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    time.sleep(600)
"""


def lingering(tmp_path, number):
    """A command that, for one arrival, stays and leaves a child that holds its outputs."""
    script = tmp_path / "linger.py"
    script.write_text(LINGER)
    return {
        "id": "linger",
        "command": ["{python}", str(script), "{n}", number],
        "env": {"LINGERS": str(tmp_path)},
        "share": 100.0,
    }


def test_a_command_that_is_killed_takes_its_children_along_and_its_place_is_free(run, tmp_path):
    operation = lingering(tmp_path, "0")
    profile = LoadProfile(
        id="short", rate_per_s=2.0, duration_s=3.0, warmup_s=0.0, connections=1, operations=[operation]
    )
    found = run(profile, targets={"candidate": "http://127.0.0.1:1"}, timeout_s=2.0)
    series = found.sides["candidate"]["linger"]
    assert (series.n, series.failed) == (6, 1)


def test_commands_of_a_generator_that_had_to_be_killed_are_ended(run, tmp_path, monkeypatch):
    monkeypatch.setattr("godwit.load.run._end", lambda _: None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    operation = lingering(tmp_path, "{n}")
    profile = LoadProfile(id="short", rate_per_s=2.0, duration_s=60.0, warmup_s=0.0, operations=[operation])

    def interrupt(_):
        if lingerers(tmp_path):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(profile, targets={"candidate": "http://127.0.0.1:1"}, timeout_s=60.0, on_progress=interrupt)
    assert within(10, lambda: not lingerers(tmp_path))
    assert list((tmp_path / "tmp").iterdir()) == []


def test_by_hand_ctrl_c_leaves_no_command(tmp_path):
    document = {
        "profile": {"id": "mine", "duration_s": 60, "rate_per_s": 1, "operations": [lingering(tmp_path, "{n}")]}
    }
    (tmp_path / "mine.json").write_text(json.dumps(document), encoding="utf-8")
    words = [sys.executable, "-m", "locust", "-f", str(LOADTESTS / "open_loop.py"), "--headless", "--host", "http://h"]
    environ = {**os.environ, "GODWIT_LOAD": "mine.json"}
    locust = subprocess.Popen(words, cwd=tmp_path, env=environ, stderr=subprocess.DEVNULL, start_new_session=True)
    assert within(60, lambda: len(lingerers(tmp_path)) >= 4)
    os.killpg(locust.pid, signal.SIGINT)
    locust.wait(60)
    assert within(10, lambda: not lingerers(tmp_path))


def lingerers(mark):
    """Processes that a command of this test started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"LINGERS={mark}".encode() in (folder / "environ").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def within(seconds, holds):
    ends = time.monotonic() + seconds
    while not holds() and time.monotonic() < ends:
        time.sleep(0.05)
    return holds()
