"""`godwit merge`, `history`, `compare`, `explain`: what they end with, and that a mistake is one clear message."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from godwit.cli import main
from godwit.cli.runs import newest
from godwit.plan import load_plan
from godwit.reporting import read_verdict, write_verdict
from godwit.session import expand
from godwit.session.shipped import catalogue
from godwit.verdict import Outcome, complete, decide

TINY = Path(__file__).resolve().parents[1] / "pytest_plugin" / "tiny"
SIGNED = "id: sign-off\nstatement: fine\nby: Ann\nrole: editor\ndate: 2026-01-01\nevidence: minutes\n"


def godwit(*words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, words, catch_exceptions=False)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tiny migration, signed, in which commands are run."""
    shutil.copytree(TINY, tmp_path / "tiny", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tiny" / "attestations").mkdir()
    (tmp_path / "tiny" / "attestations" / "sign-off.yaml").write_text(SIGNED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def keep(name: str, phase: str, outcome: Outcome = Outcome.PASSED, **run: object) -> Path:
    """Leave a run in which the checks of one phase ended so, in reports/out."""
    path = Path("tiny/plan.yaml")
    expected = expand(load_plan(path, {}, catalogue())).expected
    ran = [replace(check, outcome=outcome, reason="told", repeat="again") for check in expected if check.phase == phase]
    identity = {
        "migration": "tiny", "plan": str(path), "plan_sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "seed": 7,
        "baseline": "1.0.0", "candidate": "2.0.0", "candidate_as": "candidate", "defect": "", "profile": "process",
        "python": "3.12.1", "versions": "pytest 9", "started": "2026-01-02T00:00:00+00:00", "seconds": 60.0, **run,
    }  # fmt: skip
    folder = Path("reports/out") / name
    folder.mkdir(parents=True)
    write_verdict(decide(name, [], complete(expected, ran), run=identity), folder)
    return folder


def test_shards_are_merged_into_a_run_of_their_own() -> None:
    for phase in ("parity", "switch", "load"):
        keep(f"run-{phase}", phase)
    ended = godwit("merge", "run-parity", "reports/out/run-switch", "run-load", "--out", "reports/out/all")
    assert (ended.exit_code, ended.output.split()[0]) == (0, "GO")
    found = read_verdict(Path("reports/out/all"))
    assert found.run["merged"] == "run-parity, run-switch, run-load"
    assert found.run["command"] == "godwit merge run-parity reports/out/run-switch run-load"


def test_a_shard_without_a_verdict_keeps_the_rest_from_go() -> None:
    for phase in ("parity", "switch", "load"):
        keep(f"run-{phase}", phase)
    Path("reports/out/died").mkdir()
    ended = godwit("merge", "run-parity", "run-switch", "run-load", "died", "--out", "all")
    assert ended.exit_code == 11
    assert "reports/out/died/verdict.json is not there" in ended.output


def test_a_plan_that_was_changed_since_is_refused() -> None:
    keep("run-1", "parity")
    Path("tiny/plan.yaml").write_text(Path("tiny/plan.yaml").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    ended = godwit("merge", "run-1")
    assert ended.exit_code == 4
    assert "tiny/plan.yaml is not the plan of the runs (another hash); name that with --plan" in ended.output


def test_a_plan_that_lies_elsewhere_is_named() -> None:
    keep("run-1", "parity")
    shutil.move("tiny", "moved")
    ended = godwit("merge", "run-1")
    assert (ended.exit_code, ended.output) == (
        4,
        "godwit: the plan of the runs is not at tiny/plan.yaml; name it with --plan\n",
    )
    assert godwit("merge", "run-1", "--plan", "moved", "--phase", "parity").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["merge", "run-1", "rum-2"], "there is no run rum-2; did you mean run-2", id="merge-unknown"),
        pytest.param(["merge", "run-1", "--phase", "pairty"], "no phase 'pairty' in the plan; it has parity,", id="merge-phase"),
        pytest.param(["merge", "run-1", "run-1"], "run run-1 is named twice", id="merge-twice"),
        pytest.param(["merge", "run-1", "other"], "runs run-1 and other are no parts of one run: seed is 7", id="merge-seed"),
        pytest.param(["merge", "tiny"], "no run left a verdict that can be read: tiny/verdict.json is not there", id="merge-none"),
        pytest.param(["merge", "run-1", "--out", "reports/out/run-2"], "holds the evidence of another run", id="merge-used"),
        pytest.param(["history", "tiny"], "there is no run in tiny; name the folder", id="history-none"),
        pytest.param(["history", "nowhere"], "there is no run in nowhere", id="history-nowhere"),
        pytest.param(["history", "--migration", "shop"], "no run of 'shop' in reports/out; there are", id="history-migration"),
        pytest.param(["compare", "run-1", "other"], "run-1 verified tiny and other other; compare runs of one", id="compare-migration"),
        pytest.param(["compare", "run-1", "tiny"], "tiny/verdict.json is not there", id="compare-none"),
        pytest.param(["explain", "nothing-like-it", "--of", "run-1"], "has no criterion, check or row", id="explain-unknown"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_message(words: list[str], said: str) -> None:
    keep("run-1", "parity")
    keep("run-2", "switch")
    keep("other", "load", migration="other", seed=8) if "history" in words or "compare" in words else keep(
        "other", "load", seed=8
    )
    ended = godwit(*words)
    assert ended.exit_code == 4
    assert said in ended.output
    assert "Traceback" not in ended.output


def test_the_history_says_what_regressed() -> None:
    for day, outcome in enumerate((Outcome.PASSED, Outcome.FAILED), 1):
        folder = keep(f"run-{day}", "parity", outcome, started=f"2026-01-0{day}T00:00:00+00:00")
        assert godwit("merge", folder.name, "--phase", "parity", "--out", f"kept/{day}").exit_code == (0, 10)[day - 1]
    ended = godwit("history", "kept")
    assert ended.exit_code == 0
    assert "regressed: side-by-side/same-answers passed in " in ended.output
    assert "flaky" not in ended.output


def test_runs_are_compared_and_explained() -> None:
    for name, outcome in (("a", Outcome.PASSED), ("b", Outcome.FAILED)):
        keep(name, "parity", outcome)
        godwit("merge", name, "--phase", "parity", "--out", f"reports/out/{name}{name}")
    ended = godwit("compare", "aa", "bb")
    assert ended.exit_code == 0
    assert "passed -> failed            side-by-side/same-answers" in ended.output
    ended = godwit("explain", "same-answers", "--of", "bb")
    assert ended.exit_code == 0
    assert "asked      Every probe is answered alike" in ended.output
    assert "           checks: parity/the-candidate-answers-as-the-baseline" in ended.output


def test_colour_is_left_out_where_nobody_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keep("run-1", "parity", Outcome.FAILED)
    seen = CliRunner().invoke(main, ["history"], color=True).output
    monkeypatch.setenv("NO_COLOR", "1")
    plain = CliRunner().invoke(main, ["history"], color=True).output
    assert "\x1b[" in seen
    assert "\x1b[" not in plain


def test_a_merged_verdict_is_one_of_the_schema() -> None:
    keep("run-1", "parity")
    godwit("merge", "run-1", "--out", "all")
    assert json.loads(Path("all/verdict.json").read_text(encoding="utf-8"))["schema_version"] == 1


def test_the_newest_run_is_the_one_that_ended_last_whatever_was_made_of_another_since() -> None:
    old, new = keep("run-old", "parity"), keep("run-new", "switch", Outcome.FAILED)
    for age, folder in ((300, old), (200, new)):
        for path in folder.iterdir():
            os.utime(path, (time.time() - age,) * 2)
    assert godwit("page", str(old)).exit_code == 0
    (old / "allure-report").mkdir()
    assert newest(Path("reports/out")) == new
    died = Path("reports/out/run-that-died")
    died.mkdir()
    assert newest(Path("reports/out")) == died
    (died / "parameters.json").touch()
    assert newest(Path("reports/out")) == new


def test_a_sign_that_a_terminal_does_not_know_is_written_out() -> None:
    keep("run-ł", "parity")
    words = [str(Path(sys.executable).with_name("godwit")), "verdict"]
    ended = subprocess.run(
        words, env={**os.environ, "PYTHONIOENCODING": "latin-1"}, capture_output=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (godwit("verdict").exit_code, b"")
    assert b"run-\\u0142" in ended.stdout
