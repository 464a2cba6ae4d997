"""The criteria file: a row for each statement of the documents and what answers for it; refuses any other table."""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from godwit.plan.model import Plan
from godwit.plan.sections.phases import Phase, Runbook
from godwit.plan.suggestions import advice, nearest
from godwit.verdict import PlanError

COLUMNS = ("id", "statement", "answer", "kind")
MEASURED_KINDS = ("behaviour", "budget", "invariant", "mapping", "trigger")
"""Kinds of rows that a check can answer; the others are procedures and people."""
KINDS = (*MEASURED_KINDS, "people", "procedure")
FORMS = ("check", "criterion", "attestation", "waiver", "step")


@dataclass(frozen=True, slots=True)
class Row:
    """One statement of the documents. `answer` is `<form>:<name>`; `line` is its line in the file."""

    id: str
    statement: str
    answer: str
    kind: str
    line: int = 0

    @property
    def form(self) -> str:
        """What kind of thing answers: check, criterion, attestation, waiver or step; empty if none is named."""
        form, colon, _ = self.answer.partition(":")
        return form.strip() if colon else ""

    @property
    def name(self) -> str:
        """The name of the thing that answers."""
        return self.answer.partition(":")[2].strip()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the rows that a check can answer are answered by a check or a criterion."""

    rows: int
    answered: int

    @property
    def percent(self) -> float:
        """The share in percent; 0 if there is no such row, because nothing is not full coverage."""
        return 100 * self.answered / self.rows if self.rows else 0.0


def read_rows(path: Path) -> tuple[Row, ...]:
    """Reads a criteria file (CSV, UTF-8, columns id, statement, answer, kind).

    Raises PlanError with one line for each row that cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = tuple(next(reader, ()))
            lines = [(reader.line_num, cells) for cells in reader if cells]
    except FileNotFoundError:
        raise PlanError(f"{path}: no such file; migration.criteria_file names it") from None
    except (OSError, UnicodeDecodeError, csv.Error) as trouble:
        raise PlanError(f"{path}: cannot be read as CSV in UTF-8: {trouble}") from None
    if header != COLUMNS:
        raise PlanError(f"{path}:1: the columns are {', '.join(header) or 'missing'}; write {','.join(COLUMNS)}")
    faults = [f"{path}:{line}: {said}" for line, cells in lines if (said := _unreadable(cells))]
    if faults:
        raise PlanError("\n".join(faults))
    return tuple(_row(cells, line) for line, cells in lines)


def coverage(rows: Sequence[Row]) -> Coverage:
    """The coverage of the rows that a check can answer."""
    measured = [row for row in rows if row.kind in MEASURED_KINDS]
    return Coverage(len(measured), sum(row.form in ("check", "criterion") for row in measured))


def _row(cells: Sequence[str], line: int) -> Row:
    name, statement, answer, kind = (cell.strip() for cell in cells)
    return Row(name, statement, answer, kind, line)


def _unreadable(cells: Sequence[str]) -> str:
    if len(cells) != len(COLUMNS):
        return f"{len(cells)} cells; write {len(COLUMNS)}: {', '.join(COLUMNS)}"
    if not cells[0].strip() or not cells[1].strip():
        return "a row needs an id and a statement"
    if cells[3].strip() not in KINDS:
        return f"'{cells[3]}' is no kind{advice(cells[3], KINDS)}"
    return ""


def row_faults(plan: Plan, rows: Sequence[Row], expected: Collection[str] | None) -> Iterator[tuple[str, Row, str]]:
    """Rows that stand twice or are answered by nothing that exists: the lint's id, the row, the sentence.

    `expected` holds the stable ids of all checks of the plan, with the migration; None means that they are not known,
    and then check answers are only held against phases.
    """
    names = _names(plan)
    waived = {each.id: each.rows for each in plan.waivers if each.rows}
    first: dict[str, int] = {}
    for row in rows:
        if row.id in first:
            yield "row-twice", row, f"row {row.id} stands in line {first[row.id]} already; answer it once"
        first.setdefault(row.id, row.line)
        if row.form not in FORMS or not row.name:
            wanted = "check:, criterion:, attestation:, waiver: or step: and a name"
            yield "row-unanswered", row, f"row {row.id} has the answer '{row.answer}'; write {wanted}"
        elif row.form == "check":
            if said := _unknown_check(plan, row.name, expected):
                yield "row-answer-unknown", row, f"row {row.id}: {said}"
        elif row.form == "waiver" and row.name in waived and row.id not in waived[row.name]:
            yield "row-answer-unknown", row, f"row {row.id}: waiver '{row.name}' does not name this row"
        elif row.name not in names[row.form]:
            said = f"no {row.form} '{row.name}'{advice(row.name, names[row.form])}"
            yield "row-answer-unknown", row, f"row {row.id}: {said}"


def _names(plan: Plan) -> dict[str, list[str]]:
    holders: list[Phase | Runbook] = [*plan.phases, *plan.runbooks]
    return {
        "criterion": [each.id for each in plan.criteria],
        "attestation": [each.id for each in plan.attestations.items],
        "waiver": [each.id for each in plan.waivers],
        "step": [
            *(f"{holder.id}/{step.id}" for holder in holders for step in holder.steps),
            *(f"{phase.id}/{step.id}" for phase in plan.phases for step in phase.rollout),
        ],
    }


def _unknown_check(plan: Plan, name: str, expected: Collection[str] | None) -> str:
    """Why a check cannot answer; empty if it can. A name without a case means all cases of its promise."""
    phases = [phase.id for phase in plan.phases]
    head = name.split("/", maxsplit=1)[0]
    if "/" not in name or not any(fnmatchcase(each, head) for each in phases):
        return f"no check '{name}'; write <phase>/<promise>[/<case>] with one of the phases {', '.join(phases)}"
    if expected is None:
        return ""
    own = [each.removeprefix(f"{plan.migration.id}/") for each in expected]
    if any(fnmatchcase(each, name) or fnmatchcase(each, f"{name}/*") for each in own):
        return ""
    near = nearest(name, own)
    return f"no check '{name}' in this plan" + (f"; did you mean '{near}'?" if near else "")
