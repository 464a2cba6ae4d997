"""The verdict as Markdown for job summaries and pull requests: verdict first, then gates, then what does not hold."""

from godwit.verdict import CheckRecord, GateRecord, Outcome, Verdict

_MOST_LINES = 100
_HOLDS = (Outcome.PASSED, Outcome.WAIVED)


def markdown(verdict: Verdict) -> str:
    """The verdict in one document; capped, because job summaries are."""
    lines = [f"# {verdict.word}: {verdict.run.get('migration', '')}", "", _plain(verdict.reason), ""]
    lines += ["| gate | phase | verdict | measured | why |", "|---|---|---|---|---|"]
    lines += [_gate_row(gate) for gate in verdict.gates]
    for gate in verdict.gates:
        lines += ["", f"## {gate.title}: {gate.word}", "", *_criteria(gate)]
    broken = [check for check in verdict.checks if check.outcome not in _HOLDS]
    if broken:
        lines += ["", f"## What does not hold ({len(broken)} of {len(verdict.checks)} checks)", ""]
        lines += [_check_line(check) for check in broken[:_MOST_LINES]]
        lines += [f"- … and {len(broken) - _MOST_LINES} more in verdict.json"] if len(broken) > _MOST_LINES else []
    lines += [f"- {_plain(text)}" for text in verdict.trouble]
    lines += ["", *(f"- {name}: `{value}`" for name, value in verdict.run.items())]
    return "\n".join(lines) + "\n"


def _gate_row(gate: GateRecord) -> str:
    return f"| {gate.id} | {gate.phase} | {gate.word} | {gate.checks_ran}/{gate.checks_expected} | {_plain(gate.reason)} |"


def _criteria(gate: GateRecord) -> list[str]:
    head = ["| criterion | outcome | limit | actual | baseline | n | why |", "|---|---|---|---|---|---|---|"]
    rows = []
    for item in gate.criteria:
        actual = f"{item.actual.value:g} {item.actual.unit}" if item.actual else ""
        if item.actual and item.actual.interval:
            actual += f" ({item.actual.interval.low:g} to {item.actual.interval.high:g})"
        baseline = f"{item.baseline.value:g} {item.baseline.unit}" if item.baseline else ""
        n = str(item.actual.n) if item.actual else ""
        cells = (item.sentence, item.outcome, item.limit, actual, baseline, n, item.reason)
        rows.append("| " + " | ".join(_plain(str(cell)) for cell in cells) + " |")
    return head + rows


def _check_line(check: CheckRecord) -> str:
    found = "".join(f"\n    - {_plain(f'{f.what} at {f.where}: {f.baseline} / {f.candidate}')}" for f in check.findings[:3])
    return f"- **{check.outcome}** `{check.id}`: {_plain(check.reason)}{found}"


def _plain(text: str) -> str:
    """Text that stays text in a table cell of Markdown."""
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("\n", " "), ("\r", " ")):
        text = text.replace(sign, entity)
    return text[:500]
