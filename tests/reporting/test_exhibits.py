"""What pictures are drawn from is what the run's files say; a file that is damaged or missing gives nothing."""

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from godwit.load.samples import RECORD
from godwit.reporting import exhibits_of
from godwit.session.events import EventLog
from godwit.verdict import Exhibits, FaultRecord, Mark

STARTED = {"at": "1970-01-01T00:01:42+00:00", "event": "step-started", "step": "start", "timeout_s": 60}
LOOK = {
    "number": 1, "at_s": 3.5, "decision": "hold", "trouble": "",
    "metrics": [{"ruling": {"metric": "latency"}, "changes": [
        {"of": "p95", "baseline": 40, "candidate": 44, "change": 10, "low": 4, "high": 16, "limit": 20, "unit": "%"}
    ]}],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of one phase with a load and a fault, a step of its own, a look and two tries of a fault."""
    ticks = count(100.0)
    log = EventLog(tmp_path / "events.ndjson", lambda: next(ticks))
    told = [("run-started", ""), ("phase-entered", "ramp"), ("load", "soak"), ("load", "soak"), ("crash", "kill")]
    for kind, subject in [*told, ("phase-entered", "back"), ("check", "m/back/promise")]:
        log.emit(kind, subject)
    log.close()
    step = {"at": "1970-01-01T00:01:44+00:00", "event": "step-done", "step": "start", "seconds": 1.5}
    _write(tmp_path / "journal.ndjson", json.dumps(STARTED), json.dumps(step))
    _write(tmp_path / "rollout" / "half.json", json.dumps({"step": "half", "looks": [LOOK]}))
    _write(tmp_path / "crashes" / "kill.jsonl", '{"took_effect": true}', '{"took_effect": false}')
    return tmp_path


def _write(path: Path, *lines: str) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def loaded(run: Path, good: int, failed: int) -> None:
    """A load of one side: answers of 1, 2, 3 … ms, then requests that failed."""
    rows = [(at, 0, 1000 * (at + 1) * (at < good), 0, 0, int(at >= good)) for at in range(good + failed)]
    folder = run / "load" / "ramp-soak"
    folder.mkdir(parents=True)
    np.array(rows, RECORD).tofile(folder / "samples.bin")
    told = {
        "layout": [list(each) for each in RECORD.descr], "records": "samples.bin", "profile": "soak", "seconds": 1, "asked": 1,
        "generator_cpu": 0, "late_share": 0, "operations": ["get"], "requests": 1, "loop": "open", "workers": 1, "faults": {},
        "late_p99_ms": 0,
        "sides": {"candidate": {"get": {"n": good + failed, "errors": []}}},
    }  # fmt: skip
    _write(folder / "samples.json", json.dumps(told))


def test_what_took_place_is_told_from_the_beginning_of_the_run(run: Path) -> None:
    assert exhibits_of(run).marks == (
        Mark("phase", "ramp", 1, 5),
        Mark("phase", "back", 5, 6),
        Mark("step", "start", 2.5, 4),
        Mark("load", "soak", 2, 3),
        Mark("fault", "kill", 4, 4),
    )


def test_a_percentile_is_told_only_on_samples_enough(run: Path) -> None:
    loaded(run, good=200, failed=0)
    (curve,) = exhibits_of(run).curves
    assert (curve.load, curve.side, curve.n, curve.failed) == ("ramp-soak", "candidate", 200, 0)
    assert dict(curve.points)[50] == 100
    assert curve.points[-1] == (95, 190)


def test_a_failed_request_is_never_a_fast_one(run: Path) -> None:
    loaded(run, good=120, failed=80)
    (curve,) = exhibits_of(run).curves
    assert (curve.n, curve.failed) == (200, 80)
    assert curve.points[-1] == (60, 120)


def test_looks_and_faults_are_as_they_were_noted(run: Path) -> None:
    found = exhibits_of(run)
    (look,) = found.looks
    assert (look.step, look.decision, look.source) == ("half", "hold", "rollout/half.json")
    assert [(it.metric, it.of, it.change, it.limit) for it in look.changes] == [("latency", "p95", 10, 20)]
    assert found.faults == (FaultRecord("kill", 2, 1, "crashes/kill.jsonl"),)


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"sides": 3}', "\x00"], ids=repr)
def test_a_damaged_file_gives_nothing_and_stops_nobody(text: str, run: Path) -> None:
    loaded(run, good=200, failed=0)
    whole = exhibits_of(run)
    for path in ("load/ramp-soak/samples.json", "rollout/half.json", "crashes/kill.jsonl", "events.ndjson"):
        (run / path).write_text(text, encoding="utf-8")
    assert whole != Exhibits() == exhibits_of(run)


def test_a_folder_without_files_gives_nothing(tmp_path: Path) -> None:
    assert exhibits_of(tmp_path) == Exhibits()
