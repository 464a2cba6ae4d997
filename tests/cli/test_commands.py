"""The small commands of `godwit`: what they print, and the codes that they end with."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from godwit.cli import main
from godwit.reporting import write_verdict
from godwit.verdict import Ask, CheckRecord, GateAsk, Outcome, Verdict, decide

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
TINY = Path(__file__).resolve().parents[1] / "pytest_plugin" / "tiny"


def godwit(*words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, words, catch_exceptions=False)


def verdict(outcome: Outcome, rolls_back: bool = False, run_id: str = "run") -> Verdict:
    """The verdict on one check."""
    check = CheckRecord("m/p/it", "suite", "It holds", "p", outcome, "because")
    ask = Ask("holds", "It holds", "critical", (), ("p/it",))
    return decide(run_id, [GateAsk("gate", "A gate", "p", (ask,), rolls_back)], [check])


@pytest.mark.parametrize(
    ("outcome", "rolls_back", "word", "code"),
    [
        pytest.param(Outcome.PASSED, False, "GO", 0, id="go"),
        pytest.param(Outcome.FAILED, False, "NO-GO", 10, id="no-go"),
        pytest.param(Outcome.INCONCLUSIVE, False, "INCONCLUSIVE", 11, id="inconclusive"),
        pytest.param(Outcome.FAILED, True, "NO-GO", 12, id="roll-back"),
    ],
)
def test_a_verdict_is_printed_and_is_the_exit_code(tmp_path, outcome, rolls_back, word, code):
    write_verdict(verdict(outcome, rolls_back), tmp_path)
    ended = godwit("verdict", "--of", str(tmp_path))
    assert (ended.exit_code, ended.output.split()[0]) == (code, word)


def test_a_verdict_is_printed_as_markdown(tmp_path):
    write_verdict(verdict(Outcome.FAILED), tmp_path)
    ended = godwit("verdict", "--of", str(tmp_path), "--markdown")
    assert (ended.exit_code, ended.output.splitlines()[0]) == (10, "# NO-GO")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("{}", id="no-verdict"),
        pytest.param('{\n "schema_version": 99,\n "word": "GO"}', id="another-schema"),
        pytest.param('{\n "schema_version": 1,\n "word": "GO", "exit_code": 0}', id="too-little"),
    ],
)
def test_a_run_without_a_readable_verdict_is_inconclusive(tmp_path, content):
    if content is not None:
        (tmp_path / "verdict.json").write_text(content, encoding="utf-8")
    ended = godwit("verdict", "--of", str(tmp_path))
    assert ended.exit_code == 11
    assert "godwit:" in ended.output


def test_the_newest_run_is_meant_if_none_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number, (name, outcome) in enumerate([("b-older", Outcome.PASSED), ("a-newer", Outcome.FAILED)]):
        folder = tmp_path / "reports" / "out" / name
        folder.mkdir(parents=True)
        write_verdict(verdict(outcome), folder)
        os.utime(folder, (1000 + number, 1000 + number))
    assert godwit("verdict").exit_code == 10


def test_a_folder_without_runs_is_one_clear_message(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = godwit("verdict")
    assert ended.exit_code == 4
    assert "there is no run under reports/out; name one with --of" in ended.output


def test_a_plan_is_found_by_file_folder_or_name():
    shown = [godwit("plan", "show", str(name)).output for name in (TINY, TINY / "plan.yaml")]
    assert shown[0] == shown[1]
    assert "start-candidate" in shown[0]
    assert godwit("plan", "show", "orchestration-v2").exit_code == 0


@pytest.mark.parametrize("command", ["plan show", "plan check", "defects", "verify"])
def test_a_plan_that_is_not_there_is_one_clear_message(command):
    ended = godwit(*command.split(), "orchestratoin-v2")
    assert ended.exit_code == 4
    assert "no plan file and no migration 'orchestratoin-v2'; did you mean 'orchestration-v2'?" in ended.output


def test_the_reference_migrations_are_listed():
    ended = godwit("migrations")
    assert ended.exit_code == 0
    assert "orchestration-v2" in ended.output


def test_every_defect_is_listed_with_the_promise_that_must_notice():
    ended = godwit("defects", str(TINY))
    assert ended.exit_code == 0
    assert "wrong-answer             parity/the-candidate-answers-as-the-baseline/third-note" in ended.output
    assert len(ended.output.splitlines()) == 2 * 4


def test_checking_a_plan_counts_what_it_expects():
    assert "25 checks expected" in godwit("plan", "check", str(TINY)).output


def test_a_flag_matrix_that_cannot_be_made_is_told_at_its_place(tmp_path):
    text = (MIGRATIONS / "orchestration_v2" / "plan.yaml").read_text(encoding="utf-8")
    impossible = "\nflags:\n  constraints: [use_v2_orchestration and not use_v2_orchestration]\n"
    (tmp_path / "plan.yaml").write_text(text.replace("\nflags:\n", impossible), encoding="utf-8")
    shutil.copy(MIGRATIONS / "orchestration_v2" / "criteria.csv", tmp_path)
    ended = godwit("plan", "check", str(tmp_path))
    assert ended.exit_code == 4
    assert "error: constraint-allows-nothing" in ended.output
    assert "flags.constraints[0]: no values of use_v2_orchestration meet" in ended.output
    assert "its checks cannot be listed" in ended.output


def test_the_cases_of_the_flag_matrix_are_listed_with_their_proof():
    ended = godwit("plan", "cases", "orchestration-v2")
    assert ended.exit_code == 0
    lines = ended.output.splitlines()
    assert len(lines) == 24 + 1
    assert "24 covered, 0 excluded by constraints, 0 missing" in lines[-1]
    assert lines[-1].startswith("proved: 24 cases")


def test_a_plan_without_flags_has_no_cases():
    assert "there is no matrix" in godwit("plan", "cases", str(MIGRATIONS / "examples/json_server")).output


def test_help_names_the_exit_codes():
    said = " ".join(godwit("--help").output.split())
    assert "0 GO, 10 NO-GO, 11 INCONCLUSIVE, 12 NO-GO that calls for a rollback" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["--url", "127.0.0.1:80", "--out", "x.jsonl"], "is no address of a system", id="no-url"),
        pytest.param(["--url", "http://127.0.0.1/a", "--out", "x.jsonl"], "without a path", id="path"),
        pytest.param(["--url", "http://127.0.0.1:x", "--out", "x.jsonl"], "Port could not be cast", id="port"),
        pytest.param(["--url", "http://a.test", "--out", "x.jsonl"], "allow it with --allow a.test", id="elsewhere"),
        pytest.param(["--url", "http://127.0.0.1", "--out", "x.har"], "a recording ends with .jsonl", id="ending"),
        pytest.param(["--url", "http://127.0.0.1", "--out", "no/x.jsonl"], "there is no folder no", id="folder"),
    ],
)
def test_a_recording_that_cannot_be_made_is_one_clear_message(tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    ended = godwit("record", *words)
    assert ended.exit_code == 4
    assert says in ended.output


def test_a_recording_is_not_written_over(tmp_path):
    (tmp_path / "it.jsonl").write_text("", encoding="utf-8")
    ended = godwit("record", "--url", "http://127.0.0.1", "--out", str(tmp_path / "it.jsonl"))
    assert ended.exit_code == 4
    assert "is there already" in ended.output
