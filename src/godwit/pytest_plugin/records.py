"""From a test's end to a check record, and from a record to a property that travels between processes and back."""

from collections.abc import Sequence

import pytest
from pydantic import TypeAdapter

from godwit.session import Check, Setting
from godwit.verdict import (
    CheckRecord,
    GodwitError,
    Judgement,
    NotSettled,
    Outcome,
    PromiseBroken,
    all_of,
    inconclusive,
)

PROPERTY = "godwit"
_ADAPTER = TypeAdapter(CheckRecord)


def record_of(
    check: Check,
    setting: Setting,
    report: pytest.TestReport,
    excinfo: pytest.ExceptionInfo[BaseException] | None,
    heard: Sequence[Judgement],
) -> CheckRecord:
    """Say what a check ended with.

    A test that passed but asserted no judgement is errored: a check that cannot fail is no check. So is any exception
    that is neither a broken promise nor an unsettled one.
    """
    judgement = _judgement(report, excinfo, heard)
    return CheckRecord(
        check.id, check.promise.suite, check.promise.sentence, check.phase, judgement.outcome, judgement.reason,
        report.duration, judgement.findings, judgement.actual, judgement.baseline, judgement.limit,
        judgement.n_needed, repeat_command(check, setting),
    )  # fmt: skip


def repeat_command(check: Check, setting: Setting) -> str:
    """The command that repeats this check and the steps that lead to it."""
    words = ["godwit verify", str(setting.plan.path), "--phase", check.phase, "--profile", setting.profile]
    words += ["--candidate-as baseline"] if setting.candidate_as_baseline else []
    words += ["--defect", setting.defect] if setting.defect else []
    wanted = f"{check.promise.function} and {check.phase}-{check.case}" if check.case else check.promise.function
    return f"{' '.join(words)} -k '{wanted}'"


def property_of(record: CheckRecord) -> tuple[str, str]:
    """A record as a property of a report."""
    return PROPERTY, _ADAPTER.dump_json(record).decode()


def records_in(report: pytest.TestReport) -> list[CheckRecord]:
    """The records that a report carries."""
    return [_ADAPTER.validate_json(str(value)) for name, value in report.user_properties if name == PROPERTY]


def _judgement(
    report: pytest.TestReport, excinfo: pytest.ExceptionInfo[BaseException] | None, heard: Sequence[Judgement]
) -> Judgement:
    error = excinfo.value if excinfo else None
    if isinstance(error, PromiseBroken | NotSettled):
        return error.judgement
    if report.skipped:
        return Judgement(Outcome.SKIPPED, f"skipped: {error or report.longreprtext}")
    if isinstance(error, AssertionError):
        return Judgement(Outcome.FAILED, str(error) or "an assertion failed")
    if isinstance(error, GodwitError):
        return Judgement(Outcome.ERRORED, str(error))
    if error is not None:
        return Judgement(Outcome.ERRORED, f"{report.when} ended in {type(error).__name__}: {error}")
    if hasattr(report, "wasxfail"):
        return inconclusive(f"xfail: {report.wasxfail}")
    if not heard:
        return Judgement(Outcome.ERRORED, "the test passed without asserting any judgement")
    return all_of(heard)
