"""The verdict as Markdown for job summaries and pull requests: verdict first, then gates, rows, and what does not hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from godwit.plan import is_link
from godwit.reporting.counting import HOLDS, accepted_checks, counted_rows, quantity, shown_outcome, shown_word
from godwit.reporting.plain import cell, code
from godwit.verdict import (
    Cause,
    CheckRecord,
    CriterionRecord,
    GateRecord,
    Outcome,
    RowRecord,
    RuleRecord,
    Verdict,
    WayBack,
)

MOST = 200_000
"""Bytes of one document; GitHub drops a job summary of 1 MiB whole, and each step that appends to it counts."""
_NOTE = 60
_MOST_LINES = 100
_MOST_ROWS = 500
_MOST_FINDINGS = 3


def markdown(verdict: Verdict, most: int = MOST) -> str:
    """The verdict in one document of at most `most` bytes, because job summaries and comments are limited.

    Word, reason, gates and the criteria that do not hold come first; the rest is folded away, and cut where it is too long.
    """
    name = str(verdict.run.get("migration", ""))
    lines = [f"# {verdict.word}: {cell(name)}" if name else f"# {verdict.word}", "", cell(verdict.reason)]
    lines += [
        *_gates(verdict),
        *_way_back(verdict.way_back),
        *_asked(verdict, holding=False),
        *_trouble(verdict.trouble),
    ]
    told = _cut(lines, most)
    for title, inside in _folded(verdict):
        told += _fold(title, inside, most - _size(told))
    return "\n".join(told) + "\n"


def _folded(verdict: Verdict) -> Iterator[tuple[str, list[str]]]:
    """What is folded away, each part with its title; our own words, which need no care."""
    broken, held = (sum((check.outcome in HOLDS) is holds for check in verdict.checks) for holds in (False, True))
    yield f"Checks that do not hold ({broken} of {broken + held})", _broken(verdict)
    yield "Causes behind several findings", _causes(verdict.causes)
    yield "Criteria that hold", _asked(verdict, holding=True)
    yield f"Rows of the criteria file: {counted_rows(verdict.rows)}", _rows(verdict.rows)
    yield "Links that the plan names", _links(verdict)
    yield "Differences that rules let through", _rules(verdict.rules)
    yield f"What does not apply ({len(verdict.not_applicable)})", _not_applicable(verdict.not_applicable)
    yield "The run", _run(verdict.run)


def _fold(title: str, lines: Sequence[str], left: int) -> list[str]:
    head, foot = ["", "<details>", f"<summary>{title}</summary>", ""], ["", "</details>"]
    inside = _cut(lines, left - _size([*head, *foot]))
    return [*head, *inside, *foot] if inside else []


def _cut(lines: Sequence[str], left: int) -> list[str]:
    """As many lines as there is room for, and how many are left out."""
    if _size(lines) <= left:
        return list(lines)
    if left < _NOTE:
        return []
    so_far = accumulate(map(_bytes, lines))
    kept = [line for line, size in zip(lines, so_far, strict=True) if size <= left - _NOTE]
    return [*kept, "", f"… and {len(lines) - len(kept)} more lines in verdict.json"]


def _size(lines: Sequence[str]) -> int:
    return sum(map(_bytes, lines))


def _bytes(line: str) -> int:
    return len(line.encode()) + 1


def _gates(verdict: Verdict) -> list[str]:
    if not verdict.gates:
        return []
    head = ("gate", "phase", "verdict", "measured", "why")
    return ["", *_table(head, [_gate(gate, shown_word(gate, verdict.checks)) for gate in verdict.gates])]


def _way_back(way: WayBack | None) -> list[str]:
    """Where no runbook leads back any more; nothing where the plan has a way back from everywhere."""
    if way is None or not (way.until or way.without):
        return []
    point = (
        [f"Point of no return: after {code(way.until)} (this run {way.place}): {cell(way.why)}"] if way.until else []
    )
    without = [f"No runbook leads back from {cell(', '.join(way.without))}."] if way.without else []
    return ["", *"\n\n".join([*point, *without]).split("\n")]


def _asked(verdict: Verdict, *, holding: bool) -> list[str]:
    """The criteria that hold, or those that do not."""
    found = [(gate, item) for gate in verdict.gates for item in gate.criteria]
    rows = [_criterion(gate, item) for gate, item in found if (item.outcome is Outcome.PASSED) is holding]
    head = ("gate", "criterion", "outcome", "limit", "actual", "baseline", "n", "why")
    return [*([] if holding else ["", "## Criteria that do not hold", ""]), *_table(head, rows)] if rows else []


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(head), "|" + "---|" * len(head), *(_line([cell(part) for part in row]) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _gate(gate: GateRecord, word: str) -> Sequence[str]:
    return gate.id, gate.phase, word, f"{gate.checks_ran}/{gate.checks_expected}", gate.reason


def _criterion(gate: GateRecord, item: CriterionRecord) -> Sequence[str]:
    n = str(item.actual.n) if item.actual else ""
    sides = (quantity(item.actual), quantity(item.baseline))
    return gate.id, item.sentence, item.outcome, item.limit, *sides, n, item.reason


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
    return [*table, *more]


def _cause(cause: Cause) -> Sequence[str]:
    what = f"{cause.what}: {cause.reason}" if cause.reason else cause.what
    sides = (cause.baseline, cause.candidate)
    return what, cause.where, *sides, str(cause.count), str(len(cause.checks)), f"{cause.checks[0]} {cause.examples[0]}"


def _broken(verdict: Verdict) -> list[str]:
    broken = [check for check in verdict.checks if check.outcome not in HOLDS]
    if not broken:
        return []
    accepted = accepted_checks(verdict)
    lines = [line for check in broken[:_MOST_LINES] for line in _check(check, shown_outcome(check, accepted))]
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
    return [*table, *more]


def _links(verdict: Verdict) -> list[str]:
    """Where people read more about criteria and waivers; an address that may not be linked stays text."""
    asked = [item for gate in verdict.gates for item in gate.criteria]
    told = [(item.sentence, item.link) for item in asked]
    told += [(f"waiver of {item.sentence}", item.waiver_link) for item in asked]
    told += [(f"waiver of {row.id}", row.link) for row in verdict.rows]
    lines = [f"- {cell(what)}: {f'<{link}>' if is_link(link) else code(link)}" for what, link in told if link]
    more = [f"- … and {len(lines) - _MOST_LINES} more in verdict.json"] if len(lines) > _MOST_LINES else []
    return [*lines[:_MOST_LINES], *more]


def _rules(rules: Sequence[RuleRecord]) -> list[str]:
    """How many differences each rule for noise let through; one that never had to is worth a look."""
    if not rules:
        return []
    told = [f"- {code(it.rule)}: {it.fired or 'never fired in this run'}" for it in rules[:_MOST_LINES]]
    more = [f"- … and {len(rules) - _MOST_LINES} more in verdict.json"] if len(rules) > _MOST_LINES else []
    return [*told, *more]


def _not_applicable(lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    shown = [f"- {cell(line)}" for line in lines[:_MOST_LINES]]
    more = [f"- … and {len(lines) - _MOST_LINES} more in verdict.json"] if len(lines) > _MOST_LINES else []
    return [*shown, *more]


def _run(run: Mapping[str, object]) -> list[str]:
    return [f"- {cell(key)}: {code(str(value))}" for key, value in run.items() if value != ""]
