"""What an Allure result says of a check beyond its name: status, reason, figures, findings as steps, files; it decides nothing."""

import csv
import io
from collections.abc import Callable
from typing import Any

from allure_commons.model2 import Attachment, Parameter, Status, StatusDetails, TestStepResult
from allure_commons.utils import md5

from godwit.reporting.allure_evidence import Evidence, Exhibit
from godwit.reporting.plain import one_line, visible
from godwit.verdict import CheckRecord, Finding, Measurement, Outcome

Keep = Callable[[Exhibit], Attachment]
"""Writes a file beside the results; gives what a result says of it."""

STATUS = {
    Outcome.PASSED: Status.PASSED,
    Outcome.FAILED: Status.FAILED,
    Outcome.SKIPPED: Status.SKIPPED,
    Outcome.WAIVED: Status.SKIPPED,
    Outcome.INCONCLUSIVE: Status.BROKEN,
    Outcome.ERRORED: Status.BROKEN,
}
_MOST_STEPS = 12
_WIDE = 300
_COLUMNS = ("what", "where", "baseline", "candidate", "reason", "count", "examples")


def name_by_check(result: Any, check: str) -> None:
    """Name a result by its check alone, so that a history does not care where the check's file lies.

    Its title, the promise until now, tells the checks of one promise apart: what it is about, the promise, the phase.
    """
    cases = check.split("/", maxsplit=3)[3:]
    phases = [f"({phase})" for phase in check.split("/")[1:2]]
    result.name = " ".join([*(f"{case}:" for case in cases), result.name, *phases])
    result.fullName = check
    result.testCaseId = result.historyId = md5(check)  # type: ignore[no-untyped-call]
    result.titlePath = check.split("/")[:-1]
    result.parameters = [Parameter(name="case", value=case) for case in cases]


def end_by_record(result: Any, record: CheckRecord, text: str, evidence: Evidence, keep: Keep) -> None:
    """End a result as its check ended: status, reason, `text` as its trace, figures, findings, what else there is of it."""
    result.status = STATUS[record.outcome]
    result.statusDetails = StatusDetails(message=visible(record.reason), trace=text or None)
    # Excluded: a figure that changes must not make another test of it.
    result.parameters += [Parameter(name, one_line(text, _WIDE), excluded=True) for name, text in _figures(record)]
    result.steps += [_step(finding, result.start, result.stop) for finding in record.findings[:_MOST_STEPS]]
    if record.findings:
        result.attachments.append(keep(Exhibit("findings", _table(record.findings), "text/csv", "csv")))
    result.attachments += [keep(exhibit) for exhibit in evidence.of(record)]


def _figures(record: CheckRecord) -> list[tuple[str, str]]:
    told = [("limit", record.limit), ("measured", _measured(record.actual)), ("baseline", _measured(record.baseline))]
    needed = str(record.n_needed) if record.n_needed else ""
    return [(name, text) for name, text in (*told, ("samples that would settle it", needed)) if text]


def _measured(found: Measurement | None) -> str:
    if found is None:
        return ""
    interval = found.interval
    between = f", {interval.low:g} to {interval.high:g} at {interval.level:.0%}" if interval else ""
    return f"{found.metric} {found.value:g} {found.unit}".rstrip() + f" (n {found.n}{between})"


def _step(finding: Finding, start: int, stop: int) -> Any:
    often = f" ({finding.count} times)" if finding.count > 1 else ""
    told = {
        "baseline": finding.baseline,
        "candidate": finding.candidate,
        "why": finding.reason,
        "such as": ", ".join(finding.examples),
    }
    parameters = [Parameter(name, one_line(text, _WIDE)) for name, text in told.items() if text]
    name = f"{one_line(finding.what, _WIDE)} at {one_line(finding.where, _WIDE)}{often}"
    return TestStepResult(name=name, status=Status.FAILED, parameters=parameters, start=start, stop=stop)


def _table(findings: tuple[Finding, ...]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for it in findings:
        row = (it.what, it.where, it.baseline, it.candidate, it.reason, str(it.count), ", ".join(it.examples))
        writer.writerow([visible(cell) for cell in row])
    return text.getvalue().encode()
