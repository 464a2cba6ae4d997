"""Answers the rows of a criteria file from what a run left; it never takes the absence of an answer for a good one."""

from collections.abc import Collection, Mapping, Sequence

from godwit.verdict.outcome import Outcome, checked, fold, settled
from godwit.verdict.patterns import is_meant
from godwit.verdict.records import CheckRecord, CriterionRecord, GateRecord, RowAsk, RowRecord

_Answer = tuple[Outcome, str]


def answer_rows(
    rows: Sequence[RowAsk], gates: Sequence[GateRecord], checks: Sequence[CheckRecord]
) -> tuple[RowRecord, ...]:
    """Answer each row from the checks and criteria of a run, in the rows' order.

    A failed check whose criterion is waived counts as waived. A row that nothing answered is inconclusive, or skipped
    where its answer lies elsewhere.
    """
    asked = [criterion for gate in gates for criterion in gate.criteria]
    accepted = {
        check: criterion.reason
        for criterion in asked
        if criterion.outcome is Outcome.WAIVED
        for check in criterion.checks
    }
    return tuple(_row(row, asked, checks, accepted) for row in rows)


def _row(
    row: RowAsk, asked: Sequence[CriterionRecord], checks: Sequence[CheckRecord], accepted: Mapping[str, str]
) -> RowRecord:
    answers: list[_Answer] = [_of_check(check, accepted) for check in checks if is_meant(check.id, row.checks)]
    answers += [_of_criterion(item) for item in asked if item.id in row.criteria]
    outcome, reason = _worst(answers) if answers else _unanswered(row)
    return RowRecord(row.id, row.statement, row.answer, outcome, reason, row.link)


def _of_check(check: CheckRecord, accepted: Mapping[str, str]) -> _Answer:
    if check.outcome is Outcome.FAILED and check.id in accepted:
        return Outcome.WAIVED, accepted[check.id]
    return checked(check.outcome), f"{check.id}: {check.reason}"


def _of_criterion(criterion: CriterionRecord) -> _Answer:
    return settled(criterion.outcome), f"{criterion.id}: {criterion.reason}"


def _worst(answers: Collection[_Answer]) -> _Answer:
    """The worst answer; several that passed are counted, and a waiver shows although it is neutral."""
    seen = {outcome for outcome, _ in answers}
    accepted = Outcome.WAIVED in seen and seen <= {Outcome.PASSED, Outcome.WAIVED}
    outcome = Outcome.WAIVED if accepted else fold(seen)
    if outcome is Outcome.PASSED and len(answers) > 1:
        return outcome, f"{len(answers)} answers passed"
    return next((of, reason) for of, reason in answers if of is outcome)


def _unanswered(row: RowAsk) -> _Answer:
    if row.judgement:
        return row.judgement.outcome, row.judgement.reason
    if row.elsewhere:
        return Outcome.SKIPPED, row.elsewhere
    return Outcome.INCONCLUSIVE, f"nothing answers it in this run (asked: {row.answer or 'nothing'})"
