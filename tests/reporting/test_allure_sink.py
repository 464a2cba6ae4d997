"""What the sink adds to Allure's results when the verdict is there, and what it never adds twice."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from godwit.reporting.allure_evidence import Evidence, histogram
from godwit.reporting.allure_sink import complete_allure
from godwit.verdict import Outcome, Verdict, failed, inconclusive
from tests.reporting.conftest import BROKEN, FAST, GOOD, QUICK, SAME, VERDICTS, check, verdict

BAD = failed("1 key differs; every bad key is in state/users.csv; see also ../secret/x.csv and logs/gone.log")


def told(verdict: Verdict, folder: Path, **environ: str) -> dict[str, Any]:
    """The results by check, after the sink has run."""
    folder.mkdir(exist_ok=True)
    complete_allure(verdict, folder, folder, environ)
    return {item["fullName"]: item for item in (_json(path) for path in folder.glob("*-result.json"))}


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _errors(folder: Path) -> list[str]:
    (path,) = folder.glob("*-globals.json")
    return [error["message"] for error in _json(path).get("errors", [])]


def test_every_check_of_a_verdict_has_one_result_however_often_it_is_told(tmp_path, example) -> None:
    _, verdict = example
    first = told(verdict, tmp_path)
    again = told(verdict, tmp_path)
    assert sorted(first) == sorted(check.id for check in verdict.checks)
    assert first == again
    assert len(list(tmp_path.glob("*-result.json"))) == len(first)


def test_what_never_ran_is_broken_and_says_so(tmp_path) -> None:
    results = told(VERDICTS["inconclusive"], tmp_path)
    found = results["tiny/parity/answers/second-note"]
    assert (found["status"], found["statusDetails"]["message"]) == ("broken", "did not run")
    labels = {label["name"]: label["value"] for label in found["labels"]}
    assert (labels["phase"], labels["gate"], labels["severity"]) == ("parity", "side-by-side", "critical")


def test_a_check_is_known_by_its_id_whatever_its_title_says(tmp_path) -> None:
    other = dataclasses.replace(BROKEN, sentence="Another sentence")
    titles = ("third-note: The candidate answers each probe as the baseline does (parity)",
              "third-note: Another sentence (parity)")  # fmt: skip
    found = [told(verdict([each]), tmp_path / each.sentence)[each.id] for each in (BROKEN, other)]
    assert tuple(each["name"] for each in found) == titles
    assert found[0]["historyId"] == found[1]["historyId"]


LINK, ISSUE = "https://docs.test/R-7?a=1", "https://tracker.test/MIG-12"


def test_links_of_criteria_and_waivers_are_shown_once_and_others_stay_text(tmp_path) -> None:
    asked = dataclasses.replace(SAME, waiver="waived by ann until 2027-01-31: known", link=LINK, waiver_link=ISSUE)
    hostile = dataclasses.replace(FAST, link="javascript:alert(1)")
    for _ in range(2):
        results = told(verdict([BROKEN, QUICK], [asked, hostile]), tmp_path)
    assert results[BROKEN.id]["links"] == [
        {"type": "tms", "url": LINK, "name": "same-answers"},
        {"type": "issue", "url": ISSUE, "name": "waiver"},
    ]
    assert "links" not in results[QUICK.id]


def test_a_result_that_passed_is_broken_where_its_record_died_with_a_worker(tmp_path) -> None:
    told(VERDICTS["go"], tmp_path)
    lost = [dataclasses.replace(check, outcome=Outcome.INCONCLUSIVE) for check in VERDICTS["go"].checks]
    found = told(dataclasses.replace(VERDICTS["go"], checks=tuple(lost)), tmp_path)
    assert {item["status"] for item in found.values()} == {"broken"}


@pytest.mark.parametrize(
    ("name", "first"),
    [("go", ""), ("no-go", "NO-GO: "), ("inconclusive", "INCONCLUSIVE: "), ("empty", "INCONCLUSIVE: ")],
    ids=["go", "no-go", "inconclusive", "empty"],
)
def test_the_verdict_is_the_first_error_of_the_run_unless_it_is_go(tmp_path, name, first) -> None:
    told(VERDICTS[name], tmp_path)
    errors = _errors(tmp_path)
    assert [error[: len(first)] for error in errors[:1]] == ([first] if first else [])


def test_trouble_outside_any_check_stands_beside_the_verdict(tmp_path) -> None:
    told(VERDICTS["trouble"], tmp_path)
    assert _errors(tmp_path)[1:] == list(VERDICTS["trouble"].trouble)


def test_a_failure_that_a_waiver_accepts_is_skipped_and_known_and_keeps_its_reason(tmp_path) -> None:
    found = told(VERDICTS["waived"], tmp_path)[BROKEN.id]
    assert (found["status"], found["statusDetails"]["known"]) == ("skipped", True)
    assert found["statusDetails"]["message"].startswith("waived by ann until 2027-01-31: known (was: 2 difference(s)")


def test_findings_are_steps_with_both_sides_and_a_table_of_all(tmp_path) -> None:
    found = told(VERDICTS["no-go"], tmp_path)[BROKEN.id]
    assert [step["name"] for step in found["steps"]] == ["value at /text (3 times)", "missing header at /headers/etag"]
    parameters = {each["name"]: each["value"] for each in found["steps"][0]["parameters"]}
    assert parameters == {
        "baseline": '"third"',
        "candidate": '"thirt"',
        "why": "stored text differs",
        "such as": "third, fourth",
    }
    (table,) = (item for item in found["attachments"] if item["name"] == "findings")
    assert len((tmp_path / table["source"]).read_text(encoding="utf-8").splitlines()) == 3


def test_measured_values_are_parameters_that_make_no_other_test_of_it_and_metrics(tmp_path) -> None:
    found = told(VERDICTS["go"], tmp_path)["tiny/parity/the-budget-holds/fast"]
    assert [(each["name"], each.get("excluded")) for each in found["parameters"]] == [
        ("case", None),
        ("limit", True),
        ("measured", True),
        ("baseline", True),
    ]
    (metric,) = _json(tmp_path / "tiny-1-perf.json")
    assert (metric["value"], metric["unit"], metric["better"], metric["group"]) == (42, "ms", "lower", "parity")


def test_a_value_beyond_all_numbers_is_no_metric(tmp_path) -> None:
    told(VERDICTS["no-go"], tmp_path)
    assert _json(tmp_path / "tiny-1-perf.json") == []


@pytest.mark.parametrize(
    ("environ", "kind", "url"),
    [
        ({}, "godwit", None),
        ({"GITLAB_CI": "true", "CI_JOB_URL": "https://lab.test/7"}, "gitlab", "https://lab.test/7"),
        ({"JENKINS_URL": "https://j.test"}, "jenkins", ""),
    ],
    ids=["by hand", "gitlab", "jenkins without an address"],
)
def test_the_executor_is_the_pipeline_that_ran_it(tmp_path, environ, kind, url) -> None:
    told(VERDICTS["go"], tmp_path, **environ)
    found = _json(tmp_path / "executor.json")
    assert (found["type"], found.get("buildUrl"), found["buildName"]) == (kind, url, "tiny-1")


def test_the_environment_is_spelled_in_ascii_as_properties_are(tmp_path) -> None:
    odd = dataclasses.replace(VERDICTS["go"], run={"machine": "C:\\Köln\n𝄞"})
    told(odd, tmp_path)
    lines = (tmp_path / "environment.properties").read_text(encoding="ascii").splitlines()
    assert lines == ["verdict=GO", "run=tiny-1", "machine=C:\\\\K\\u00f6ln \\ud834\\udd1e"]


def test_a_check_shows_answers_named_files_and_ends_of_logs_and_nothing_from_elsewhere(tmp_path) -> None:
    out = tmp_path / "out"
    texts = {
        "answers/parity/third-note.txt": "GET /notes/3",
        "state/users.csv": "key\n1\n",
        "logs/baseline.log": "\n".join(f"line {n} swordfish" for n in range(100)),
        "../secret/x.csv": "no",
    }
    for name, text in texts.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, encoding="utf-8")
    shown = {it.name: it for it in Evidence(out, ["swordfish"]).of(check("parity/answers/third-note", BAD))}
    assert list(shown) == ["requests and answers", "state/users.csv", "last lines of baseline.log"]
    assert shown["last lines of baseline.log"].body.decode().splitlines()[::39] == ["line 60 ***", "line 99 ***"]


@pytest.mark.parametrize("said", ["b" * 300, "b/" * 3000 + "c"], ids=["name", "path"])
def test_what_a_reason_names_may_be_longer_than_any_file(tmp_path, said) -> None:
    assert Evidence(tmp_path).of(check("parity/answers/third-note", failed(f"it says a/{said}.json"))) == []


def test_a_check_that_passed_shows_no_logs(tmp_path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/baseline.log").write_text("started\n", encoding="utf-8")
    assert Evidence(tmp_path).of(GOOD) == []
    assert Evidence(tmp_path).of(check("parity/answers/x", inconclusive("did not run")))


def test_a_histogram_counts_every_answer_once_a_side() -> None:
    import numpy as np

    picture = histogram({"baseline": np.array([1.0, 2.0, 4.0]), "candidate": np.array([8.0])})
    assert "baseline: 3 answers, median 2 ms" in picture
    assert "candidate: 1 answers, median 8 ms" in picture
    assert picture.count("<g ") == 2


def test_a_waiver_that_accepts_one_failure_leaves_the_others_broken(tmp_path) -> None:
    waived = dataclasses.replace(SAME, waiver="waived by ann until 2027-01-31: known")
    lost = check("parity/answers/lost", inconclusive("did not run"), 0)
    results = told(verdict([BROKEN, lost], [waived, FAST]), tmp_path)
    assert results[BROKEN.id]["status"] == "skipped"
    assert results[lost.id]["status"] == "broken"
