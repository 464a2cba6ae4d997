"""Completes Allure's results when the verdict is there: what never ran, the verdict itself, its figures; no result twice."""

import datetime as dt
import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allure_commons.model2 import GlobalAttachment, GlobalError, Globals, Label, Status, TestResult
from allure_commons.types import AttachmentType, LinkType

from godwit.checks import METRICS
from godwit.plan import is_link
from godwit.reporting.allure import QuickWriter, result_file, result_id, status_in
from godwit.reporting.allure_content import end_by_record, name_by_check
from godwit.reporting.allure_evidence import Evidence, Exhibit
from godwit.reporting.plain import one_line, visible
from godwit.reporting.properties import decided_labels
from godwit.reporting.terminal import short_failure, summary_lines
from godwit.session.shipped import REPORTS, folder
from godwit.verdict import CheckRecord, CriterionRecord, Outcome, Verdict, Word

CATEGORIES = "allure-categories.json"
_PAGES = {"verdict.html": AttachmentType.HTML, "verdict.md": AttachmentType.TEXT}
_ALL_OF_IT = 1_000_000
_TOLD = ("migration", "baseline", "candidate", "candidate_as", "defect", "profile", "phases", "seed", "plan_sha256",
         "machine", "python", "versions")  # fmt: skip


def complete_allure(verdict: Verdict, results: Path, out: Path, environ: Mapping[str, str]) -> None:
    """Bring a folder of results to what the verdict says; `out` is the run's folder.

    Every check has one result afterwards: one that left none ends as its record says, one whose failure a waiver accepts
    is skipped and known. Collection errors and crashes stand beside the verdict as errors of the whole run.
    """
    writer = QuickWriter(results, verdict.run_id)
    labels, evidence = decided_labels(verdict), Evidence(out)
    at_ms = _started_ms(verdict)
    for check in verdict.checks:
        if _says_too_much(result_file(results, verdict.run_id, check.id), check):
            result = _result(check, verdict.run_id, labels(check), at_ms)
            end_by_record(result, check, short_failure(check), evidence, writer.keep)
            writer.report_result(result)
    for criterion in (criterion for gate in verdict.gates for criterion in gate.criteria):
        _accept(verdict, criterion, results)
        _link(verdict, criterion, results)
    own = (
        results / f"{verdict.run_id}-globals.json"
    )  # by its run, so that it is there once, however often it is written
    writer.write(_globals(verdict, out, writer), own)
    _write(results / f"{verdict.run_id}-perf.json", json.dumps(_metrics(verdict, at_ms)))
    _write(results / "environment.properties", _environment(verdict))
    _write(results / "executor.json", json.dumps(_executor(verdict, at_ms, environ)))
    shutil.copyfile(folder(REPORTS) / CATEGORIES, results / "categories.json")


def _says_too_much(path: Path, check: CheckRecord) -> bool:
    """Whether there is no result, or one that passed while the check did not: its record died with a worker."""
    return not path.exists() or (check.outcome is not Outcome.PASSED and status_in(path) == Status.PASSED)


def _result(check: CheckRecord, run_id: str, labels: Mapping[str, str], at_ms: int) -> Any:
    """The whole result of a check of which pytest told nothing; when it began is not known, only how long it took."""
    stop = at_ms + round(check.seconds * 1000)
    title = check.sentence or "a check that was expected"
    result = TestResult(uuid=result_id(run_id, check.id), name=title, start=at_ms, stop=stop)
    result.labels = [Label(name, text) for name, text in labels.items()]
    name_by_check(result, check.id)
    return result


def _accept(verdict: Verdict, criterion: CriterionRecord, results: Path) -> None:
    """Mark the results of failures that a waiver accepts."""
    if criterion.outcome is not Outcome.WAIVED:
        return
    for check in criterion.checks:
        path = result_file(results, verdict.run_id, check)
        result = json.loads(path.read_text(encoding="utf-8"))
        if result["status"] != "failed":
            continue
        details = result["statusDetails"]
        details |= {"known": True, "message": f"{visible(criterion.waiver)} (was: {details['message']})"}
        result["status"] = "skipped"
        _write(path, json.dumps(result, ensure_ascii=False))


def _link(verdict: Verdict, criterion: CriterionRecord, results: Path) -> None:
    """Give the results of a criterion's checks its link, and that of its waiver, each once however often it is told."""
    told = ((LinkType.TEST_CASE, criterion.link, criterion.id), (LinkType.ISSUE, criterion.waiver_link, "waiver"))
    links = [{"type": kind, "url": url, "name": name} for kind, url, name in told if is_link(url)]
    for check in criterion.checks if links else ():
        path = result_file(results, verdict.run_id, check)
        result = json.loads(path.read_text(encoding="utf-8"))
        known = result.setdefault("links", [])
        known += [link for link in links if link not in known]
        _write(path, json.dumps(result, ensure_ascii=False))


def _globals(verdict: Verdict, out: Path, writer: QuickWriter) -> Globals:
    """The verdict as the run's own error where it is not GO, then its trouble; the pages for people beside them."""
    now = round(dt.datetime.now(dt.UTC).timestamp() * 1000)
    said = "\n".join(line for line, _ in summary_lines(verdict, out))
    errors = [] if verdict.word is Word.GO else [GlobalError(message=_headline(verdict), trace=said, timestamp=now)]
    errors += [GlobalError(message=visible(text), timestamp=now) for text in verdict.trouble]
    attachments = []
    for name, kind in _PAGES.items():
        if (out / name).is_file():
            page = Exhibit(f"{verdict.word}: {name}", (out / name).read_bytes(), kind.mime_type, kind.extension)
            kept = writer.keep(page)
            attachments.append(GlobalAttachment(kept.name, kept.source, kept.type, now))
    return Globals(attachments=attachments, errors=errors)


def _headline(verdict: Verdict) -> str:
    return one_line(f"{verdict.word}: {verdict.reason}", 1000)


def _metrics(verdict: Verdict, at_ms: int) -> list[dict[str, object]]:
    """What was measured, by check; what lies beyond all numbers has no place in JSON and stays with its result."""
    told = []
    for check in verdict.checks:
        found = check.actual
        if found is None or not math.isfinite(found.value):
            continue
        key = check.id.partition("/")[2]
        metric = METRICS.get(found.metric)
        better = {"better": metric.better} if metric else {}
        span = {"start": at_ms, "stop": at_ms + round(check.seconds * 1000)}
        named = {"id": check.id, "key": key, "title": f"{key}: {found.metric}", "group": check.phase}
        told.append({**named, "value": found.value, "unit": found.unit, **better, **span})
    return told


def _environment(verdict: Verdict) -> str:
    told = {"verdict": verdict.word, "run": verdict.run_id} | {name: verdict.run.get(name, "") for name in _TOLD}
    return "".join(f"{name}={_property(str(text))}\n" for name, text in told.items() if text != "")


def _property(text: str) -> str:
    """A value as files of properties spell it, which is as JSON spells it in ASCII."""
    return json.dumps(one_line(text, 500))[1:-1]


def _executor(verdict: Verdict, at_ms: int, environ: Mapping[str, str]) -> dict[str, object]:
    """Who ran it: a pipeline, as it names itself in the environment, or godwit."""
    for kind, name, mark, url in (
        (
            "github",
            "GitHub Actions",
            "GITHUB_RUN_ID",
            "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
        ),
        ("gitlab", "GitLab CI", "GITLAB_CI", "{CI_JOB_URL}"),
        ("jenkins", "Jenkins", "JENKINS_URL", "{BUILD_URL}"),
    ):
        if mark in environ:
            told = {"name": name, "type": kind, "buildUrl": url.format_map(_Known(environ))}
            return {**told, "buildName": verdict.run_id, "buildOrder": at_ms // 1000}
    return {"name": "godwit", "type": "godwit", "buildName": verdict.run_id, "buildOrder": at_ms // 1000}


class _Known(dict[str, str]):
    """An environment in which what is not there is empty."""

    def __missing__(self, key: str) -> str:
        return ""


def _started_ms(verdict: Verdict) -> int:
    started = verdict.run.get("started")
    return round(dt.datetime.fromisoformat(str(started)).timestamp() * 1000) if started else 0


def _write(path: Path, text: str) -> None:
    half = path.with_name(f"{path.name}.tmp")
    half.write_text(text, encoding="utf-8")
    half.replace(path)
