"""A run of pytest that names no plan is untouched by the plugin, and the suites alone are refused."""

import pytest

import godwit
from godwit.pytest_plugin import records
from godwit.session.shipped import SUITES, folder
from godwit.verdict import assert_holds

OWN = """
import pytest
import sys

def test_nothing_heavy_was_imported():
    heavy = {"godwit.session", "godwit.plan", "godwit.checks", "sqlalchemy", "numpy", "locust", "testcontainers"}
    assert heavy.isdisjoint(sys.modules)

def test_no_noun_is_there(request):
    with pytest.raises(pytest.FixtureLookupError):
        request.getfixturevalue("probe")

def test_nobody_conducts(pytestconfig):
    names = {name for name, _ in pytestconfig.pluginmanager.list_name_plugin()}
    assert not names & {"godwit-conductor", "godwit-controller"}
"""


def test_a_run_without_a_plan_is_untouched(pytester):
    pytester.makepyfile(OWN)
    result = pytester.runpytest_subprocess("-p", "no:locust")
    result.assert_outcomes(passed=3)
    assert not (pytester.path / "reports").exists()


HEAVY = """
import sys

def test_only_what_pytest_needs_was_imported():
    heavy = {
        "aiohttp", "allure_commons", "click", "griffe", "httpx", "hypothesis", "jinja2", "jsonschema", "locust", "numpy",
        "psutil", "pydantic", "ruamel", "schemathesis", "sqlalchemy", "testcontainers", "uvloop",
    }
    rooms = {name for name in sys.modules if name.startswith("godwit.") and not name.startswith("godwit.pytest_plugin")}
    assert heavy.isdisjoint(sys.modules)
    assert rooms == set()
"""


def test_a_run_without_a_plan_starts_without_any_library_of_ours(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(HEAVY)
    pytester.runpytest_subprocess("-p", "godwit.pytest_plugin").assert_outcomes(passed=1)


def test_the_public_names_are_there_when_they_are_asked_for():
    assert godwit.assert_holds is assert_holds
    assert set(godwit.__all__) == {"Judgement", "__version__", "assert_holds"}
    with pytest.raises(AttributeError, match="no attribute 'assert_hold'"):
        _ = godwit.assert_hold  # type: ignore[attr-defined]


def test_a_failure_without_a_plan_keeps_pytests_exit_code(pytester):
    pytester.makepyfile("def test_own(): assert False")
    assert pytester.runpytest_subprocess("-p", "no:locust").ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([str(folder(SUITES))], id="folder"),
        pytest.param([str(folder(SUITES) / "test_rollback.py")], id="one-file"),
        pytest.param(["--pyargs", SUITES], id="package"),
    ],
)
def test_suites_without_a_plan_are_a_usage_error(pytester, words):
    result = pytester.runpytest_subprocess("-p", "no:locust", *words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: godwit's suites need a plan: godwit verify MIGRATION-or-PLAN*"])


def test_a_test_id_is_made_of_signs_that_keywords_take():
    check = type("Check", (), {"phase": "switch", "case": "next=on.back=off.failing"})()
    assert records.test_id(check) == "switch-next:on.back:off.failing"
