"""What JUnit and Allure show of a real run is what the verdict says: same checks, same outcomes, no blob, no pass too many."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from godwit.reporting import read_verdict, schema
from godwit.verdict import CheckRecord

PROBE = "tiny/parity/the-candidate-answers-as-the-baseline"
SKIPPED, XFAILED, BROKEN, UNSETTLED = (
    f"{PROBE}/{case}" for case in ("all-notes", "no-note", "third-note", "second-note")
)


@pytest.fixture(scope="module")
def checks(reported: Any) -> dict[str, CheckRecord]:
    """The checks of the run by id."""
    return {check.id: check for check in read_verdict(reported.out).checks}


@pytest.fixture(scope="module")
def cases(reported: Any) -> dict[str, ET.Element]:
    """The test cases of the JUnit file by check id."""
    tree = ET.parse(reported.out.parent / "junit.xml")
    return {properties(case)["godwit.check"]: case for case in tree.iter("testcase")}


@pytest.fixture(scope="module")
def results(reported: Any) -> dict[str, dict[str, Any]]:
    """Allure's results by full name."""
    files = (reported.out.parent / "allure").glob("*-result.json")
    return {item["fullName"]: item for item in map(_json, files)}


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def properties(case: ET.Element) -> dict[str, str]:
    return {item.attrib["name"]: item.attrib["value"] for item in case.iter("property")}


def labels(result: dict[str, Any]) -> dict[str, str]:
    return {label["name"]: label["value"] for label in result["labels"]}


def passed_in_junit(cases: dict[str, ET.Element]) -> Iterator[str]:
    for name, case in cases.items():
        if not {child.tag for child in case} & {"failure", "error", "skipped"}:
            yield name


def test_the_file_of_a_real_run_is_what_the_schema_says(reported: Any) -> None:
    jsonschema.Draft202012Validator(schema()).validate(_json(reported.out / "verdict.json"))


def test_the_run_has_checks_of_every_kind(checks: dict[str, CheckRecord]) -> None:
    seen = {name: str(checks[name].outcome) for name in (SKIPPED, XFAILED, BROKEN, UNSETTLED)}
    assert seen == {SKIPPED: "skipped", XFAILED: "inconclusive", BROKEN: "failed", UNSETTLED: "inconclusive"}
    assert "passed" in {check.outcome for check in checks.values()}


def test_junit_has_every_check_that_ran_once(cases: dict[str, ET.Element], checks: dict[str, CheckRecord]) -> None:
    assert sorted(cases) == sorted(checks)


def test_only_what_passed_is_a_pass_in_junit(cases: dict[str, ET.Element], checks: dict[str, CheckRecord]) -> None:
    assert sorted(passed_in_junit(cases)) == sorted(name for name, check in checks.items() if check.outcome == "passed")


def test_junit_has_small_properties_and_nothing_else(
    cases: dict[str, ET.Element], checks: dict[str, CheckRecord]
) -> None:
    for name, case in cases.items():
        told = properties(case)
        assert told["godwit.outcome"] == checks[name].outcome
        assert set(told) <= {"godwit.check", "godwit.outcome", "godwit.reason", "godwit.criterion", "godwit.limit"}
        assert max(map(len, told.values())) <= 300


def test_junit_names_the_criterion_that_a_check_answers(cases: dict[str, ET.Element]) -> None:
    assert properties(cases[BROKEN])["godwit.criterion"] == "same-answers"


def test_a_failure_in_junit_is_told_in_godwits_words(cases: dict[str, ET.Element]) -> None:
    failure = cases[BROKEN].find("failure")
    assert failure is not None
    assert (failure.text or "").startswith("promise broken: The candidate answers each probe as the baseline does")


def test_allure_has_every_check_that_ran_under_its_own_id(
    results: dict[str, dict[str, Any]], checks: dict[str, CheckRecord]
) -> None:
    assert sorted(results) == sorted(checks)
    assert len({item["historyId"] for item in results.values()}) == len(checks)
    assert len({item["name"] for item in results.values()}) == len(checks)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param(BROKEN, "failed", id="failed"),
        pytest.param(SKIPPED, "skipped", id="skipped"),
        pytest.param(XFAILED, "broken", id="passed-against-its-mark"),
        pytest.param(UNSETTLED, "broken", id="unsettled"),
        pytest.param(f"{PROBE}/first-note", "passed", id="passed"),
    ],
)
def test_allure_shows_how_a_check_ended_and_where_it_belongs(
    results: dict[str, dict[str, Any]], checks: dict[str, CheckRecord], name: str, status: str
) -> None:
    result, check = results[name], checks[name]
    title = f"{name.rpartition('/')[2]}: {check.sentence} (parity)"
    assert (result["status"], result["name"]) == (status, title)
    assert result["statusDetails"]["message"] == check.reason
    wanted = {
        "epic": "tiny",
        "feature": check.suite,
        "story": check.sentence,
        "phase": "parity",
        "gate": "side-by-side",
    }
    assert wanted.items() <= labels(result).items()
    told = [each for each in result["parameters"] if not each.get("excluded")]
    assert told == [{"name": "case", "value": name.rpartition("/")[2]}]


def test_allure_has_the_severity_of_the_criterion_that_a_check_answers(results: dict[str, dict[str, Any]]) -> None:
    assert labels(results[BROKEN])["severity"] == "critical"
    assert "severity" not in labels(results["tiny/parity/the-step-is-carried-out-in-time/start-baseline"])


def test_allure_shows_what_a_broken_check_rests_on(reported: Any, results: dict[str, dict[str, Any]]) -> None:
    broken = results[BROKEN]
    assert broken["steps"]
    shown = {item["name"]: item["source"] for item in broken["attachments"]}
    assert {"findings", "requests and answers"} <= set(shown)
    told = (reported.out.parent / "allure" / shown["requests and answers"]).read_text(encoding="utf-8")
    assert told.startswith("GET /notes/3")
    assert [line.split(":")[0] for line in told.splitlines() if line.startswith("---")] == [
        "--- baseline",
        "--- candidate",
    ]
    assert "attachments" not in results[f"{PROBE}/first-note"]


def test_allure_has_the_verdict_beside_its_results(reported: Any) -> None:
    folder = reported.out.parent / "allure"
    (path,) = folder.glob("*-globals.json")
    assert _json(path)["errors"][0]["message"].startswith("NO-GO: ")
    assert "verdict=NO-GO" in (folder / "environment.properties").read_text(encoding="ascii").splitlines()
    assert {"executor.json", "categories.json"} <= {item.name for item in folder.iterdir()}
