"""Makes Allure's results say what the verdict says: the same ids, outcomes and reasons; it adds no test and drops none."""

import json
import os
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import allure_commons
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import ATTACHMENT_PATTERN, Attachment, Label, Status, TestResult

from godwit.plan import masked
from godwit.reporting.allure_content import end_by_record, name_by_check
from godwit.reporting.allure_evidence import Evidence, Exhibit
from godwit.verdict import CheckRecord, fold

LabelsOf = Callable[[str], Mapping[str, str]]
_RANK = (Status.UNKNOWN, Status.PASSED, Status.SKIPPED, Status.BROKEN, Status.FAILED)


class AllureResults:
    """A plugin of Allure's own that sees each result before it is written."""

    def __init__(self, labels: LabelsOf, secrets: Sequence[str], out: Path, writer: "QuickWriter") -> None:
        self._labels = labels
        self._secrets = secrets
        self._evidence = Evidence(out, secrets)
        self._writer = writer
        self._records: dict[str, tuple[CheckRecord, str]] = {}

    def note(self, record: CheckRecord, text: str) -> None:
        """Keep a check's record, and the text of its failure if it has one, until its result is written; the worse counts."""
        known = self._records.get(record.id)
        if known is None or fold([known[0].outcome, record.outcome]) is record.outcome:
            self._records[record.id] = record, text

    @allure_commons.hookimpl(tryfirst=True)
    def report_result(self, result: Any) -> None:
        """Name a result by its check, not by where its file lies, and end it as the check ended."""
        check = next((label.value for label in result.labels if label.name == "check"), None)
        if check is None:
            return
        # Set here and not as marks: pytest and Allure look through all marks of a test many times.
        own = self._labels(check)
        others = [label for label in result.labels if label.name not in own]
        result.labels = [*others, *(Label(name, value) for name, value in own.items())]
        name_by_check(result, check)
        record, text = self._records.pop(check, (None, ""))
        if record is not None:
            end_by_record(result, record, text, self._evidence, self._writer.keep)

    @allure_commons.hookimpl(tryfirst=True)
    def report_container(self, container: Any) -> None:
        """Mask secrets in what Allure took from the errors of fixtures by itself."""
        for part in (*container.befores, *container.afters):
            if details := part.statusDetails:
                details.message = masked(details.message or "", self._secrets)
                details.trace = masked(details.trace or "", self._secrets)


class QuickWriter(AllureFileLogger):
    """Allure's own writer, which spells a result at once and not piece by piece; the same words in a tenth of the time.

    A file that says only that a fixture of `quiet` names was set up and taken down is not written: the nouns of a check are
    no steps of it, and would be two files in three.
    """

    def __init__(self, folder: Path, run_id: str, quiet: Collection[str] = ()) -> None:
        super().__init__(str(folder))  # type: ignore[no-untyped-call]
        self._run_id = run_id
        self._quiet = quiet

    @allure_commons.hookimpl
    def report_result(self, result: Any) -> None:
        """Write the result of a check under a name that run and check make: once, and of two the worse, as in the verdict.

        A check may run twice: a worker that dies takes reports with it, and another takes its tests over.
        """
        if not any(label.name == "check" for label in result.labels):
            self._report_item(result)
            return
        own = result_file(self._report_dir, self._run_id, result.fullName)
        if not own.exists() or _RANK.index(result.status) >= _RANK.index(status_in(own)):
            self.write(result, own)

    @allure_commons.hookimpl
    def report_container(self, container: Any) -> None:
        """Write what fixtures did, if it is worth a file."""
        parts = (*container.befores, *container.afters)
        if not all(part.name.partition("::")[0] in self._quiet and _went_by(part) for part in parts):
            self._report_item(container)

    def keep(self, exhibit: Exhibit) -> Attachment:
        """Write a file that results can point at; gives the pointer."""
        file = ATTACHMENT_PATTERN.format(prefix=uuid.uuid4(), ext=exhibit.end)
        self.report_attached_data(exhibit.body, file)  # type: ignore[no-untyped-call]
        return Attachment(exhibit.name, file, exhibit.kind)

    def _report_item(self, item: Any) -> None:
        self.write(item, self._named(item))

    def _named(self, item: Any) -> Path:
        return Path(self._report_dir, item.file_pattern.format(prefix=uuid.uuid4()))

    @staticmethod
    def write(item: Any, path: Path) -> None:
        """Write a part of Allure's model to a file, which appears whole or not at all."""
        indent = 4 if os.environ.get("ALLURE_INDENT_OUTPUT") else None
        half = path.with_name(f"{path.name}.tmp")
        half.write_text(json.dumps(item, default=_filled, indent=indent, ensure_ascii=False), encoding="utf-8")
        half.replace(path)


def result_id(run_id: str, full_name: str) -> str:
    """The id that a run and a test make, the same for the process that ran it and for all others."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run_id}/{full_name}"))


def result_file(folder: Path, run_id: str, full_name: str) -> Path:
    """Where the result of a test lies in a folder of results."""
    return folder / TestResult.file_pattern.format(prefix=result_id(run_id, full_name))


def status_in(path: Path) -> str:
    """The status of a result that is written."""
    return str(json.loads(path.read_text(encoding="utf-8"))["status"])


def _went_by(part: Any) -> bool:
    """Whether a part of a fixture passed and showed nothing; what pytest does itself at the end has no status."""
    return part.status in (Status.PASSED, None) and not (part.statusDetails or part.steps or part.attachments)


def _filled(item: Any) -> dict[str, Any]:
    """The fields of a part of Allure's model that say something."""
    return {name: value for name in _fields(item.__class__) if (value := getattr(item, name)) or value is False}


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in kind.__attrs_attrs__)  # type: ignore[attr-defined]


def follow_allure(
    labels: LabelsOf, secrets: Sequence[str], out: Path, writer: QuickWriter
) -> tuple[AllureResults, Callable[[], None]]:
    """Register the plugin, and `writer` for Allure's own; gives the plugin, and what undoes both.

    `labels` are those of a check by its id, `check` among them; `out` is the run's folder.
    """
    slow = [each for each in allure_commons.plugin_manager.get_plugins() if _is_slow(each)]
    results = AllureResults(labels, secrets, out, writer)
    ours = [results, writer]
    _exchange(slow, ours)
    return results, lambda: _exchange(ours, slow)


def _is_slow(plugin: object) -> bool:
    return isinstance(plugin, AllureFileLogger)


def _exchange(before: Sequence[object], after: Sequence[object]) -> None:
    for plugin in before:
        allure_commons.plugin_manager.unregister(plugin)
    for plugin in after:
        allure_commons.plugin_manager.register(plugin)
