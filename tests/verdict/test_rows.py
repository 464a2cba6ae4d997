"""A row of the criteria file is worth what answered it, and a row that nothing answered keeps a run from GO."""

import pytest

from godwit.verdict import (
    Ask,
    CheckRecord,
    GateAsk,
    Judgement,
    Outcome,
    RowAsk,
    RowRecord,
    Verdict,
    Word,
    decide,
    failed,
    inconclusive,
    passed,
)

ROW = RowAsk("R-1", "Nothing is lost", "check:cutover/the-backup-is-whole", checks=("cutover/the-backup-is-whole",))
GOOD = "shop/cutover/it-holds"


def check(name: str, outcome: Outcome = Outcome.PASSED, reason: str = "as seen") -> CheckRecord:
    return CheckRecord(name, "suite", "It holds", name.split("/")[1], outcome, reason)


def run(rows: list[RowAsk], *checks: CheckRecord, criteria: tuple[Ask, ...] = ()) -> Verdict:
    """A run with one gate over the phase cutover, in which one check passed besides those named."""
    gate = GateAsk("cutover-done", "Cutover", "cutover", criteria, rolls_back=False)
    return decide("run", [gate], [check(GOOD), *checks], rows=rows)


def only_row(verdict: Verdict) -> RowRecord:
    assert len(verdict.rows) == 1
    return verdict.rows[0]


def test_a_row_is_answered_by_every_case_of_its_check() -> None:
    base = "shop/cutover/the-backup-is-whole"
    verdict = run([ROW], check(f"{base}/full"), check(f"{base}/daily", Outcome.FAILED, "no manifest"))
    row = only_row(verdict)
    assert (row.outcome, row.reason) == (Outcome.FAILED, f"{base}/daily: no manifest")
    assert verdict.word is Word.NO_GO


def test_a_row_whose_checks_all_passed_says_how_many_did() -> None:
    verdict = run([ROW], *(check(f"shop/cutover/the-backup-is-whole/{case}") for case in ("full", "daily")))
    assert only_row(verdict).reason == "2 answers passed"
    assert (verdict.word, verdict.reason) == (Word.GO, "1 gate(s) hold, 1 row(s) answered")


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.INCONCLUSIVE], ids=lambda outcome: outcome.value)
def test_a_row_whose_check_did_not_run_is_inconclusive(outcome: Outcome) -> None:
    verdict = run([ROW], check("shop/cutover/the-backup-is-whole", outcome))
    assert (only_row(verdict).outcome, verdict.word) == (Outcome.INCONCLUSIVE, Word.INCONCLUSIVE)


def test_a_row_whose_check_crashed_is_errored_and_no_go_either_way() -> None:
    verdict = run([ROW], check("shop/cutover/the-backup-is-whole", Outcome.ERRORED))
    assert (only_row(verdict).outcome, verdict.word) == (Outcome.ERRORED, Word.INCONCLUSIVE)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(RowAsk("R-1", "S", "check:cutover/no-such", checks=("cutover/no-such",)), id="check"),
        pytest.param(RowAsk("R-1", "S", "criterion:none", criteria=("none",)), id="criterion"),
        pytest.param(RowAsk("R-1", "S", "attestation:none"), id="attestation"),
        pytest.param(RowAsk("R-1", "S", ""), id="no-answer"),
    ],
)
def test_an_answer_that_does_not_exist_keeps_everything_else_from_go(row: RowAsk) -> None:
    verdict = run([row])
    assert (only_row(verdict).outcome, verdict.word, verdict.exit_code) == (Outcome.INCONCLUSIVE, Word.INCONCLUSIVE, 11)
    assert verdict.reason.startswith("row R-1: nothing answers it in this run")


@pytest.mark.parametrize(
    ("judgement", "outcome", "word"),
    [
        pytest.param(passed("signed"), Outcome.PASSED, Word.GO, id="signed"),
        pytest.param(failed("the score is 3"), Outcome.FAILED, Word.NO_GO, id="score-too-low"),
        pytest.param(inconclusive("nobody has signed"), Outcome.INCONCLUSIVE, Word.INCONCLUSIVE, id="unsigned"),
        pytest.param(Judgement(Outcome.WAIVED, "waived by ann"), Outcome.WAIVED, Word.GO, id="waived"),
    ],
)
def test_a_row_with_a_judgement_at_hand_ends_as_that(judgement: Judgement, outcome: Outcome, word: Word) -> None:
    verdict = run([RowAsk("R-1", "S", "attestation:a", judgement=judgement)])
    assert (only_row(verdict).outcome, verdict.word) == (outcome, word)


def test_a_row_with_a_criterion_ends_as_the_criterion_in_each_gate_that_asks_it() -> None:
    ask = Ask("fast", "It is fast", "critical", checks=("cutover/it-is-fast",))
    slow = check("shop/cutover/it-is-fast", Outcome.FAILED, "too slow")
    verdict = run([RowAsk("R-1", "S", "criterion:fast", criteria=("fast",))], slow, criteria=(ask,))
    assert only_row(verdict).reason == "fast: shop/cutover/it-is-fast: too slow"


def test_a_failed_check_whose_criterion_is_waived_leaves_its_row_waived() -> None:
    ask = Ask("whole", "It is whole", "critical", checks=ROW.checks, waiver="waived by ann until 2027: known")
    broken = check("shop/cutover/the-backup-is-whole/full", Outcome.FAILED, "no manifest")
    verdict = run([ROW], broken, criteria=(ask,))
    assert (only_row(verdict).outcome, verdict.word) == (Outcome.WAIVED, Word.GO)
    assert (
        only_row(verdict).reason
        == "waived by ann until 2027: known (was: shop/cutover/the-backup-is-whole/full: no manifest)"
    )


def test_a_crashed_check_is_not_waived_with_its_criterion() -> None:
    ask = Ask("whole", "It is whole", "critical", checks=ROW.checks, waiver="waived by ann until 2027: known")
    verdict = run([ROW], check("shop/cutover/the-backup-is-whole/full", Outcome.ERRORED), criteria=(ask,))
    assert (only_row(verdict).outcome, verdict.word) == (Outcome.ERRORED, Word.INCONCLUSIVE)


def test_a_row_answered_elsewhere_is_listed_and_does_not_count() -> None:
    verdict = run([RowAsk("R-1", "S", "check:other/x", checks=("other/x",), elsewhere="not in this run")])
    assert (only_row(verdict).outcome, only_row(verdict).reason) == (Outcome.SKIPPED, "not in this run")
    assert (verdict.word, verdict.reason) == (Word.GO, "1 gate(s) hold, 0 row(s) answered")


def test_a_row_answered_here_counts_although_more_of_its_answer_lies_elsewhere() -> None:
    row = RowAsk("R-1", "S", "check:*/it-works", checks=("*/it-works",), elsewhere="not in this run")
    verdict = run([row], check("shop/cutover/it-works", Outcome.FAILED))
    assert (only_row(verdict).outcome, verdict.word) == (Outcome.FAILED, Word.NO_GO)


def test_rows_alone_are_no_go_ahead() -> None:
    verdict = decide("run", [], [], rows=[RowAsk("R-1", "S", "attestation:a", judgement=passed("signed"))])
    assert verdict.word is Word.INCONCLUSIVE
