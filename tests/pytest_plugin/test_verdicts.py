"""What a whole run of the tiny migration ends in, as it is, against itself, and with defects in it."""

import shlex


def test_a_sound_candidate_is_a_go(clean):
    assert (clean.code, clean.verdict.word, clean.verdict.exit_code) == (0, "GO", 0), clean.said


def test_a_go_rests_on_every_check_and_every_criterion(clean):
    assert len(clean.outcomes) == 25
    assert set(clean.outcomes.values()) == {"passed"}
    assert {item.outcome for gate in clean.verdict.gates for item in gate.criteria} == {"passed"}


def test_a_go_says_how_much_was_measured(clean):
    counted = {gate.phase: (gate.checks_ran, gate.checks_expected) for gate in clean.verdict.gates}
    assert counted == {"parity": (11, 11), "switch": (13, 13), "load": (1, 1)}


def test_a_measured_criterion_shows_its_samples(clean):
    criterion = clean.criterion("few-errors")
    assert criterion.actual.n >= 90
    assert criterion.limit == "< 5 %"


def test_the_baseline_in_both_roles_is_a_go(tiny):
    ended = tiny.verify("--candidate-as", "baseline")
    assert (ended.code, ended.verdict.word) == (0, "GO"), ended.said
    assert ended.verdict.run["candidate_as"] == "baseline"


def test_a_wrong_answer_is_a_no_go_that_names_the_place(tiny):
    ended = tiny.verify("--defect", "wrong-answer", "--phase", "parity")
    check = ended.check("parity/the-candidate-answers-as-the-baseline/third-note")
    assert (ended.code, ended.verdict.word) == (10, "NO-GO"), ended.said
    assert [(finding.where, finding.candidate) for finding in check.findings] == [("/text", '"thirt"')]
    assert [name for name, outcome in ended.outcomes.items() if outcome != "passed"] == [check.id.removeprefix("tiny/")]


def test_a_broken_budget_is_a_no_go(tiny):
    ended = tiny.verify("--defect", "fails", "--phase", "load")
    assert (ended.code, ended.verdict.word) == (10, "NO-GO"), ended.said
    assert ended.criterion("few-errors").actual.value > 50


def test_a_no_go_at_a_gate_that_rolls_back_says_so(no_way_back):
    assert (no_way_back.code, no_way_back.verdict.word) == (12, "NO-GO"), no_way_back.said


def test_one_phase_answers_for_its_own_gate_only(tiny):
    ended = tiny.verify("--phase", "switch")
    assert ended.code == 0, ended.said
    assert [gate.phase for gate in ended.verdict.gates] == ["switch"]


def test_the_command_to_repeat_a_failure_fails_again(tiny, no_way_back):
    broken = next(check for check in no_way_back.verdict.checks if check.outcome == "failed")
    program, *words = shlex.split(broken.repeat)
    again = tiny.run([tiny.words()[0], *words, "--out", str(tiny.home / "again")])
    assert program == "godwit"
    assert "1 failed" in again.said
