"""`godwit load` on a real server: every way to end, nothing left running, and one message for wrong use."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner

from godwit.checks import Use
from godwit.cli import main
from godwit.cli.load_lines import line
from godwit.load import Progress, read_part

GODWIT = str(Path(sys.executable).with_name("godwit"))
MINE = {
    "profile": {
        "id": "mine",
        "rate_per_s": 40,
        "duration_s": 2,
        "warmup_s": 0,
        "stop_at": {"errors": 20},
        "operations": [{"id": "read", "path": "/read?n={n}", "share": 100}],
    }
}


def ok(seen):
    return 200, {}, b"{}"


@pytest.fixture
def mine(tmp_path):
    """Writes a load of one's own; gives its path."""

    def write(**words):
        path = tmp_path / "mine.json"
        path.write_text(json.dumps({"profile": {**MINE["profile"], **words}}), encoding="utf-8")
        return str(path)

    return write


def load(*words):
    return CliRunner().invoke(main, ["load", *words], catch_exceptions=False)


def events(text):
    return [json.loads(each) for each in text.splitlines()]


def test_a_load_that_keeps_to_its_limits_is_told_in_json_lines(serve, mine, tmp_path):
    server = serve(ok)
    ended = load(mine(), "--url", server.url, "--processes", "2", "--json", "--out", str(tmp_path / "run"))
    begin, *progress, end = events(ended.output)
    assert (begin["event"], begin["told"], end["event"]) == ("begin", "40/s for 2 s", "end")
    assert all(each["event"] == "progress" for each in progress)
    # A machine that is busy may be too slow to send it, which is not what this is about.
    assert (ended.exit_code, end["outcome"]) in [(0, "held"), (11, "undecided")]
    assert end["sides"]["candidate"]["read"]["n"] == len(server.seen) == 80


def test_a_limit_that_breaks_ends_the_load_at_once(serve, mine, tmp_path):
    numbers = count()
    server = serve(lambda seen: (500 if next(numbers) % 2 else 200, {}, b"{}"))
    out = tmp_path / "run"
    ended = load(mine(duration_s=120), "--url", server.url, "--out", str(out))
    # A machine too busy to send it in time is told of, and nothing else may be.
    assert ended.exit_code == 10 or "started late" in ended.output
    assert "load mine was stopped after" in ended.output
    assert "of 20 % over the last 10 s" in ended.output
    assert 20 <= len(server.seen) < 4000
    assert 0 < read_part(out / "samples.json").sides["candidate"]["read"].n < 4000


def test_a_load_that_is_interrupted_keeps_what_there_is_and_leaves_no_process(serve, mine, tmp_path):
    server, out = serve(ok), tmp_path / "run"
    words = [GODWIT, "load", mine(duration_s=120), "--url", server.url, "--processes", "2", "--out", str(out), "--json"]
    environ = {**os.environ, "GODWIT_TEST_MARK": str(tmp_path)}
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True) as process:
        for text in process.stdout:
            if json.loads(text).get("recent_n", 0) > 20:
                process.send_signal(signal.SIGINT)
                break
        end = events(process.stdout.read())[-1]
    assert (process.returncode, end["outcome"]) == (2, "interrupted")
    assert end["sides"]["candidate"]["read"]["n"] >= 20
    ends = time.monotonic() + 10
    while marked(tmp_path) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not marked(tmp_path)


def marked(mark):
    """Processes that have this text in their environment, zombies aside."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if str(mark).encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_a_line_of_progress_holds_rate_percentiles_errors_and_limits():
    progress = Progress(12.2, 1200, 7, 8.5, 100.04, 3.21, None, recent_n=1000, recent_failed=5)
    assert line(progress, (Use("errors", 0.5, 5.0, "%"), Use("p99", float("inf"), 500.0, "ms"))) == (
        "    12 s     100.0/s  p50 3.2 p95 8.5 p99 none ms  errors 0.5 % (7 of 1200)"
        "  [errors 0.5 % of 5 %]  [p99 none answered of 500 ms]"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["nosuch"], "no load 'nosuch'; there are: average, commands, knee", id="unknown load"),
        pytest.param(["smoke"], "name the system to load with --url", id="nobody to load"),
        pytest.param(["smoke", "--url", "http://example.org"], "allow it with --allow example.org", id="another host"),
        pytest.param(["smoke", "--url", "127.0.0.1:80"], "write http://HOST:PORT", id="no address"),
        pytest.param(
            ["smoke", "--url", "http://127.0.0.1:1", "--stop-when", "p99<5"], "p99>500ms", id="limit of no kind"
        ),
        pytest.param(["smoke", "--url", "http://127.0.0.1:1", "--stop-when", "p99>5%"], "p99>2s", id="wrong unit"),
        pytest.param(["none.json", "--url", "http://127.0.0.1:1"], "No such file", id="no file"),
        pytest.param(["smoke", "--plan", "fleet-1.0.5"], "has no profile 'smoke'; it has:", id="not in the plan"),
    ],
)
def test_wrong_use_is_one_message(words, said):
    ended = load(*words)
    assert ended.exit_code == 4
    assert said in ended.output
    assert "Traceback" not in ended.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param({"rate_per_s": "many"}, "profile.rate_per_s", id="no number"),
        pytest.param({"shape": {"kind": "ramp"}}, "shape ramp also needs from_per_s", id="half a shape"),
        pytest.param({"segments": [{"seconds": 1, "from": 1, "to": 2}]}, "name the shape", id="segments alone"),
        pytest.param({"speed": 3}, "profile.speed", id="unknown word"),
        pytest.param({"duration_s": 0}, "lasts longer than 0 s", id="no time"),
        pytest.param({"warmup_s": -1}, "warmup_s is -1", id="time before time"),
        pytest.param({"rate_per_s": float("inf")}, "can be counted", id="a rate beyond all numbers"),
        pytest.param({"stop_at": {"errors": float("nan")}}, "errors is nan", id="a limit that nothing breaks"),
        pytest.param({"operations": [{"id": "r", "path": "/", "share": 0}]}, "no operation has a share", id="no share"),
        pytest.param(
            {"operations": [{"id": "r", "path": path, "share": 50} for path in ("/a", "/b")]},
            "two requests are called r",
            id="one id twice",
        ),
    ],
)
def test_a_document_that_cannot_be_is_one_message(mine, words, said):
    ended = load(mine(**words), "--url", "http://127.0.0.1:1")
    assert ended.exit_code == 4
    assert said in ended.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param({"targets": ["http://127.0.0.1:1"]}, "targets names the address of each side", id="a list"),
        pytest.param({"timeout_s": 0}, "timeout_s is 0", id="no time to answer"),
        pytest.param({"seed": float("inf")}, "cannot convert", id="no seed"),
    ],
)
def test_a_document_around_a_profile_that_cannot_be_is_one_message(tmp_path, words, said):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**MINE, **words}), encoding="utf-8")
    ended = load(str(path))
    assert (ended.exit_code, said in ended.output) == (4, True)


def test_a_folder_that_holds_a_load_is_not_written_over(mine, tmp_path):
    (tmp_path / "parameters.json").write_text("{}", encoding="utf-8")
    ended = load(mine(), "--url", "http://127.0.0.1:1", "--out", str(tmp_path))
    assert (ended.exit_code, "of another load" in ended.output) == (4, True)
