"""What answers each row of a migration's criteria file, drawn from the plan; it reads signatures and judges no check."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from godwit.plan import Criterion, Plan, Row, Waiver, read_rows
from godwit.session.asks import judge_attestation
from godwit.session.world import Setting
from godwit.verdict import Judgement, Outcome, RowAsk, failed, inconclusive, is_meant

IN_TIME = "the-step-is-carried-out-in-time"
"""The promise whose cases are the steps of a phase."""
NOT_HERE = "not in this run"
_NOT_BOTH = "does not apply: an A/A run has no candidate with what this needs"


@dataclass(frozen=True, slots=True)
class _Run:
    """What a row's answer is looked up in; `absent` are the ids of checks that do not apply, `phases` those of the run."""

    plan: Plan
    phases: frozenset[str]
    absent: Sequence[str]
    same: bool
    attestations: Path
    today: dt.date


def rows_of(plan: Plan) -> tuple[Row, ...]:
    """The rows of the migration's criteria file, if it names one; PlanError when it cannot be read."""
    file = plan.migration.criteria_file
    return read_rows(plan.directory / file) if file else ()


def row_asks(
    setting: Setting,
    rows: Sequence[Row],
    only: Sequence[str],
    absent: Sequence[str],
    attestations: Path,
    today: dt.date,
) -> tuple[RowAsk, ...]:
    """What is asked of each row in a run of the phases `only` (all, if none is named).

    `absent` are the lines of the checks that do not apply; in an A/A run the rows that they would answer are left out.
    """
    plan, same = setting.plan, setting.candidate_as_baseline
    phases = frozenset(phase.id for phase in plan.phases if not only or phase.id in only)
    run = _Run(plan, phases, [line.partition(": ")[0] for line in absent], same, attestations, today)
    return tuple(_ask(run, row) for row in rows)


def _ask(run: _Run, row: Row) -> RowAsk:
    if row.form == "check":
        return _of_checks(run, row, row.name)
    if row.form == "step":
        phase, _, step = row.name.partition("/")
        return _of_checks(run, row, f"{phase}/{IN_TIME}/{step}")
    if row.form == "criterion":
        return _of_criteria(run, row, [item for item in run.plan.criteria if item.id == row.name])
    if row.form == "attestation":
        return _of_attestation(run, row)
    waiver = next((item for item in run.plan.waivers if item.id == row.name), None) if row.form == "waiver" else None
    judgement = _waived(waiver, row, run.today) if waiver else None
    link = waiver.link or "" if waiver else ""
    return RowAsk(row.id, row.statement, row.answer, judgement=judgement, link=link)


def _of_checks(run: _Run, row: Row, pattern: str) -> RowAsk:
    head = pattern.partition("/")[0]
    meant = {phase.id for phase in run.plan.phases if fnmatchcase(phase.id, head)}
    elsewhere = NOT_HERE if meant - run.phases else ""
    if run.same and any(is_meant(line, [pattern]) for line in run.absent):
        elsewhere = _NOT_BOTH
    return RowAsk(row.id, row.statement, row.answer, checks=(pattern,), elsewhere=elsewhere)


def _of_criteria(run: _Run, row: Row, criteria: Sequence[Criterion]) -> RowAsk:
    names = {criterion.id for criterion in criteria}
    gates = {gate.id for gate in run.plan.gates if names & set(gate.criteria)}
    asking = {phase.id for phase in run.plan.phases if phase.exit in gates}
    elsewhere = NOT_HERE if asking - run.phases else ""
    if run.same and any(criterion.needs - run.plan.stacks.candidate.capabilities for criterion in criteria):
        elsewhere = _NOT_BOTH
    return RowAsk(row.id, row.statement, row.answer, criteria=tuple(sorted(names)), elsewhere=elsewhere)


def _of_attestation(run: _Run, row: Row) -> RowAsk:
    """The criteria that ask for it answer; an attestation that none asks for is judged by itself."""
    criteria = [item for item in run.plan.criteria if item.attestation == row.name]
    if criteria:
        return _of_criteria(run, row, criteria)
    asked = next((item for item in run.plan.attestations.items if item.id == row.name), None)
    judgement = judge_attestation(asked, run.attestations, run.today) if asked else None
    return RowAsk(row.id, row.statement, row.answer, judgement=judgement)


def _waived(waiver: Waiver, row: Row, today: dt.date) -> Judgement:
    if waiver.expires < today:
        return failed(f"waiver {waiver.id} expired on {waiver.expires}")
    if waiver.rows and row.id not in waiver.rows:
        return inconclusive(f"waiver {waiver.id} does not name this row")
    return Judgement(Outcome.WAIVED, f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}")
