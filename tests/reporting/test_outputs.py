"""What pipelines take in is what their own readers take for valid, says what the verdict says, and nothing more."""

import csv
import io
import runpy
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import prometheus_client.parser
import pytest
import xmlschema
from prometheus_client.openmetrics import parser as openmetrics_parser

from godwit.reporting import junit, markdown, measurements, openmetrics
from godwit.verdict import Outcome, Verdict

Golden = Callable[[Path, str], None]
Example = tuple[str, Verdict]
HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
HOSTILE: Callable[[str], Verdict] = runpy.run_path(str(HERE / "states.py"))["hostile"]
EVERY_SIGN = "".join(map(chr, (*range(0x300), *range(0x2000, 0x2070), 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F600)))
VERY_LONG = "x" * 1_000_000


@cache
def xsd() -> Any:
    """The schema that Jenkins' xUnit plugin holds JUnit files to."""
    return xmlschema.XMLSchema10(HERE / "schemas" / "junit-10.xsd")


def cases(verdict: Verdict, suite: str) -> dict[str, ET.Element]:
    found = ET.fromstring(junit(verdict)).find(f"testsuite[@name='{suite}']")
    return {} if found is None else {f"{case.get('classname')}/{case.get('name')}": case for case in found}


def ends(case: ET.Element) -> str:
    return next((child.tag for child in case), "passed")


def samples(verdict: Verdict) -> list[Any]:
    families = openmetrics_parser.text_string_to_metric_families(openmetrics(verdict).decode())
    return [sample for family in families for sample in family.samples]


def lines(verdict: Verdict) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(measurements(verdict).decode(), newline="")))


def test_the_junit_file(example: Example, golden: Golden) -> None:
    name, verdict = example
    golden(GOLDEN / f"{name}.junit.xml", junit(verdict).decode())


@pytest.mark.parametrize("example", ["go", "no-go", "not-reached", "waiver-expired", "crash", "empty"], indirect=True)
def test_the_openmetrics_file(example: Example, golden: Golden) -> None:
    name, verdict = example
    golden(GOLDEN / f"{name}.prom", openmetrics(verdict).decode())


@pytest.mark.parametrize("example", ["no-go", "not-reached", "empty"], indirect=True)
def test_the_file_of_measurements(example: Example, golden: Golden) -> None:
    name, verdict = example
    golden(GOLDEN / f"{name}.csv", measurements(verdict).decode().replace("\r\n", "\n"))


def test_the_junit_file_is_what_its_schema_says(example: Example) -> None:
    xsd().validate(ET.ElementTree(ET.fromstring(junit(example[1]))))


def test_the_schema_refuses_what_is_no_junit_file() -> None:
    assert not xsd().is_valid(ET.ElementTree(ET.fromstring("<testsuites><testcase/></testsuites>")))


def test_junit_has_a_case_for_each_criterion_check_and_row(example: Example) -> None:
    verdict = example[1]
    asked = [f"tiny.{gate.id}/{item.id}" for gate in verdict.gates for item in gate.criteria]
    assert list(cases(verdict, "criteria")) == asked
    checks = [check.id.replace("/", ".", 1) for check in verdict.checks]
    assert list(cases(verdict, "checks")) == checks
    assert len(cases(verdict, "rows")) == len(verdict.rows)


def test_in_junit_only_what_holds_is_a_pass(example: Example) -> None:
    verdict = example[1]
    checks = zip(verdict.checks, cases(verdict, "checks").values(), strict=True)
    assert [check.id for check, case in checks if (ends(case) == "passed") != (check.outcome == "passed")] == []
    assert (ends(cases(verdict, "verdict").popitem()[1]) == "passed") == (verdict.word == "GO")


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.WAIVED], ids=["skipped", "waived-by-nobody"])
@pytest.mark.parametrize("example", ["go"], indirect=True)
def test_a_check_that_was_to_run_is_never_neutral_in_junit(example: Example, outcome: Outcome) -> None:
    checks = (replace(example[1].checks[0], outcome=outcome),)
    (case,) = cases(replace(example[1], checks=checks), "checks").values()
    assert ends(case) == "error"


@pytest.mark.parametrize("example", ["waived"], indirect=True)
def test_an_accepted_failure_is_skipped_in_junit_with_who_accepted_it(example: Example) -> None:
    ended = cases(example[1], "criteria")["tiny.side-by-side/same-answers"][0]
    assert ended.tag == "skipped"
    assert (ended.get("message") or "").startswith("waived by ann until 2027-01-31")


def test_the_counts_of_a_junit_file_are_those_of_its_cases(example: Example) -> None:
    root = ET.fromstring(junit(example[1]))
    for element in root.iter():
        if element.tag in ("testsuites", "testsuite"):
            ended = Counter(map(ends, element.iter("testcase")))
            told = [element.get(name) for name in ("tests", "failures", "errors")]
            assert told == [str(n) for n in (ended.total(), ended["failure"], ended["error"])]


def test_openmetrics_and_prometheus_own_parser_read_the_same(example: Example) -> None:
    text = openmetrics(example[1]).decode()
    older = prometheus_client.parser.text_string_to_metric_families(text)
    assert [(it.name, it.labels, str(it.value)) for family in older for it in family.samples] == [
        (it.name, it.labels, str(it.value)) for it in samples(example[1])
    ]


def test_no_series_stands_twice_in_the_openmetrics_file(example: Example) -> None:
    series = [(it.name, tuple(sorted(it.labels.items()))) for it in samples(example[1])]
    assert len(series) == len(set(series))


def test_the_openmetrics_file_says_one_word_for_the_run_and_for_each_gate(example: Example) -> None:
    verdict = example[1]
    said = [
        (it.labels.get("gate", ""), it.labels["word"]) for it in samples(verdict) if "verdict" in it.name and it.value
    ]
    assert said == [("", verdict.word), *((gate.id, gate.word) for gate in verdict.gates)]


@pytest.mark.parametrize("example", ["no-go"], indirect=True)
def test_a_value_beyond_all_numbers_is_one_in_every_output(example: Example) -> None:
    assert [it.value for it in samples(example[1]) if it.name == "godwit_criterion_value"] == [float("inf")]
    assert [line["value"] for line in lines(example[1])] == ["inf", "inf"]


def test_every_measurement_stands_in_the_csv_file(example: Example) -> None:
    verdict = example[1]
    items: list[Any] = [item for gate in verdict.gates for item in gate.criteria] + list(verdict.checks)
    wanted = [found for item in items for found in (item.actual, item.baseline) if found]
    assert [(float(line["value"]), line["unit"], int(line["n"])) for line in lines(verdict)] == [
        (found.value, found.unit, found.n) for found in wanted
    ]


@pytest.mark.parametrize("limit", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " \r=1"], ids=repr)
@pytest.mark.parametrize("example", ["no-go"], indirect=True)
def test_no_text_is_a_formula_in_the_csv_file(example: Example, limit: str) -> None:
    checks = tuple(replace(check, limit=limit) for check in example[1].checks)
    told = lines(replace(example[1], checks=checks))[-1]["limit"]
    assert told.startswith("'")


@pytest.mark.parametrize("text", [EVERY_SIGN, VERY_LONG], ids=["every-sign", "a-million-signs"])
def test_texts_from_outside_stay_small_texts_in_every_output(text: str) -> None:
    verdict = HOSTILE(text)
    xsd().validate(ET.ElementTree(ET.fromstring(junit(verdict))))
    assert len(samples(verdict)) > 10
    assert max(len(made(verdict)) for made in (junit, openmetrics, measurements)) < 100_000
    assert len(markdown(verdict).encode()) < 100_000


def many(state: Verdict, n: int) -> Verdict:
    """A verdict with thousands of everything that people read."""
    gate = state.gates[0]
    worst = max(gate.criteria, key=lambda item: len(item.reason))
    criteria = tuple(replace(worst, id=f"c-{number}") for number in range(n))
    return replace(state, gates=(replace(gate, criteria=criteria),) * 20, checks=state.checks * n, rows=state.rows * n)


@pytest.mark.parametrize("example", ["no-go"], indirect=True)
@pytest.mark.parametrize("most", [2_000, 60_000, 200_000])
def test_markdown_is_never_larger_than_asked_and_says_the_word_first(example: Example, most: int) -> None:
    text = markdown(many(example[1], 200), most)
    assert len(text.encode()) <= most
    assert text.startswith("# NO-GO: tiny\n")
    assert "more lines in verdict.json" in text
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize("example", ["no-go", "waived"], indirect=True)
def test_only_what_does_not_hold_stands_before_the_first_fold(example: Example) -> None:
    shown, _, folded = markdown(example[1]).partition("<details>")
    assert "| passed |" not in shown
    assert all(
        word in shown for word in {item.outcome for gate in example[1].gates for item in gate.criteria} - {"passed"}
    )
    assert "The run" in folded
