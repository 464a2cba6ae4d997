"""What was seen under the cases becomes one finding a cause; a question without an answer proves nothing."""

from typing import Any

import pytest

from godwit.checks import (
    Failure,
    Glimpse,
    Narrowing,
    blame,
    failures_of,
    judge_matrix_case,
    judge_read_back,
    judge_shown,
    matrix_cases,
)
from godwit.checks.narrowing import Culprit
from godwit.plan import Flags
from godwit.verdict import Answer, Finding, Judgement, Outcome, failed, inconclusive, passed

GOOD = passed("as it should be")
BAD = failed("status", [Finding("status", "/@status", "200", "500")])
SLOW = failed("value", [Finding("value", "/tasks/7/title", "a", "b")])
ONE = Failure(frozenset({"x"}), (), Finding("status", "/@status", "200", "500"))


def flags(**more: Any) -> Flags:
    kinds = {"type": "bool", "default": False, "baseline_value": False, "values": [False, True]}
    matrix = {"on": "candidate", "needs": ["flags"]}
    return Flags.model_validate({"flags": [{"name": "a", **kinds}, {"name": "b", **kinds, **more}], "matrix": matrix})


def test_the_default_case_is_there_once_and_first():
    found = matrix_cases(flags())
    assert [dict(case.flags) for case in found] == [
        {"a": False, "b": False}, {"a": False, "b": True}, {"a": True, "b": False}, {"a": True, "b": True},
    ]  # fmt: skip
    assert found[0].id == "default"
    assert {(case.on, case.needs) for case in found} == {("candidate", frozenset({"flags"}))}


def test_without_a_matrix_there_is_no_case():
    assert matrix_cases(flags().model_copy(update={"matrix": None})) == ()


def test_symptoms_under_the_same_cases_are_one_failure():
    seen = {"x": {"one": BAD, "two": SLOW, "three": GOOD}, "y": {"one": GOOD, "two": GOOD, "three": BAD}}
    found = failures_of(seen)
    assert [(sorted(it.cases), [symptom.question for symptom in it.symptoms]) for it in found] == [
        (["x"], ["one", "two"]),
        (["y"], ["three"]),
    ]


@pytest.mark.parametrize(
    ("narrowing", "what", "where", "told"),
    [
        pytest.param(
            Narrowing((Culprit({"a": True, "b": 50}, 14),), 54, 40, 3),
            "fails whenever a=on and b=50", "/a=on/b=50", "2 of 7 flags; 14 of 14 cases with it fail, 0 of 40 without", id="pair",
        ),
        pytest.param(
            Narrowing((Culprit({"a": True, "b": ("qa",)}, 4), Culprit({"a": True, "c": "x"}, 5)), 20, 11, 3),
            "fails whenever a=on and b=qa, or whenever a=on and c=x", "/a=on",
            "2 of 7 flags; 4 of 4 and 5 of 5 cases with it fail, 0 of 11 without", id="either",
        ),
        pytest.param(Narrowing((Culprit({}, 8),), 8, 0, 3), "fails in every case", "/every-case", "all 8 cases fail", id="every"),
        pytest.param(
            Narrowing((), 8, 0, 9, "not narrowed within 9 further cases"),
            "fails in 1 of 30 cases", "/one/@status", "not narrowed within 9 further cases", id="untold",
        ),
    ],
)  # fmt: skip
def test_a_finding_says_when_it_fails_and_on_what_evidence(narrowing, what, where, told):
    failure = failures_of({"x": {"one": BAD}})[0]
    found = blame(failure, narrowing, flags=7, cases_seen=30)
    assert (found.finding.what, found.finding.where) == (what, where)
    assert found.finding.reason == f"one: status at /@status; {told}"
    assert found.certain


@pytest.mark.parametrize(("failures", "certain"), [(1, False), (2, True)], ids=["once", "twice"])
def test_what_was_seen_once_and_never_again_is_not_certain(failures, certain):
    narrowing = Narrowing((), 8, 0, 4, "the same case fails now and then", (failures, 5))
    found = blame(failures_of({"x": {"one": BAD}})[0], narrowing, 7, 30)
    assert found.certain is certain
    assert f"it failed {failures} of 5 times" in found.finding.reason
    outcome = judge_matrix_case("x", {"one": BAD}, [found]).outcome
    assert outcome is (Outcome.FAILED if certain else Outcome.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("judgements", "outcome"),
    [
        pytest.param({"one": GOOD, "two": GOOD}, Outcome.PASSED, id="all-good"),
        pytest.param({"one": GOOD, "two": inconclusive("silent")}, Outcome.INCONCLUSIVE, id="one-silent"),
        pytest.param({}, Outcome.INCONCLUSIVE, id="nothing-asked"),
    ],
)
def test_a_case_holds_only_if_everything_was_told(judgements, outcome):
    assert judge_matrix_case("x", judgements, []).outcome is outcome


@pytest.mark.parametrize(
    ("wanted", "shown", "outcome"),
    [
        pytest.param(True, True, Outcome.PASSED, id="same"),
        pytest.param(("qa",), ["qa"], Outcome.PASSED, id="list"),
        pytest.param(True, False, Outcome.FAILED, id="other"),
        pytest.param(1, True, Outcome.FAILED, id="type"),
        pytest.param("1", 1, Outcome.FAILED, id="text"),
    ],
)
def test_a_flag_is_shown_with_its_value_and_type(wanted, shown, outcome):
    assert judge_shown({"a": wanted}, Glimpse({"a": shown}))["a"].outcome is outcome


def test_a_flag_that_nothing_shows_is_not_told():
    assert judge_shown({"a": True}, Glimpse({}))["a"].outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(("healthy", "outcome"), [(True, Outcome.PASSED), (False, Outcome.FAILED)], ids=["well", "ill"])
def test_a_system_that_is_ill_under_a_case_is_found(healthy, outcome):
    assert judge_shown({}, Glimpse({}, healthy))["health"].outcome is outcome


def read(status: int, body: bytes) -> Judgement:
    return judge_read_back({"text": "hi"}, Answer("GET /notes/1", status, body=body))


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        pytest.param(200, b'{"text": "hi", "n": 1}', Outcome.PASSED, id="there"),
        pytest.param(200, b'{"text": "ho"}', Outcome.FAILED, id="changed"),
        pytest.param(200, b"hi", Outcome.FAILED, id="no-json"),
        pytest.param(404, b"{}", Outcome.FAILED, id="lost"),
        pytest.param(0, b"", Outcome.INCONCLUSIVE, id="silent"),
    ],
)
def test_a_record_is_read_as_it_was_written(status, body, outcome):
    assert read(status, body).outcome is outcome
