"""Each row of the reference migration's criteria file finds what answers it, and only there."""

import dataclasses
import datetime as dt
from functools import cache
from pathlib import Path

import pytest

from godwit.cli.find import read_plan
from godwit.plan import Plan, Row, Waiver
from godwit.session import Setting, expand, gate_asks, row_asks, rows_of
from godwit.verdict import Outcome, RowAsk, RowRecord, Verdict, Word, decide

TODAY = dt.date(2026, 11, 21)
NOWHERE = Path("no-signatures")


@cache
def plan() -> Plan:
    return read_plan("orchestration-v2")


def asks(*rows: Row, of: Plan | None = None, only: tuple[str, ...] = (), same: bool = False) -> tuple[RowAsk, ...]:
    used = of or plan()
    used = used.with_candidate_as_baseline() if same else used
    setting = Setting(used, "process", Path("out"), "run", candidate_as_baseline=same)
    return row_asks(setting, rows, only, expand(used, only).not_applicable, NOWHERE, TODAY)


def verdict(only: tuple[str, ...] = (), *, attestations: Path = NOWHERE, same: bool = False, lost: str = "") -> Verdict:
    """The verdict of a run in which every check passed but those of `lost`."""
    used = plan().with_candidate_as_baseline() if same else plan()
    found = expand(used, only)
    setting = Setting(used, "process", Path("out"), "run", candidate_as_baseline=same)
    rows = row_asks(setting, rows_of(used), only, found.not_applicable, attestations, TODAY)
    checks = [
        check if lost and lost in check.id else dataclasses.replace(check, outcome=Outcome.PASSED)
        for check in found.expected
    ]
    return decide("run", gate_asks(used, only, attestations, TODAY), checks, rows=rows)


def row(verdict: Verdict, name: str) -> RowRecord:
    return next(item for item in verdict.rows if item.id == name)


def test_a_run_in_which_everything_passed_answers_every_row() -> None:
    found = verdict(attestations=plan().directory / "attestations")
    assert found.word is Word.GO
    assert {item.outcome for item in found.rows} == {Outcome.PASSED, Outcome.WAIVED}
    assert len(found.rows) == len(rows_of(plan())) > 100


def test_rows_of_people_are_inconclusive_while_nobody_has_signed() -> None:
    assert row(verdict(), "ORCH-060").outcome is Outcome.INCONCLUSIVE


def test_a_check_that_did_not_run_leaves_its_rows_inconclusive() -> None:
    found = verdict(lost="the-backup-is-whole")
    assert row(found, "ORCH-014").outcome is Outcome.INCONCLUSIVE
    assert "did not run" in row(found, "ORCH-014").reason


def test_a_run_of_one_phase_leaves_out_the_rows_of_the_others() -> None:
    found = verdict(("preparation",), attestations=plan().directory / "attestations")
    assert (row(found, "ORCH-067").outcome, row(found, "ORCH-067").reason) == (Outcome.SKIPPED, "not in this run")
    assert row(found, "ORCH-047").outcome is Outcome.PASSED
    assert found.word is Word.GO


def test_a_run_of_one_phase_leaves_out_signatures_that_gates_of_others_ask_for() -> None:
    assert row(verdict(("parallel",)), "ORCH-060").outcome is Outcome.SKIPPED


def test_an_aa_run_leaves_out_rows_of_what_only_the_candidate_has() -> None:
    found = verdict(attestations=plan().directory / "attestations", same=True)
    left_out = {item.id for item in found.rows if item.outcome is Outcome.SKIPPED}
    assert {"ORCH-066", "ORCH-083"} <= left_out
    assert found.word is Word.GO


def test_a_step_is_answered_by_the_check_that_it_was_carried_out_in_time() -> None:
    (ask,) = asks(Row("R", "S", "step:migration/convert", "procedure"))
    assert ask.checks == ("migration/the-step-is-carried-out-in-time/convert",)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("attestation:no-such", id="attestation"),
        pytest.param("waiver:no-such", id="waiver"),
        pytest.param("criterion:no-such", id="criterion"),
        pytest.param("step:no-such/step", id="step"),
        pytest.param("check:no-such/check", id="check"),
        pytest.param("wish:granted", id="no-form"),
        pytest.param("", id="nothing"),
    ],
)
@pytest.mark.parametrize("only", [(), ("preparation",)], ids=["all-phases", "one-phase"])
def test_an_answer_that_the_plan_does_not_have_is_inconclusive(answer: str, only: tuple[str, ...]) -> None:
    found = decide("run", [], [], rows=asks(Row("R", "S", answer, "procedure"), only=only))
    assert found.rows[0].outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("rows", "expires", "outcome"),
    [
        pytest.param(("R",), TODAY, Outcome.WAIVED, id="in-force"),
        pytest.param((), TODAY, Outcome.WAIVED, id="names-no-row"),
        pytest.param(("Q",), TODAY, Outcome.INCONCLUSIVE, id="names-another-row"),
        pytest.param(("R",), TODAY - dt.timedelta(days=1), Outcome.FAILED, id="expired"),
    ],
)
def test_a_waiver_answers_the_rows_that_it_names_until_it_expires(
    rows: tuple[str, ...], expires: dt.date, outcome: Outcome
) -> None:
    waiver = Waiver(id="known", criteria=("response",), rows=rows, owner="ann", reason="it is known", expires=expires)
    waiving = plan().model_copy(update={"waivers": (waiver,)})
    found = decide("run", [], [], rows=asks(Row("R", "S", "waiver:known", "budget"), of=waiving))
    assert found.rows[0].outcome is outcome


def test_a_plan_without_a_criteria_file_has_no_rows() -> None:
    without = plan().migration.model_copy(update={"criteria_file": None})
    assert rows_of(plan().model_copy(update={"migration": without})) == ()
