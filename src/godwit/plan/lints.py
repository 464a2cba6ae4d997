"""What is doubtful in a plan that can be read: errors, warnings, notes; it judges the plan, never the migration."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from godwit.plan.lint_benchmarks import BENCHMARK_RULES
from godwit.plan.lint_buckets import BUCKET_RULES
from godwit.plan.lint_criteria import CRITERIA_RULES
from godwit.plan.lint_elements import Unasked, unasked_elements
from godwit.plan.lint_figures import FIGURE_RULES
from godwit.plan.lint_flags import FLAG_RULES
from godwit.plan.lint_flow import FLOW_RULES
from godwit.plan.lint_safety import SAFETY_RULES
from godwit.plan.lint_targets import TARGET_RULES
from godwit.plan.model import Plan
from godwit.plan.references import Catalogue
from godwit.plan.rows import Row, coverage, row_faults
from godwit.plan.sections.phases import Phase
from godwit.plan.source import Where
from godwit.plan.suggestions import advice

Level = Literal["error", "warning", "note"]

LINTS: dict[str, tuple[Level, str]] = {
    "alert-inside-gate": ("warning", "An alert tells of values with which a gate is content."),
    "alert-looser-than-gate": ("warning", "Between a gate's limit and the sharpest alert's lies a range of which nobody is told."),
    "backup-never-taken": ("warning", "A runbook restores a backup that no step before it takes."),
    "backup-window": ("note", "A runbook restores a daily backup, so up to a day of writes is lost."),
    "baseline-fails-limit": ("warning", "A strict limit is the documents' figure of the baseline, which then fails it."),
    "benchmark-never-judged": ("warning", "A file has a benchmark of which no criterion asks anything."),
    "benchmark-not-there": ("error", "A file of benchmarks cannot be read, or has no such benchmark."),
    "buffer-not-there": ("warning", "The calendar claims a buffer that its phases do not leave."),
    "calendar-backwards": ("error", "The calendar ends before it starts."),
    "check-of-another-phase": ("error", "A gate's criterion names a check that runs in another phase, where no gate counts it."),
    "coverage": ("note", "The share of measurable rows that a check or a criterion answers."),
    "constraint-allows-nothing": ("error", "A constraint, or all together, allow no assignment of the flags."),
    "covers-unknown-row": ("error", "A criterion or a waiver names a row that is not in the criteria file."),
    "default-forbidden": ("error", "The flags' defaults together break a constraint."),
    "default-not-baseline": ("error", "A flag's default is not the value that gives baseline behaviour."),
    "downtime-admitted": ("warning", "A runbook admits downtime, though no downtime is allowed."),
    "downtime-beyond-availability": ("warning", "A runbook may take longer than an availability leaves in its time."),
    "element-never-asked": ("error", "An element is for a phase that asks for no suite that exercises it, so it would be left out."),
    "evidence-cannot-show": ("error", "A share could not be shown on so few requests, not even without one failure."),
    "evidence-out-of-reach": ("error", "A load profile makes fewer requests than its criterion or soak needs."),
    "evidence-too-thin": ("error", "A p95 on under 200 samples, a p99 on under 1,000 or a p99.9 on under 10,000, without a reason."),
    "file-not-backed-up": ("warning", "A runbook reads a file that its backup does not have to hold."),
    "flags-not-reset": ("warning", "A full rollback leaves the flags, so the router may choose the candidate again."),
    "gates-differ": ("warning", "Two gates ask different limits of one documented figure."),
    "judge-without-baseline": ("warning", "A rollout step that leaves nobody on the baseline has a judge, who compares both."),
    "limits-contradict": ("error", "Two criteria of one gate can never hold together."),
    "matrix-too-large": ("error", "The flag matrix has more cases, or more combinations to try, than a run can take."),
    "must-forbidden": ("error", "No case that a constraint allows holds the values that must be tried."),
    "no-room-for-noise": ("warning", "A relative limit has neither share nor floor, so that noise alone breaks it."),
    "no-way-back": ("warning", "No runbook leads back from a phase."),
    "phase-without-checks": ("warning", "A phase has neither suites nor rollout steps, but its gate asks for checks in it."),
    "reading": ("note", "A contradiction in the documents and the reading that the plan takes."),
    "reading-answers-nothing": ("error", "A reading answers a lint that does not exist or that no reading can answer."),
    "replicas-differ": ("warning", "The replicas of a rollout step make another share than it states."),
    "reset-not-done": ("error", "A runbook says that it resets the flags, but no step of it sets one."),
    "review-before-update": ("warning", "A document's next review lies before its last update."),
    "rollback-restores-nothing": ("warning", "A full rollback has no step that restores a backup."),
    "rollout-before-conversion": ("warning", "Users move to a candidate with separate state before it is converted."),
    "rollout-never-full": ("warning", "No rollout step reaches 100 %."),
    "rollout-percent-differs": ("warning", "A rollout step states one share and sets a percent flag to another."),
    "rollout-shrinks": ("warning", "A rollout step moves fewer users than the one before it."),
    "row-answer-unknown": ("error", "A row of the criteria file is answered by something that does not exist."),
    "row-covered-twice": ("warning", "Two criteria cover the same row."),
    "row-twice": ("error", "A row stands twice in the criteria file."),
    "row-unanswered": ("error", "A row of the criteria file names nothing that answers for it."),
    "saving-needs-more": ("warning", "A limit on a cost is weaker than the saving that another criterion asks."),
    "shares-not-whole": ("error", "The operations of a load profile do not add up to 100 %."),
    "soak-beyond-calendar": ("error", "All soaks together are longer than the calendar."),
    "soak-beyond-weeks": ("error", "The soaks of a phase are longer than its weeks."),
    "statistics-differ": ("warning", "One limit is asked of two statistics of one metric."),
    "stop-start": ("warning", "A stop and a start without holding traffic, though no downtime is allowed."),
    "strength-too-high": ("error", "More flags are to be tried together than there are."),
    "trigger-inside-gate": ("error", "A trigger calls for a rollback at values with which a gate is content."),
    "trigger-looser-than-gate": ("warning", "Between a gate's limit and a trigger's lies a range that is neither."),
    "unfilled-name": ("warning", "A ${NAME} stands where names are not filled."),
    "unused": ("warning", "Something is declared and nothing uses it."),
    "users-differ": ("error", "Two percentages that must be independent are asked of different users."),
    "users-too-few": ("error", "A percentage is asked of fewer users than its smallest step needs."),
    "value-never-tried": ("warning", "The constraints allow no case with a value of a flag."),
    "waived-twice": ("warning", "Two waivers accept the same criterion."),
    "way-back-after-no-return": ("error", "A runbook leads back from a phase that comes after the point of no return."),
    "weeks-backwards": ("error", "A phase ends before it begins, or begins before week 1."),
    "weeks-beyond-calendar": ("warning", "A phase begins after the calendar's end."),
    "weeks-out-of-order": ("warning", "A phase begins before the one before it ends."),
    "worse-than-documented": ("warning", "A limit lets the candidate be worse than the documents' figure of the baseline."),
    "wrong-restore": ("error", "A runbook restores another backup than the one it names."),
}  # fmt: skip
"""Every lint with its level and the sentence that the reference shows."""


@dataclass(frozen=True, slots=True)
class Lint:
    """One doubtful place. `where` is `file:line:col: path`, or only the path if the plan was not read from a file."""

    id: str
    level: Level
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.level}: {self.message} [{self.id}]"


def lint(
    plan: Plan,
    catalogue: Catalogue | None = None,
    answers: Sequence[Row] = (),
    expected: Collection[str] | None = None,
    unasked: Sequence[Unasked] = (),
) -> tuple[Lint, ...]:
    """Everything doubtful in a plan, errors first, then in the order of the plan.

    `answers` are the rows of the criteria file (`read_rows`), `expected` the stable ids of the plan's checks, `unasked`
    the elements that its phases leave out. The catalogue tells which lints about promises can be made; names in it were
    checked when the plan was loaded.
    """
    found: list[tuple[str, Where, str]] = [
        *_readings(plan),
        *_unplayed(plan, catalogue),
        *unasked_elements(plan, unasked),
    ]
    for rule in (
        *FLOW_RULES,
        *CRITERIA_RULES,
        *FIGURE_RULES,
        *SAFETY_RULES,
        *TARGET_RULES,
        *BUCKET_RULES,
        *FLAG_RULES,
        *BENCHMARK_RULES,
    ):
        found += rule(plan)
    lints = [_answered(plan, *each) for each in found] + list(_rows(plan, answers, expected))
    order = ("error", "warning", "note")
    return tuple(sorted(lints, key=lambda each: order.index(each.level)))


def _readings(plan: Plan) -> Iterator[tuple[str, Where, str]]:
    answerable = [name for name, (level, _) in LINTS.items() if level == "warning"]
    for place, reading in enumerate(plan.migration.readings):
        where: Where = ("migration", "readings", place)
        yield "reading", where, f"reading taken of {reading.id}: {reading.conflict} -> {reading.reading}"
        for index, name in enumerate(reading.answers):
            if name not in answerable:
                said = f"'{name}' is no lint that a reading can answer{advice(name, answerable)}"
                yield "reading-answers-nothing", (*where, "answers", index), said


def _unplayed(plan: Plan, catalogue: Catalogue | None) -> Iterator[tuple[str, Where, str]]:
    """Phases in which no promise is exercised."""
    suites = catalogue.suites if catalogue else None
    gates = {gate.id: gate for gate in plan.gates}
    criteria = {criterion.id: criterion for criterion in plan.criteria}
    for place, phase in enumerate(plan.phases):
        asked = [criteria[name] for name in gates[phase.exit].criteria]
        here = [each for each in asked if each.metric or any(_is_of(check, phase) for check in each.checks)]
        promised = [use for use in phase.suites if suites is None or use.promises or suites.get(use.suite)]
        if here and not promised and not phase.rollout:
            said = f"phase {phase.id} has no suite and no rollout step; nothing can answer {here[0].id}"
            yield "phase-without-checks", ("phases", place), said


def _is_of(check: str, phase: Phase) -> bool:
    return fnmatchcase(phase.id, check.split("/", 1)[0])


def _answered(plan: Plan, name: str, where: Where, message: str) -> Lint:
    """A lint; a warning that a reading answers becomes a note that quotes it."""
    level = LINTS[name][0]
    reading = next((each for each in plan.migration.readings if name in each.answers), None)
    if reading is None or level != "warning":
        return Lint(name, level, plan.place(where), message)
    return Lint(name, "note", plan.place(where), f"{message}; answered by reading {reading.id}: {reading.reading}")


def _rows(plan: Plan, rows: Sequence[Row], expected: Collection[str] | None) -> Iterator[Lint]:
    if not rows:
        return
    file = plan.directory / (plan.migration.criteria_file or "criteria")
    for name, row, message in row_faults(plan, rows, expected):
        yield Lint(name, LINTS[name][0], f"{file}:{row.line}", message)
    known = {row.id for row in rows}
    named = [(("criteria", place, "covers"), each.covers) for place, each in enumerate(plan.criteria)]
    named += [(("waivers", place, "rows"), each.rows) for place, each in enumerate(plan.waivers)]
    for where, row_ids in named:
        for index, row_id in enumerate(row_ids):
            if row_id not in known:
                said = f"no row '{row_id}'{advice(row_id, known)}"
                yield Lint("covers-unknown-row", "error", plan.place((*where, index)), said)
    share = coverage(rows)
    part = f"{share.answered} of {share.rows} measurable rows ({share.percent:.1f} %)"
    yield Lint("coverage", "note", str(file), f"{part} are answered by a check or a criterion")
