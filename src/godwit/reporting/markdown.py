"""The verdict as Markdown for job summaries and pull requests: verdict first, then gates, rows, and what does not hold."""

from collections.abc import Iterable, Mapping, Sequence

from godwit.reporting.counting import HOLDS, accepted_checks, counted_rows, shown_outcome
from godwit.reporting.plain import cell, code
from godwit.verdict import Cause, CheckRecord, CriterionRecord, GateRecord, Measurement, RowRecord, RuleRecord, Verdict

_MOST_LINES = 100
_MOST_ROWS = 500
_MOST_FINDINGS = 3


def markdown(verdict: Verdict) -> str:
    """The verdict in one document; capped, because job summaries are."""
    name = str(verdict.run.get("migration", ""))
    lines = [f"# {verdict.word}: {cell(name)}" if name else f"# {verdict.word}", "", cell(verdict.reason)]
    if verdict.gates:
        lines += ["", *_table(("gate", "phase", "verdict", "measured", "why"), map(_gate, verdict.gates))]
    for gate in verdict.gates:
        lines += ["", f"## {cell(gate.title)}: {gate.word}", ""]
        lines += _table(
            ("criterion", "outcome", "limit", "actual", "baseline", "n", "why"), map(_criterion, gate.criteria)
        )
    lines += [*_trouble(verdict.trouble), *_causes(verdict.causes), *_broken(verdict), *_rows(verdict.rows)]
    lines += [*_rules(verdict.rules), *_not_applicable(verdict.not_applicable), *_run(verdict.run)]
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), "|" + "---|" * len(head), *(_line([cell(part) for part in row]) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _gate(gate: GateRecord) -> Sequence[str]:
    return gate.id, gate.phase, gate.word, f"{gate.checks_ran}/{gate.checks_expected}", gate.reason


def _criterion(item: CriterionRecord) -> Sequence[str]:
    n = str(item.actual.n) if item.actual else ""
    return item.sentence, item.outcome, item.limit, _measured(item.actual), _measured(item.baseline), n, item.reason


def _measured(found: Measurement | None) -> str:
    if found is None:
        return ""
    around = f" ({found.interval.low:g} to {found.interval.high:g})" if found.interval else ""
    return f"{found.value:g} {found.unit}{around}"


def _trouble(trouble: Sequence[str]) -> list[str]:
    return ["", "## Trouble", "", *(f"- {cell(text)}" for text in trouble)] if trouble else []


def _causes(causes: Sequence[Cause]) -> list[str]:
    """What is behind the findings, where it is behind several."""
    told = [cause for cause in causes if cause.count > 1]
    if not told:
        return []
    table = _table(
        ("cause", "where", "baseline", "candidate", "places", "checks", "such as"), map(_cause, told[:_MOST_LINES])
    )
    more = [f"… and {len(told) - _MOST_LINES} more in verdict.json"] if len(told) > _MOST_LINES else []
    return ["", f"## Causes behind several findings ({len(told)})", "", *table, *more]


def _cause(cause: Cause) -> Sequence[str]:
    what = f"{cause.what}: {cause.reason}" if cause.reason else cause.what
    sides = (cause.baseline, cause.candidate)
    return what, cause.where, *sides, str(cause.count), str(len(cause.checks)), f"{cause.checks[0]} {cause.examples[0]}"


def _broken(verdict: Verdict) -> list[str]:
    broken = [check for check in verdict.checks if check.outcome not in HOLDS]
    if not broken:
        return []
    accepted = accepted_checks(verdict)
    lines = ["", f"## What does not hold ({len(broken)} of {len(verdict.checks)} checks)", ""]
    lines += [line for check in broken[:_MOST_LINES] for line in _check(check, shown_outcome(check, accepted))]
    more = len(broken) - _MOST_LINES
    return [*lines, f"- … and {more} more in verdict.json"] if more > 0 else lines


def _check(check: CheckRecord, outcome: str) -> list[str]:
    shown = check.findings[:_MOST_FINDINGS]
    found = [cell(f"{item.what} at {item.where}: {item.baseline} / {item.candidate}") for item in shown]
    return [f"- **{outcome}** {code(check.id)}: {cell(check.reason)}", *(f"    - {line}" for line in found)]


def _rows(rows: Sequence[RowRecord]) -> list[str]:
    """Every row with what answered it; where there are too many, those that hold go last and are cut off."""
    if not rows:
        return []
    first = rows if len(rows) <= _MOST_ROWS else sorted(rows, key=lambda row: row.outcome in HOLDS)[:_MOST_ROWS]
    table = _table(
        ("row", "statement", "answer", "outcome", "why"),
        ((row.id, row.statement, row.answer, row.outcome, row.reason) for row in first),
    )
    more = [f"… and {len(rows) - _MOST_ROWS} more in verdict.json"] if len(rows) > _MOST_ROWS else []
    return ["", f"## Rows of the criteria file ({len(rows)}): {counted_rows(rows)}", "", *table, *more]


def _rules(rules: Sequence[RuleRecord]) -> list[str]:
    """How many differences each rule for noise let through; one that never had to is worth a look."""
    if not rules:
        return []
    told = [f"- {code(it.rule)}: {it.fired or 'never fired in this run'}" for it in rules[:_MOST_LINES]]
    more = [f"- … and {len(rules) - _MOST_LINES} more in verdict.json"] if len(rules) > _MOST_LINES else []
    return ["", "## Differences that rules let through", "", *told, *more]


def _not_applicable(lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    shown = [f"- {cell(line)}" for line in lines[:_MOST_LINES]]
    more = [f"- … and {len(lines) - _MOST_LINES} more in verdict.json"] if len(lines) > _MOST_LINES else []
    return ["", f"## What does not apply ({len(lines)})", "", *shown, *more]


def _run(run: Mapping[str, object]) -> list[str]:
    told = [f"- {cell(key)}: {code(str(value))}" for key, value in run.items() if value != ""]
    return ["", "## The run", "", *told] if told else []
