"""What a person reads on the terminal: the failure of one check, and the verdict on a screen."""

import textwrap
from pathlib import Path
from typing import Any

from godwit.plan import Plan
from godwit.verdict import CheckRecord, Finding, GateRecord, Outcome, Verdict, Word

_MOST = 12
_COLOURS = {Word.GO: {"green": True}, Word.NO_GO: {"red": True}, Word.INCONCLUSIVE: {"yellow": True}}
_HEADS = {Outcome.FAILED: "promise broken", Outcome.INCONCLUSIVE: "could not be told", Outcome.ERRORED: "could not be tested"}


def failure_text(record: CheckRecord, plan: Plan, out: Path) -> str:
    """A check that did not pass: promise, where in the plan, what either side showed, versions, how to repeat it."""
    number = next((i for i, phase in enumerate(plan.phases, 1) if phase.id == record.phase), 0)
    head = _HEADS.get(record.outcome, str(record.outcome))
    lines = [f"{head}: {record.sentence}", f"  phase {number} {record.phase}    {record.id}", f"  {record.reason}"]
    lines += [line for finding in record.findings[:_MOST] for line in _finding(finding)]
    if len(record.findings) > _MOST:
        lines.append(f"  … and {len(record.findings) - _MOST} more findings in verdict.json")
    if record.limit:
        lines.append(f"  limit {record.limit}")
    versions = plan.stacks
    lines.append(f"  baseline {versions.baseline.version}, candidate {versions.candidate.version}    seed {plan.migration.seed}")
    return "\n".join([*lines, f"  again: {record.repeat}", f"  evidence: {out}"])


def _finding(finding: Finding) -> list[str]:
    often = f" ({finding.count} times)" if finding.count > 1 else ""
    lines = [f"    {finding.where}: {finding.what}{often}"]
    if finding.baseline or finding.candidate:
        shown = [_short(finding.baseline), _short(finding.candidate)]
        lines.append(f"      baseline {shown[0]}    candidate {shown[1]}")
    if finding.reason:
        lines.append(f"      {_short(finding.reason)}")
    if finding.examples:
        lines.append(f"      such as {_short(', '.join(finding.examples))}")
    return lines


def _short(text: str) -> str:
    return textwrap.shorten(text, 160, placeholder=" …") if text else "(nothing)"


def summary_lines(verdict: Verdict, out: Path) -> list[tuple[str, dict[str, Any]]]:
    """The verdict as (line, markup) pairs: word, gates, only what does not hold, what to do, where the evidence is."""
    bold = {**_COLOURS[verdict.word], "bold": True}
    lines: list[tuple[str, dict[str, Any]]] = [(f"{verdict.word}  {verdict.reason}"[:240], bold)]
    lines += [(_gate_line(gate), _COLOURS[gate.word]) for gate in verdict.gates]
    broken = [item for gate in verdict.gates for item in gate.criteria if item.outcome not in (Outcome.PASSED,)]
    lines += [(f"  {item.outcome:<12} {item.id}: {item.reason}"[:240], {}) for item in broken[:_MOST]]
    loose = [check for check in verdict.checks if check.outcome is not Outcome.PASSED]
    lines += [(f"  {check.outcome:<12} {check.id}: {check.reason}"[:240], {}) for check in loose[:_MOST]]
    if len(loose) > _MOST:
        lines.append((f"  … and {len(loose) - _MOST} more checks that do not hold", {}))
    lines += [(f"  trouble      {text}"[:240], {"red": True}) for text in verdict.trouble]
    lines += [(f"  does not apply: {len(verdict.not_applicable)} case(s), listed in verdict.json", {})] if verdict.not_applicable else []
    again = next((check.repeat for check in loose if check.repeat), "")
    lines += [(f"again: {again}", {})] if again else []
    return [*lines, (f"evidence: {out / 'verdict.json'}", {}), (f"exit code {verdict.exit_code}", {})]


def _gate_line(gate: GateRecord) -> str:
    held = sum(item.outcome is Outcome.PASSED for item in gate.criteria)
    counted = f"{held}/{len(gate.criteria)} criteria hold, {gate.checks_ran}/{gate.checks_expected} checks ran"
    return f"  {gate.word:<13} {gate.id} ({gate.phase}): {counted}"
