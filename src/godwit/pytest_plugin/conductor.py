"""Turns the plan's expected checks into tests, in the plan's order, and each test's end into a check record."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from godwit.plan import masked
from godwit.pytest_plugin.records import put_on, record_of, repeat_command, test_id
from godwit.reporting import failure_text, planned_labels, properties
from godwit.session import Check, Expansion, Setting
from godwit.session.shipped import SUITES, folder, named
from godwit.verdict import CheckRecord, GodwitError, Judgement, Outcome, is_meant, listening

if TYPE_CHECKING:
    from godwit.reporting.allure import AllureResults

CHECK = pytest.StashKey[Check]()
_CHOICES = ("allure_epics", "allure_features", "allure_stories", "allure_severities", "allure_labels")
"""Options of allure-pytest that choose tests by labels, which most runs are better off without: pytest looks through all often."""
_HEARD = pytest.StashKey[list[Judgement]]()


class Conductor:
    """The plugin of every process that runs tests."""

    def __init__(
        self,
        expansion: Expansion,
        setting: Setting,
        asked: Sequence[str] = (),
        follow: Callable[[], AllureResults | None] = lambda: None,
    ) -> None:
        self._setting = setting
        self._repeat = repeat_command(setting)
        self._asked = asked
        self._follow = follow
        self._allure: AllureResults | None = None
        self._place = {check.id: place for place, check in enumerate(expansion.checks)}
        self._suites = folder(SUITES)
        self._by_test: dict[tuple[str, str], list[Check]] = {}
        for check in expansion.checks:
            self._by_test.setdefault((check.promise.suite, check.promise.function), []).append(check)

    def pytest_sessionstart(self) -> None:
        """Follow Allure, now that its plugin has begun to write: a worker of xdist configures plugins in another order."""
        self._allure = self._follow()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Expand a suite's test over the checks that the plan makes of it."""
        path = Path(str(metafunc.module.__file__))
        checks = self._by_test.get((named(path.stem), metafunc.function.__name__), [])
        if path.parent == self._suites and checks:
            metafunc.parametrize("check", checks, ids=[test_id(check) for check in checks], indirect=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out suite tests that the plan has no use for, put the rest in the plan's order, and label them."""
        chosen = any(getattr(config.option, name, None) for name in _CHOICES)
        for item in items:
            check = _check_of(item)
            if check is not None:
                item.stash[CHECK] = check
                if self._allure or chosen:
                    self._label(item, check, whole=chosen)
        items[:] = [item for item in items if CHECK in item.stash or item.path.parent != self._suites]
        if self._asked:
            self._leave_only_asked(config, items)
        items.sort(key=lambda item: self._place[item.stash[CHECK].id] if CHECK in item.stash else len(self._place))

    def _leave_only_asked(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect every other check; the verdict still accounts for them, as not run."""
        asked = [item for item in items if CHECK in item.stash and is_meant(item.stash[CHECK].id, self._asked)]
        left = {id(item) for item in asked}
        config.hook.pytest_deselected(items=[item for item in items if id(item) not in left])
        items[:] = asked

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Listen to what the test asserts."""
        with listening() as heard:
            item.stash[_HEARD] = heard
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the check's record on the report, with which it travels to the controller, and have the report say the same."""
        report = yield
        if call.when != "call" and not (call.excinfo or report.skipped):
            return report
        check = item.stash.get(CHECK, None)
        if check is None:
            return report
        heard = item.stash.get(_HEARD, [])
        record = record_of(check, self._repeat, self._setting.secrets, report, call.excinfo, heard)
        text = self._word(report, record, call.excinfo)
        put_on(report, record, travels=hasattr(item.config, "workerinput"))
        self._tell_others(item, report, record)
        if self._allure:
            self._allure.note(record, text)
        return report

    def _word(
        self, report: pytest.TestReport, record: CheckRecord, excinfo: pytest.ExceptionInfo[BaseException] | None
    ) -> str:
        """Have a report fail where its check did not pass, in godwit's words; a traceback only where there are none."""
        hide = partial(masked, secrets=self._setting.secrets)
        if report.sections:
            report.sections = [(name, hide(text)) for name, text in report.sections]
        if not report.failed and (report.skipped or record.outcome is Outcome.PASSED):
            return ""
        report.outcome = "failed"
        unworded = record.outcome is Outcome.ERRORED and not (excinfo and excinfo.errisinstance(GodwitError))
        text = failure_text(record, self._setting.plan, self._setting.out)
        report.longrepr = f"{text}\n\n{hide(report.longreprtext)}" if unworded else text
        return report.longrepr

    def _tell_others(self, item: pytest.Item, report: pytest.TestReport, record: CheckRecord) -> None:
        """Leave small properties for JUnit files, which take those of the teardown's report; a later record replaces them."""
        told = properties(record, self._setting.plan)
        for holder in (item, report):
            kept = [(name, value) for name, value in holder.user_properties if not name.startswith("godwit.")]
            holder.user_properties = [*kept, *told]

    def _label(self, item: pytest.Item, check: Check, *, whole: bool) -> None:
        """Label a test for Allure at once, so that a skip changes nothing: with its check, or with all that people choose by."""
        told = planned_labels(check, self._setting.plan) if whole else {"check": check.id}
        for name, text in told.items():
            item.add_marker(pytest.mark.allure_label(text, label_type=name))
        item.obj.__allure_display_name__ = check.promise.sentence  # type: ignore[attr-defined]


def _check_of(item: pytest.Item) -> Check | None:
    callspec = getattr(item, "callspec", None)
    found = callspec.params.get("check") if callspec else None
    return found if isinstance(found, Check) else None
