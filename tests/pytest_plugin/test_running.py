"""The plugin as pytest's own options meet it: workers, collecting, stopping early, names that nobody knows."""

import sys

import pytest

from godwit.session import read_events

PARITY = ("--godwit-phase", "parity")
WRONG = ("--godwit-defect", "wrong-answer")


def test_two_workers_give_the_verdict_of_one(tiny, clean):
    ended = tiny.verify("-n", "2")
    assert (ended.code, ended.verdict.word, ended.verdict.reason) == (0, "GO", clean.verdict.reason), ended.said
    assert ended.outcomes == clean.outcomes
    assert [(gate.id, gate.word) for gate in ended.verdict.gates] == [
        (gate.id, gate.word) for gate in clean.verdict.gates
    ]


def test_two_workers_find_what_one_finds(tiny):
    alone = tiny.pytest(*PARITY, *WRONG)
    found = alone.code, alone.verdict.word, alone.verdict.reason, alone.outcomes
    tiny.out = tiny.home / "again"
    ended = tiny.pytest(*PARITY, *WRONG, "-n", "2")
    assert (ended.code, ended.verdict.word, ended.verdict.reason, ended.outcomes) == found


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("{godwit} verify {plan} --out {out}", id="verify"),
        pytest.param("{godwit} replay {out} --out {out}", id="replay"),
        pytest.param("{python} -m pytest --pyargs godwit.suites --godwit-plan {plan} --godwit-out {out}", id="pytest"),
    ],
)
def test_a_second_run_into_the_same_folder_is_refused_and_changes_nothing(broken, words):
    tiny, _ = broken
    kept = {path: path.stat().st_mtime_ns for path in sorted(tiny.out.rglob("*"))}
    places = {"godwit": tiny.words()[0], "python": sys.executable, "plan": tiny.plan, "out": tiny.out}
    ended = tiny.run([word.format(**places) for word in words.split()])
    assert ended.code == 4
    assert f"the folder {tiny.out} holds the evidence of another run; name another with --out" in ended.said
    assert ("Traceback" in ended.said, "phase 1/" in ended.said) == (False, False)
    assert {path: path.stat().st_mtime_ns for path in sorted(tiny.out.rglob("*"))} == kept


def test_a_folder_that_cannot_be_made_is_told(tiny):
    (tiny.home / "file").write_text("no folder", encoding="utf-8")
    tiny.out = tiny.home / "file" / "out"
    ended = tiny.verify(*PARITY)
    assert (ended.code, "Traceback" in ended.said) == (4, False)
    assert f"the folder {tiny.out} cannot be made: Not a directory; name another with --out" in ended.said


def test_the_phases_stay_on_one_worker_whatever_the_number(tiny):
    ended = tiny.pytest(*PARITY, "-n", "3")
    entered = [event for event in read_events(ended.out / "events.ndjson")[0] if event.kind == "phase-entered"]
    assert ended.code == 0, ended.said
    assert len(entered) == 1


def test_a_plan_is_not_run_several_times_over(tiny):
    ended = tiny.pytest("-n", "2", "--dist", "each")
    assert ended.code == 4
    assert "godwit cannot run with --dist each" in ended.said


@pytest.mark.parametrize("words", [pytest.param([], id="alone"), pytest.param(["-n", "2"], id="two-workers")])
def test_collecting_writes_nothing_and_starts_nothing(tiny, words):
    ended = tiny.pytest("--collect-only", *words)
    assert ended.code == 0, ended.said
    assert "test_the_budget_holds[load-few-errors]" in ended.said
    assert not tiny.out.exists()
    assert not (tiny.home / "reports").exists()


def test_a_dry_run_starts_nothing_and_writes_nothing(tiny):
    ended = tiny.verify("--dry-run")
    assert ended.code == 0, ended.said
    assert "start-candidate" in ended.said
    assert not tiny.out.exists()


def test_stopping_at_the_first_failure_leaves_the_rest_unrun(tiny, no_go_ever):
    ended = tiny.pytest(*PARITY, *WRONG, "-x")
    no_go_ever(ended)
    assert ended.code == 10
    assert ended.outcomes["parity/the-candidate-answers-as-the-baseline/third-note"] == "failed"
    assert ended.check("parity/the-stack-is-healthy/baseline").reason == "did not run"


def test_only_what_failed_last_time_is_never_enough_for_a_go(tiny, no_go_ever):
    assert tiny.pytest(*PARITY, *WRONG).code == 10
    tiny.out = tiny.home / "again"
    ended = tiny.pytest(*PARITY, "--lf")
    no_go_ever(ended)
    ran = [name for name, outcome in ended.outcomes.items() if outcome == "passed"]
    assert (ended.code, ran) == (11, ["parity/the-candidate-answers-as-the-baseline/third-note"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--phase", "paritty"], "no phase 'paritty' in the plan; it has parity, switch, load", id="phase"),
        pytest.param(
            ["--defect", "hunger"], "no defect 'hunger' in the plan; it has wrong-answer, dies, no-way-back, fails", id="defect"
        ),
        pytest.param(["--no-such-option"], "unrecognized arguments: --no-such-option", id="option"),
    ],
)  # fmt: skip
def test_a_name_that_nobody_knows_is_one_clear_message(tiny, words, said):
    ended = tiny.verify(*words)
    assert ended.code == 4
    assert said in ended.said
    assert "Traceback" not in ended.said
    assert not tiny.out.exists()


def test_a_migration_that_nobody_knows_is_one_clear_message(tiny):
    command = [*tiny.words()[:2], "orchestration-v3"]
    ended = tiny.run(command)
    assert ended.code == 4
    assert "no plan file and no migration 'orchestration-v3'; did you mean 'orchestration-v2'?" in ended.said
    assert "Traceback" not in ended.said


def test_every_mistake_of_a_plan_is_told_with_its_place(tiny):
    tiny.change("exit: bears-load", "exit: bears-loads")
    tiny.change("start: router", "start: rooter")
    ended = tiny.verify()
    assert ended.code == 4
    assert "bears-loads" in ended.said
    assert "rooter" in ended.said
    assert "plan.yaml:" in ended.said


def test_a_users_own_test_beside_the_suites_changes_the_exit_code_but_not_the_verdict(tiny):
    own = tiny.home / "test_own.py"
    own.write_text("def test_own():\n    assert False\n", encoding="utf-8")
    ended = tiny.pytest(*PARITY, str(own))
    assert (ended.code, ended.verdict.word, ended.verdict.exit_code) == (1, "GO", 0), ended.said


def test_a_load_on_too_few_samples_is_inconclusive(tiny, no_go_ever):
    tiny.change("evidence: {n: 90}", "evidence: {n: 90000}")
    ended = tiny.verify("--phase", "load")
    no_go_ever(ended)
    assert (ended.code, ended.criterion("few-errors").outcome) == (11, "inconclusive")
    assert ended.check("load/the-budget-holds/few-errors").n_needed == 90000
