"""From a test's end to a check record, and from a record to what travels between processes on a report and back."""

import shlex
from collections.abc import Sequence

import pytest
from pydantic import TypeAdapter

from godwit.session import Check, Setting, storable
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

_ADAPTER = TypeAdapter(CheckRecord)


def record_of(
    check: Check,
    repeat: str,
    secrets: Sequence[str],
    report: pytest.TestReport,
    excinfo: pytest.ExceptionInfo[BaseException] | None,
    heard: Sequence[Judgement],
) -> CheckRecord:
    """Say what a check ended with; `repeat` is what stands before its id in the command that repeats it.

    A test that passed but asserted no judgement is errored: a check that cannot fail is no check. So is any exception
    that is neither a broken promise nor an unsettled one.
    """
    judgement = _judgement(report, excinfo, heard)
    record = CheckRecord(
        check.id, check.promise.suite, check.promise.sentence, check.phase, judgement.outcome, judgement.reason,
        report.duration, judgement.findings, judgement.actual, judgement.baseline, judgement.limit,
        judgement.n_needed, f"{repeat} {shlex.quote(check.id.partition('/')[2])}", judgement.rules,
    )  # fmt: skip
    return storable(record, secrets) if secrets else record


def repeat_command(setting: Setting) -> str:
    """The command that repeats a check and the steps that lead to it, without the check's id at its end."""
    words = ["godwit", "verify", str(setting.plan.path), "--profile", setting.profile]
    words += ["--candidate-as", "baseline"] if setting.candidate_as_baseline else []
    words += ["--defect", setting.defect] if setting.defect else []
    words += ["--seed", str(setting.seed)] if setting.seed is not None else []
    words += [word for host in setting.allow for word in ("--allow", host)]
    return shlex.join([*words, "--check"])


def test_id(check: Check) -> str:
    """What stands in brackets behind the name of a check's test: only signs that `-k` takes."""
    return f"{check.phase}-{check.case}".removesuffix("-").replace("=", ":")


def put_on(report: pytest.TestReport, record: CheckRecord, *, travels: bool) -> None:
    """Put a record on a report: an attribute, which no other report shows as a property. As text it travels with xdist."""
    report.godwit_record = _ADAPTER.dump_json(storable(record, ())).decode() if travels else record  # type: ignore[attr-defined]


def records_in(report: pytest.TestReport) -> list[CheckRecord]:
    """The record that a report carries, if it does."""
    found: CheckRecord | str | None = getattr(report, "godwit_record", None)
    if found is None:
        return []
    return [_ADAPTER.validate_json(found) if isinstance(found, str) else found]


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
    if error is not None or report.failed:  # a strict xfail that passed fails without an exception
        how = f"{type(error).__name__}: {error}" if error else report.longreprtext
        return Judgement(Outcome.ERRORED, f"{report.when} ended in {how}")
    if hasattr(report, "wasxfail"):
        return inconclusive(f"xfail: {report.wasxfail}")
    if not heard:
        return Judgement(Outcome.ERRORED, "the test passed without asserting any judgement")
    return all_of(heard)
