"""Gathers every record in the one process that decides, writes the verdict, and turns it into the exit code."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from godwit.pytest_plugin.records import records_in
from godwit.reporting import exhibits_of, identity, summary_lines, write_verdict
from godwit.session import gate_asks, row_asks, storable, way_back
from godwit.verdict import CheckRecord, Verdict, Word, complete, decide

if TYPE_CHECKING:
    from godwit.pytest_plugin.setup import Run

_OWN = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)


class Controller:
    """The plugin of the process that talks to the user; with xdist no test runs in it."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self._config = config
        self._run = run
        self._records: list[CheckRecord] = []
        self._trouble: list[str] = []
        self._foreign_failed = False
        self._started = dt.datetime.now(dt.UTC)
        self.verdict: Verdict | None = None

    def pytest_report_header(self) -> str:
        """One line: what is verified, how, and where the evidence goes."""
        setting = self._run.setting
        phases = ", ".join(self._run.only) or "all phases"
        return f"godwit: {self._run.plan.migration.id}, {phases}, {setting.profile} profile, evidence in {setting.out}"

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker which run it belongs to."""
        node.workerinput["godwit_run_id"] = self._run.setting.run_id
        node.workerinput["godwit_out"] = str(self._run.setting.out)
        node.config.option.clean_alluredir = False  # done once, here: a worker would take away what others wrote

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """A migration is one sequence on one pair of stacks: all of its checks go to one worker.

        Not by `--dist loadgroup`, whose groups are words in node ids: pytest 9.2 no longer lets xdist 3.8 put them there.
        """
        from xdist.scheduler import LoadScopeScheduling

        class OneSequence(LoadScopeScheduling):  # type: ignore[misc]
            """Takes all tests for one unit of work."""

            def _split_scope(self, nodeid: str) -> str:
                return "plan"

        return OneSequence(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker that died takes its checks with it: that is trouble, not silence."""
        if error:
            self._trouble.append(f"worker {node.gateway.id} died: {str(error).splitlines()[-1]}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that could not be collected has promises that nobody will keep."""
        if report.failed:
            self._trouble.append(f"could not collect {report.nodeid}: {report.longreprtext.splitlines()[-1]}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the records of a report; a report of a crash has none and is trouble."""
        found = records_in(report)
        self._records += found
        if found or not report.failed:
            return
        self._foreign_failed = True
        if str(report.when) not in ("setup", "call", "teardown"):
            self._trouble.append(f"{report.nodeid} crashed: {report.longreprtext.splitlines()[-1]}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """An error of pytest or a plugin leaves checks undone."""
        self._trouble.append(f"internal error: {str(excrepr).splitlines()[-1]}")

    def pytest_keyboard_interrupt(self) -> None:
        """An interrupted run is no verdict."""
        self._trouble.append("the run was interrupted")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Decide, write, and set the exit code; pytest's own trouble keeps its own.

        A failed test that is no check of the plan leaves the verdict alone, but not the exit code of a GO.
        """
        seen = exhibits_of(self._run.setting.out)
        self.verdict = storable(replace(self._decide(), exhibits=seen), self._run.setting.secrets)
        write_verdict(self.verdict, self._run.setting.out)
        if results := getattr(self._config.option, "allure_report_dir", None):
            from godwit.reporting.allure_sink import complete_allure  # heavy: only where it is asked for

            complete_allure(self.verdict, Path(results), self._run.setting.out, self._run.setting.environ)
        if exitstatus in _OWN:
            return
        foreign = self._foreign_failed and self.verdict.word is Word.GO
        session.exitstatus = pytest.ExitCode.TESTS_FAILED if foreign else self.verdict.exit_code

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The verdict on a screen: word, gates, failing criteria, where the evidence lies."""
        if self.verdict:
            terminalreporter.section("verdict")
            for line, markup in summary_lines(self.verdict, self._run.setting.out):
                terminalreporter.write_line(line, **markup)

    def _decide(self) -> Verdict:
        run = self._run
        today = self._started.date()
        checks = complete(run.expansion.expected, self._records)
        return decide(
            run.setting.run_id,
            gate_asks(run.plan, run.only, run.attestations, today),
            checks,
            rows=row_asks(run.setting, run.rows, run.only, run.expansion.not_applicable, run.attestations, today),
            trouble=self._trouble,
            not_applicable=run.expansion.not_applicable,
            rules=[rule.name for rule in run.plan.surfaces.normalisers],
            run=identity(run.setting, run.only, self._started, dt.datetime.now(dt.UTC)),
            way_back=way_back(run.plan, run.only, checks),
        )
