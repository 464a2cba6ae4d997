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
from allure_commons.model2 import Label, Parameter, Status, StatusDetails
from allure_commons.utils import md5

from godwit.plan import masked
from godwit.reporting.plain import visible
from godwit.verdict import CheckRecord, Outcome, fold

LabelsOf = Callable[[str], Mapping[str, str]]
_STATUS = {
    Outcome.PASSED: Status.PASSED,
    Outcome.FAILED: Status.FAILED,
    Outcome.SKIPPED: Status.SKIPPED,
    Outcome.WAIVED: Status.SKIPPED,
    Outcome.INCONCLUSIVE: Status.BROKEN,
    Outcome.ERRORED: Status.BROKEN,
}


class AllureResults:
    """A plugin of Allure's own that sees each result before it is written."""

    def __init__(self, labels: LabelsOf, secrets: Sequence[str]) -> None:
        self._labels = labels
        self._secrets = secrets
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
        result.fullName = check
        result.testCaseId = result.historyId = md5(check)  # type: ignore[no-untyped-call]
        result.titlePath = check.split("/")[:-1]
        result.parameters = [Parameter(name="case", value=case) for case in check.split("/", maxsplit=3)[3:]]
        record, text = self._records.pop(check, (None, ""))
        if record is not None:
            result.status = _STATUS[record.outcome]
            result.statusDetails = StatusDetails(message=visible(record.reason), trace=text or None)

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

    def __init__(self, folder: Path, quiet: Collection[str] = ()) -> None:
        super().__init__(str(folder))  # type: ignore[no-untyped-call]
        self._quiet = quiet

    @allure_commons.hookimpl
    def report_container(self, container: Any) -> None:
        """Write what fixtures did, if it is worth a file."""
        parts = (*container.befores, *container.afters)
        if not all(part.name.partition("::")[0] in self._quiet and _went_by(part) for part in parts):
            self._report_item(container)

    def _report_item(self, item: Any) -> None:
        name = item.file_pattern.format(prefix=uuid.uuid4())
        indent = 4 if os.environ.get("ALLURE_INDENT_OUTPUT") else None
        half = self._report_dir / f"{name}.tmp"
        half.write_text(json.dumps(item, default=_filled, indent=indent, ensure_ascii=False), encoding="utf-8")
        half.replace(self._report_dir / name)


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
    labels: LabelsOf, secrets: Sequence[str], folder: Path, quiet: Collection[str]
) -> tuple[AllureResults, Callable[[], None]]:
    """Register the plugin, and a quick writer to `folder` for Allure's own; gives the plugin, and what undoes both.

    `labels` are those of a check by its id, `check` among them; `quiet` names fixtures that no reader has to see.
    """
    manager = allure_commons.plugin_manager
    results, slow = AllureResults(labels, secrets), [each for each in manager.get_plugins() if _is_slow(each)]
    ours = [results, *(QuickWriter(folder, quiet) for _ in slow)]
    _exchange(slow, ours)
    return results, lambda: _exchange(ours, slow)


def _is_slow(plugin: object) -> bool:
    return isinstance(plugin, AllureFileLogger)


def _exchange(before: Sequence[object], after: Sequence[object]) -> None:
    for plugin in before:
        allure_commons.plugin_manager.unregister(plugin)
    for plugin in after:
        allure_commons.plugin_manager.register(plugin)
