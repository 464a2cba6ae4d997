"""The way in for pytest: options always, everything else only when a plan is named; the only room that knows pytest."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from godwit.pytest_plugin.options import add_options

if TYPE_CHECKING:
    import pytest

    from godwit.session import Session

_SUITES = "godwit.suites"
"""Named here once more, because `session` is heavy and most runs of pytest have no plan."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; see `pytest --help`, group migration verification."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """With a plan, load it and conduct the run; without one, stay out of the way."""
    config.addinivalue_line("markers", "godwit(check): the check that a test answers for (set by godwit)")
    config.addinivalue_line("markers", "allure_label(*values, label_type): a label of Allure (set by godwit)")
    if config.getoption("godwit_plan"):
        from godwit.pytest_plugin.setup import conduct  # heavy: only where a plan is run

        conduct(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse to run shipped suites without a plan: they would have nothing to verify."""
    if config.getoption("godwit_plan") or not items:
        return
    found = importlib.util.find_spec(_SUITES)
    here = Path(found.origin).resolve().parent if found and found.origin else None
    if any(item.path.resolve().parent == here for item in items):
        import pytest

        raise pytest.UsageError("godwit's suites need a plan: godwit verify MIGRATION-or-PLAN, or --godwit-plan FILE")


def open_session(config: pytest.Config) -> Session:
    """Open the run of the plan that the options name; called by the fixtures, once a process."""
    from godwit.pytest_plugin.setup import session_for

    return session_for(config)
