"""What a person reads on the terminal: the failure of one check, and the verdict on a screen; no sign of it is a command."""

from pathlib import Path
from typing import Any

from godwit.plan import Plan
from godwit.reporting.counting import counted_rows
from godwit.reporting.plain import one_line, visible
from godwit.verdict import Cause, CheckRecord, Finding, GateRecord, Outcome, RowRecord, Verdict, Word

Line = tuple[str, dict[str, Any]]
_MOST = 12
_SCREEN, _LEAST = 24, 6
_WIDE, _NARROW, _LONG = 240, 160, 4000
_HELD = (Outcome.PASSED, Outcome.WAIVED, Outcome.SKIPPED)
_COLOURS = {Word.GO: {"green": True}, Word.NO_GO: {"red": True}, Word.INCONCLUSIVE: {"yellow": True}}
_HEADS = {
    Outcome.FAILED: "promise broken",
    Outcome.INCONCLUSIVE: "could not be told",
    Outcome.ERRORED: "could not be tested",
}


def failure_text(record: CheckRecord, plan: Plan, out: Path) -> str:
    """A check that did not pass: promise, where in the plan, what either side showed, versions, how to repeat it."""
    number = next((i for i, phase in enumerate(plan.phases, 1) if phase.id == record.phase), 0)
    lines = [_heading(record), f"  phase {number} {record.phase}    {record.id}"]
    lines += [f"  {record.reason[:_LONG]}{' …' if len(record.reason) > _LONG else ''}"]
    lines += [line for finding in record.findings[:_MOST] for line in finding_lines(finding)]
    if len(record.findings) > _MOST:
        lines.append(f"  … and {len(record.findings) - _MOST} more findings in verdict.json")
    if record.limit:
        lines.append(f"  limit {one_line(record.limit, _WIDE)}")
    versions = plan.stacks
    lines.append(
        f"  baseline {versions.baseline.version}, candidate {versions.candidate.version}    seed {plan.migration.seed}"
    )
    return visible("\n".join([*lines, f"  again: {record.repeat}", f"  evidence: {out}"]))


def short_failure(record: CheckRecord) -> str:
    """A check that did not pass, where its plan is not at hand: promise, reason, how to repeat it; empty where it held."""
    if record.outcome in _HELD:
        return ""
    again = [f"  again: {record.repeat}"] if record.repeat else []
    return visible("\n".join([_heading(record), f"  {record.reason[:_LONG]}", *again]))


def _heading(record: CheckRecord) -> str:
    head = _HEADS.get(record.outcome, str(record.outcome))
    return f"{head}: {one_line(record.sentence or record.id, _WIDE)}"


def finding_lines(finding: Finding) -> list[str]:
    """One finding: where and what, what either side showed, why, and examples of other places."""
    often = f" ({finding.count} times)" if finding.count > 1 else ""
    lines = [f"    {one_line(finding.where, _NARROW)}: {one_line(finding.what, _NARROW)}{often}"]
    if finding.baseline or finding.candidate:
        lines.append(f"      baseline {_short(finding.baseline)}    candidate {_short(finding.candidate)}")
    if finding.reason:
        lines.append(f"      {_short(finding.reason)}")
    if finding.examples:
        lines.append(f"      such as {_short(', '.join(finding.examples))}")
    return lines


def _short(text: str) -> str:
    return one_line(text, _NARROW) or "(nothing)"


def summary_lines(verdict: Verdict, out: Path) -> list[Line]:
    """The verdict on a screen, as (line, markup) pairs: word, gates, only what does not hold, what to do, where the rest is."""
    bold = {**_COLOURS[verdict.word], "bold": True}
    lines: list[Line] = [(f"{verdict.word}  {verdict.reason}", bold)]
    lines += [(_gate_line(gate), _COLOURS[gate.word]) for gate in verdict.gates]
    again = next((check.repeat for check in verdict.checks if check.outcome is not Outcome.PASSED and check.repeat), "")
    ends = [f"again: {again}"] if again else []
    ends += [f"evidence: {out / 'verdict.json'}", f"exit code {verdict.exit_code}"]
    told, room = _open_lines(verdict), max(_LEAST, _SCREEN - len(lines) - len(ends))
    lines += (
        told
        if len(told) <= room
        else [*told[: room - 1], (f"  … and {len(told) - room + 1} more lines in verdict.md", {})]
    )
    return [*((one_line(text, _WIDE), markup) for text, markup in lines), *((visible(text), {}) for text in ends)]


def _open_lines(verdict: Verdict) -> list[Line]:
    """What does not hold and what is behind it, the most important first; rows are counted whatever they say."""
    red = {"red": True}
    lines = [*_criterion_lines(verdict), *_check_lines(verdict)]
    told: list[Line] = [(line, {}) for line in lines] + [(f"  trouble      {text}", red) for text in verdict.trouble]
    told += [(line, {}) for line in (*_row_lines(verdict.rows), *_cause_lines(verdict.causes))]
    if idle := [it.rule for it in verdict.rules if not it.fired]:
        told.append((f"  rules that never fired: {', '.join(idle)}", {}))
    if verdict.not_applicable:
        told.append((f"  does not apply: {len(verdict.not_applicable)} case(s), listed in verdict.json", {}))
    return told


def _criterion_lines(verdict: Verdict) -> list[str]:
    """The criteria that do not hold; of several checks that keep one from holding its reason tells the worst."""
    open_ = {check.id for check in verdict.checks if check.outcome is not Outcome.PASSED}
    lines = []
    for item in (item for gate in verdict.gates for item in gate.criteria if item.outcome is not Outcome.PASSED):
        others = len(open_.intersection(item.checks)) - 1
        more = f" (and {others} more checks)" if others > 0 else ""
        lines.append(f"  {item.outcome:<12} {item.id}: {one_line(item.reason, _NARROW)}{more}")
    return lines


def _check_lines(verdict: Verdict) -> list[str]:
    """The checks that do not hold and stand behind no criterion that says so."""
    asked = [item for gate in verdict.gates for item in gate.criteria if item.outcome is not Outcome.PASSED]
    told = {check for item in asked for check in item.checks}
    loose = [check for check in verdict.checks if check.outcome is not Outcome.PASSED and check.id not in told]
    return [f"  {check.outcome:<12} {check.id}: {check.reason}" for check in loose]


def _cause_lines(causes: tuple[Cause, ...]) -> list[str]:
    """What is behind the findings of several checks."""
    told = [cause for cause in causes if len(cause.checks) > 1]
    return [
        f"  one cause    {cause.what} at {cause.where}: {cause.count} places in {len(cause.checks)} checks"
        f"{f'; {cause.reason}' if cause.reason else ''}; such as {cause.checks[0]}"
        for cause in told
    ]


def _row_lines(rows: tuple[RowRecord, ...]) -> list[str]:
    """How the rows of the criteria file were answered, and those that keep the run from GO."""
    if not rows:
        return []
    open_ = [f"  {row.outcome:<12} row {row.id}: {row.reason}" for row in rows if row.outcome not in _HELD]
    return [f"  rows of the criteria file: {counted_rows(rows)}", *open_]


def _gate_line(gate: GateRecord) -> str:
    held = sum(item.outcome is Outcome.PASSED for item in gate.criteria)
    counted = f"{held}/{len(gate.criteria)} criteria hold, {gate.checks_ran}/{gate.checks_expected} checks ran"
    return f"  {gate.word:<13} {gate.id} ({gate.phase}): {counted}"
