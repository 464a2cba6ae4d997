"""One criterion, check or row in words: what was asked, measured and judged, and what would settle it; it judges nothing again."""

import difflib
import re
import shlex
from collections.abc import Iterator, Sequence

from godwit.checks import settle
from godwit.reporting.plain import one_line, visible
from godwit.reporting.terminal import finding_lines
from godwit.verdict import (
    CheckRecord,
    CriterionRecord,
    GateRecord,
    HarnessError,
    Measurement,
    Outcome,
    RowRecord,
    Verdict,
)

_MOST, _WIDE = 8, 240
_LIMIT = re.compile(r"(<=|>=|==|<|>) (-?\d\S*)")
_LIES = {
    Outcome.PASSED: "its whole interval lies within the limit",
    Outcome.FAILED: "its whole interval lies beyond the limit",
    Outcome.INCONCLUSIVE: "its interval reaches across the limit",
}


def explanation(verdict: Verdict, name: str) -> list[str]:
    """Explain a criterion, a check (with or without the migration before it) or a row; HarnessError for an unknown name."""
    parts = [
        *(list(_criterion(verdict, gate, item)) for gate in verdict.gates for item in gate.criteria if item.id == name),
        *(list(_check(verdict, check)) for check in verdict.checks if name in _names(check)),
        *(list(_row(row)) for row in verdict.rows if row.id == name),
    ]
    if not parts:
        raise HarnessError(_unknown(verdict, name))
    return [line for part in parts for line in (*part, "")][:-1]


def _unknown(verdict: Verdict, name: str) -> str:
    known = [item.id for gate in verdict.gates for item in gate.criteria]
    known += [*(each for check in verdict.checks for each in _names(check)), *(row.id for row in verdict.rows)]
    near = [each for each in known if each.endswith(f"/{name}")] or difflib.get_close_matches(name, known, 3, 0.5)
    criteria = ", ".join(dict.fromkeys(known[:_MOST])) or "nothing"
    hint = f"did you mean {' or '.join(dict.fromkeys(near[:3]))}?" if near else f"it has {criteria}, …"
    return f"run {verdict.run_id} has no criterion, check or row '{name}'; {hint}"


def _names(check: CheckRecord) -> tuple[str, str]:
    return check.id, check.id.partition("/")[2]


def _criterion(verdict: Verdict, gate: GateRecord, item: CriterionRecord) -> Iterator[str]:
    """A criterion of a gate, with the checks that answer it: those that do not hold, or the one that there is."""
    checks = [check for check in verdict.checks if check.id in item.checks]
    yield _head(item.id, f"{item.outcome}    criterion of gate {gate.id}, phase {gate.phase}, {item.severity}")
    yield _line("asked", item.sentence)
    if item.asked:
        yield _line("", item.asked)
    if item.covers:
        yield _line("", f"covers {', '.join(item.covers)}")
    yield from _measured(item.actual, item.baseline)
    yield _line("judged", f"{item.outcome}: {item.reason}")
    yield from _by_interval(item.outcome, item.actual, item.limit)
    open_ = [check for check in checks if check.outcome is not Outcome.PASSED]
    if checks:
        yield _line("checks", f"{len(checks) - len(open_)} of {len(checks)} passed")
    for check in open_[:_MOST]:
        yield _line("", f"{check.outcome:<12} {check.id}: {check.reason}")
    if len(open_) > _MOST:
        yield _line("", f"… and {len(open_) - _MOST} more in verdict.json")
    yield from _settles(verdict, item, open_)


def _check(verdict: Verdict, check: CheckRecord) -> Iterator[str]:
    yield _head(check.id, f"{check.outcome}    check of phase {check.phase}, suite {check.suite}")
    yield _line("asked", check.sentence)
    yield from _measured(check.actual, check.baseline)
    yield _line("judged", f"{check.outcome}: {check.reason}")
    yield from _by_interval(check.outcome, check.actual, check.limit)
    for finding in check.findings[:_MOST]:
        yield from (visible(line) for line in finding_lines(finding))
    if len(check.findings) > _MOST:
        yield _line("", f"… and {len(check.findings) - _MOST} more findings in verdict.json")
    answers = [item.id for gate in verdict.gates for item in gate.criteria if check.id in item.checks]
    yield _line("answers", ", ".join(dict.fromkeys(answers)) or "no criterion; the gate of its phase counts it")
    yield from _settles(verdict, check, [check])


def _row(row: RowRecord) -> Iterator[str]:
    yield _head(f"row {row.id}", str(row.outcome))
    yield _line("asked", row.statement)
    yield _line("", f"answered by {row.answer or 'nothing'}")
    yield _line("judged", f"{row.outcome}: {row.reason}")


def _measured(actual: Measurement | None, baseline: Measurement | None) -> Iterator[str]:
    if actual is None:
        return
    yield _line("measured", _figure(actual))
    if baseline is not None:
        yield _line("", f"baseline {_figure(baseline)}")
    if actual.source:
        yield _line("", f"from {actual.source}")


def _figure(found: Measurement) -> str:
    around = ""
    if found.interval:
        interval = found.interval
        around = f", {100 * interval.level:g} % interval {interval.low:.4g} to {interval.high:.4g}"
    return f"{found.metric} {found.value:.4g} {found.unit}".rstrip() + f"{around}, from {found.n} sample(s)"


def _by_interval(outcome: Outcome, actual: Measurement | None, limit: str) -> Iterator[str]:
    """Where the interval lies, if it is the interval that the judgement rests on: a relative limit is judged otherwise."""
    if limit:
        yield _line("", f"limit as applied: {limit}")
    told = _LIMIT.match(limit)
    if actual and actual.interval and told:
        low, high = actual.interval.low, actual.interval.high
        lies = settle(low, high, told[1], float(told[2]))
        if lies is outcome:
            yield _line("", _LIES[lies])


def _settles(verdict: Verdict, item: CriterionRecord | CheckRecord, checks: Sequence[CheckRecord]) -> Iterator[str]:
    """What it would take: nothing, a change, so many samples more, a signature, or the run of what did not run."""
    if item.outcome is Outcome.PASSED:
        yield _line("to settle", "nothing: it is settled")
        return
    if item.outcome is Outcome.WAIVED:
        yield _line(
            "to settle", "nothing until the waiver expires: a failure that is gone, or one accepted too long, fails"
        )
        return
    if item.outcome is Outcome.FAILED:
        yield _line(
            "to settle", "it is settled: the candidate has to change, or its owner to accept the failure (a waiver)"
        )
    elif isinstance(item, CriterionRecord) and not item.checks:
        yield _line("to settle", "what the judgement says is missing: no check of this run can settle it")
    else:
        never_ran = all(not check.repeat for check in checks)
        yield from (_line("to settle", text) for text in _samples(checks) or [_NEVER_RAN if never_ran else _OPEN])
    for check in checks[:_MOST]:
        yield _line("again" if check.repeat else "run", check.repeat or _command(verdict, check))


_NEVER_RAN = "run what did not run"
_OPEN = "repeat it; how many samples that takes cannot be told from what was measured"


def _samples(checks: Sequence[CheckRecord]) -> list[str]:
    told = [(check, check.actual.n if check.actual else 0) for check in checks if check.n_needed]
    return [
        f"about {check.n_needed:,} samples, {max(0, check.n_needed - n):,} more than the {n:,} there were ({check.id})"
        for check, n in told
        if check.n_needed
    ]


def _command(verdict: Verdict, check: CheckRecord) -> str:
    return shlex.join(["godwit", "verify", str(verdict.run.get("plan", "PLAN")), "--check", _names(check)[1]])


def _head(name: str, told: str) -> str:
    return one_line(f"{name}  {told}", _WIDE)


def _line(head: str, text: str) -> str:
    return one_line(f"{head:<10} {text}", _WIDE)
