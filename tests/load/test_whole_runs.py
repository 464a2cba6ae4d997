"""A load that cannot begin, or whose records were lost or cut, is no run: it says so, and nobody waits for it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from godwit.load import read_part
from godwit.load.run import _bound_s
from godwit.plan import LoadProfile
from godwit.verdict import HarnessError

LOADTESTS = Path(__file__).resolve().parents[2] / "loadtests"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('{"profile": {', "JSONDecodeError", id="half a document"),
        pytest.param('{"profile": {"operations": []}}', "KeyError: 'duration_s'", id="no duration"),
        pytest.param(None, "No such file", id="no document"),
    ],
)
def test_by_hand_a_load_that_cannot_be_ends_at_once(tmp_path, text, said):
    if text:
        (tmp_path / "mine.json").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "locust", "-f", str(LOADTESTS / "open_loop.py"), "--headless"]
    command += ["--host", "http://127.0.0.1:1"]
    environ = {**os.environ, "GODWIT_LOAD": "mine.json"}
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, said in ended.stderr, "Traceback" in ended.stderr) == (4, True, False)


_LOSSES = """
import json, sys
from conductor import Conductor
load = {"profile": {"id": "p", "rate_per_s": 1, "duration_s": 1, "operations": [{"id": "read", "path": "/", "share": 1}]}}
given = {"sent": 2, "asked": 2, "late": 0, "behind": {}, "seconds": 1.0, "cpu": 0.1, "cpu_s": 0.1, "faults": {}, "errors": []}
conductor = Conductor({**load, "samples": "samples.json"}, "http://h", ["one"], lambda *_: None, lambda: None)
line = {**given, "records": 40, "done": True, "complete": True}
conductor.gather("one", {"run": conductor.run, "line": line, "data": bytes(int(sys.argv[1]))})
print(json.dumps(json.load(open("samples.json"))["complete"]))
"""


@pytest.mark.parametrize(("came", "complete"), [(40, "true"), (20, "false")], ids=["all", "a part"])
def test_a_run_whose_records_were_lost_on_their_way_is_not_complete(tmp_path, came, complete):
    environ = {**os.environ, "PYTHONPATH": str(LOADTESTS)}
    command = [sys.executable, "-c", _LOSSES, str(came)]
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout.strip() == complete, ended.stderr


def test_samples_that_were_cut_are_no_run(serve, run, tmp_path):
    read = {"id": "read", "path": "/read", "share": 100.0}
    asked = LoadProfile(id="short", rate_per_s=50.0, duration_s=1.0, warmup_s=0.0, operations=[read])
    run(asked, serve(lambda _: (200, {}, b"{}")).url)
    summary = tmp_path / "load" / "samples.json"
    records = summary.with_suffix(".bin")
    records.write_bytes(records.read_bytes()[:-30])
    with pytest.raises(HarnessError, match="holds 48 of its 50 records"):
        read_part(summary)


def flow(steps, **more):
    then = [{"id": f"step-{number}", "path": "/step"} for number in range(steps)]
    operation = {"id": "first", "path": "/first", "share": 100.0, "then": then}
    return LoadProfile(id="flow", duration_s=1.0, warmup_s=0.5, operations=[operation], **more)


def test_a_closed_loop_asks_for_as_many_steps_as_it_counts(serve, run):
    def slow(_):
        time.sleep(0.1)
        return 200, {}, b"{}"

    found = run(flow(2, loop="closed", concurrency=20), targets={"candidate": serve(slow).url})
    assert found.asked == sum(series.n for series in found.sides["candidate"].values()) > 50


def test_the_flow_that_was_due_last_has_the_time_of_all_its_steps():
    assert _bound_s(flow(5, rate_per_s=1.0), 10.0) - _bound_s(flow(0, rate_per_s=1.0), 10.0) == 50
