"""The verdict as JUnit XML: one test case for the verdict, each criterion, each check and each row; only what holds is a pass."""

import xml.etree.ElementTree as ET
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from godwit.reporting.counting import accepted_checks, quantity, shown_outcome
from godwit.reporting.plain import one_line, visible
from godwit.reporting.terminal import finding_lines
from godwit.verdict import CheckRecord, CriterionRecord, Outcome, RowRecord, Verdict, Word

_MOST, _LONG, _FINDINGS = 300, 4000, 12
_TAGS = {
    Outcome.FAILED: "failure",
    Outcome.ERRORED: "error",
    Outcome.INCONCLUSIVE: "error",
    Outcome.WAIVED: "skipped",
    Outcome.SKIPPED: "skipped",
}
_OUTCOMES = {Word.GO: Outcome.PASSED, Word.NO_GO: Outcome.FAILED, Word.INCONCLUSIVE: Outcome.INCONCLUSIVE}


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: what it belongs to, its name, how it ended, and what there is to say of it."""

    within: str
    name: str
    outcome: Outcome
    reason: str
    text: str = ""
    seconds: float = 0.0


def junit(verdict: Verdict) -> bytes:
    """The document. What could not be told is an error there, what was accepted is skipped."""
    name = str(verdict.run.get("migration", "")) or verdict.run_id
    suites = {
        "verdict": list(_whole(verdict, name)),
        "criteria": [_of_criterion(item, f"{name}.{gate.id}") for gate in verdict.gates for item in gate.criteria],
        "checks": list(_of_checks(verdict)),
        "rows": [_of_row(row, name) for row in verdict.rows],
    }
    root = ET.Element("testsuites", _counts(f"godwit {name}", [case for cases in suites.values() for case in cases]))
    for title, cases in suites.items():
        if cases:
            _suite(root, title, cases, str(verdict.run.get("started", "")))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _whole(verdict: Verdict, name: str) -> Iterator[_Case]:
    """The verdict itself, so that no file says that all is well where it is not; and what went wrong outside any check."""
    yield _Case(name, "verdict", _OUTCOMES[verdict.word], f"{verdict.word}: {verdict.reason}")
    for number, text in enumerate(verdict.trouble, 1):
        yield _Case(name, f"trouble {number}", Outcome.ERRORED, text)


def _of_criterion(item: CriterionRecord, within: str) -> _Case:
    told = (item.sentence, item.reason, _figures(item))
    outcome = Outcome.INCONCLUSIVE if item.outcome is Outcome.SKIPPED else item.outcome
    return _Case(within, item.id, outcome, item.reason, "\n".join(filter(None, told)))


def _of_checks(verdict: Verdict) -> Iterator[_Case]:
    accepted = accepted_checks(verdict)
    for check in verdict.checks:
        migration, _, rest = check.id.partition("/")
        phase, _, promise = rest.partition("/")
        told = [
            check.sentence,
            check.reason,
            *_found(check),
            _figures(check),
            check.repeat and f"again: {check.repeat}",
        ]
        text = "\n".join(filter(None, told))
        yield _Case(
            f"{migration}.{phase}", promise or check.id, _ended(check, accepted), check.reason, text, check.seconds
        )


def _ended(check: CheckRecord, accepted: Collection[str]) -> Outcome:
    """How a check ended. One that was skipped was to run: no reader of the file may take it for accepted."""
    alone = (Outcome.SKIPPED, Outcome.WAIVED)
    return Outcome.INCONCLUSIVE if check.outcome in alone else Outcome(shown_outcome(check, accepted))


def _found(check: CheckRecord) -> list[str]:
    more = len(check.findings) - _FINDINGS
    lines = [line for finding in check.findings[:_FINDINGS] for line in finding_lines(finding)]
    return [*lines, f"    … and {more} more findings in verdict.json"] if more > 0 else lines


def _of_row(row: RowRecord, name: str) -> _Case:
    return _Case(f"{name}.rows", row.id, row.outcome, row.reason, f"{row.statement}\n{row.answer}: {row.reason}")


def _figures(of: CheckRecord | CriterionRecord) -> str:
    told = (("limit", of.limit), ("actual", quantity(of.actual)), ("baseline", quantity(of.baseline)))
    return "; ".join(f"{name} {text}" for name, text in told if text)


def _suite(root: ET.Element, title: str, cases: Iterable[_Case], started: str) -> None:
    listed = list(cases)
    suite = ET.SubElement(root, "testsuite", {**_counts(title, listed), "skipped": str(_of(listed, "skipped"))})
    if started:
        suite.set("timestamp", started)
    for case in listed:
        words = {"classname": one_line(case.within, _MOST), "name": one_line(case.name, _MOST)}
        element = ET.SubElement(suite, "testcase", {**words, "time": f"{case.seconds:.3f}"})
        if tag := _TAGS.get(case.outcome):
            ended = ET.SubElement(element, tag, {"type": str(case.outcome), "message": one_line(case.reason, _MOST)})
            ended.text = visible(case.text[:_LONG]) or None


def _counts(name: str, cases: list[_Case]) -> dict[str, str]:
    counted = {"tests": len(cases), "failures": _of(cases, "failure"), "errors": _of(cases, "error")}
    time = sum(case.seconds for case in cases)
    return {"name": one_line(name, _MOST), **{key: str(n) for key, n in counted.items()}, "time": f"{time:.3f}"}


def _of(cases: list[_Case], tag: str) -> int:
    return sum(_TAGS.get(case.outcome) == tag for case in cases)
