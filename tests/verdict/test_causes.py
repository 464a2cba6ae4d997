"""One cause is told once for a whole run, with its count and examples; two causes are never told as one."""

import pytest

from godwit.verdict import Cause, CheckRecord, Finding, Outcome, causes_of, decide


def record(case: str, *findings: Finding, outcome: Outcome = Outcome.FAILED) -> CheckRecord:
    return CheckRecord(f"m/p/alike/{case}", "s", "It is alike", "p", outcome, "why", findings=findings)


def typed(where: str, count: int = 1) -> Finding:
    return Finding("type", where, "3", '"3"', "integer became string", count)


def test_a_field_of_another_type_is_one_cause_wherever_it_stands() -> None:
    checks = [
        record("one", typed("/priority")),
        record("list", typed("/items/0/priority", 12)),
        record("life", typed("/2/priority")),
        record("good", outcome=Outcome.PASSED),
    ]
    assert causes_of(checks) == (
        Cause(
            "type", "priority", "integer became string", "3", '"3"', 14,
            ("/priority", "/items/*/priority", "/*/priority"),
            ("m/p/alike/one", "m/p/alike/list", "m/p/alike/life"),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(typed("/a"), typed("/b"), id="other-field"),
        pytest.param(typed("/a"), Finding("type", "/a", "3", "null", "integer became null"), id="other-change"),
        pytest.param(typed("/a"), Finding("missing", "/a", "3", "(absent)"), id="other-thing"),
        pytest.param(Finding("value", "/a/x", "1", "2"), Finding("value", "/b/x", "1", "2"), id="values-of-two-places"),
        pytest.param(
            Finding("status", "/@status", "404", "400"), Finding("status", "/@status", "404", "500"), id="statuses"
        ),
    ],
)
def test_two_causes_stay_two(one: Finding, other: Finding) -> None:
    assert len(causes_of([record("a", one), record("b", other)])) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("/items/0/x", "/items/17/x", id="index"),
        pytest.param("/tasks/task-1/x", "/tasks/task-22/x", id="id"),
        pytest.param("/0/x", "/3/x", id="request"),
        pytest.param("/x", "/3/x", id="sequence-or-not"),
        pytest.param("/@headers/etag", "/1/@headers/etag", id="header"),
    ],
)
def test_values_are_of_one_cause_whatever_index_id_and_request(one: str, other: str) -> None:
    findings = [Finding("value", where, "1", "2") for where in (one, other)]
    (cause,) = causes_of([record(str(index), finding) for index, finding in enumerate(findings)])
    assert (cause.count, len(cause.checks)) == (2, 2)


def test_the_cause_of_most_checks_comes_first() -> None:
    checks = [record("a", typed("/b", 50)), record("b", typed("/a")), record("c", typed("/a"))]
    assert [cause.where for cause in causes_of(checks)] == ["/a", "/b"]


@pytest.mark.parametrize("outcome", [of for of in Outcome if of is not Outcome.FAILED], ids=str)
def test_only_failures_have_causes(outcome: Outcome) -> None:
    assert causes_of([record("a", typed("/a"), outcome=outcome)]) == ()


def test_findings_that_point_into_no_answer_have_none() -> None:
    assert causes_of([record("a", Finding("row is missing", "tasks.id", "1", ""))]) == ()


def test_a_verdict_carries_its_causes() -> None:
    assert [cause.where for cause in decide("r", [], [record("a", typed("/a"))]).causes] == ["/a"]
