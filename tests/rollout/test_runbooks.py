"""Steps carried out in order, and the journal that says so."""

import itertools

import pytest

from godwit.plan import Step
from godwit.rollout import Journal, execute
from godwit.verdict import GodwitError

STEPS = tuple(Step.model_validate({"id": f"s{n}", "run": ["x"], "timeout_s": "5s"}) for n in range(3))


def ticking(step_s):
    counter = itertools.count()
    return lambda: next(counter) * step_s


def outcomes(journal):
    return [(entry["event"], entry["step"]) for entry in journal.entries()]


def test_steps_are_carried_out_in_order_and_journalled_before_and_after(tmp_path):
    journal, done = Journal(tmp_path / "j" / "journal.ndjson"), []
    records = execute(
        STEPS, {"run": lambda step: done.append((step.id, len(journal.entries())))}, journal, ticking(1.0)
    )
    assert done == [("s0", 1), ("s1", 3), ("s2", 5)]
    assert [(record.outcome, record.seconds) for record in records] == [("done", 1.0)] * 3
    assert outcomes(journal)[:2] == [("step-started", "s0"), ("step-done", "s0")]


def test_the_first_failure_is_the_last_step(tmp_path):
    def act(step):
        if step.id == "s1":
            raise GodwitError("no room")

    journal = Journal(tmp_path / "journal.ndjson")
    records = execute(STEPS, {"run": act}, journal, ticking(1.0))
    assert [(record.id, record.outcome, record.detail) for record in records] == [
        ("s0", "done", ""),
        ("s1", "failed", "no room"),
    ]
    assert outcomes(journal)[-1] == ("step-failed", "s1")


def test_a_step_over_its_time_limit_is_late_and_the_next_one_follows(tmp_path):
    records = execute(STEPS, {"run": lambda step: None}, Journal(tmp_path / "j"), ticking(6.0))
    assert [record.outcome for record in records] == ["late"] * 3


def test_a_deed_that_nobody_can_do_fails(tmp_path):
    records = execute(STEPS, {"start": lambda step: None}, Journal(tmp_path / "j"), ticking(1.0))
    assert [record.outcome for record in records] == ["failed"]
    assert "nobody here can run" in records[0].detail


def test_a_crash_is_journalled_and_passed_on(tmp_path):
    def crash(step):
        raise ZeroDivisionError("oops")

    journal = Journal(tmp_path / "j")
    with pytest.raises(ZeroDivisionError):
        execute(STEPS, {"run": crash}, journal, ticking(1.0))
    assert outcomes(journal) == [("step-started", "s0"), ("step-failed", "s0")]


def test_the_journal_grows_over_runs_and_survives_a_torn_line(tmp_path):
    Journal(tmp_path / "j").write("one")
    Journal(tmp_path / "j").write("two")
    with (tmp_path / "j").open("a", encoding="utf-8") as file:
        file.write('{"event": "to')
    assert [entry["event"] for entry in Journal(tmp_path / "j").entries()] == ["one", "two"]
