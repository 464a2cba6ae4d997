"""Replies of two Python APIs compared: what breaks users is found with its place, additions are free."""

from dataclasses import replace
from typing import Any

import pytest

from godwit.checks import compare_calls
from godwit.plan import Allowance, Normaliser
from godwit.verdict import CallReply, Judgement, Outcome

CALL = CallReply("shop:add", value=3, arguments={"args": [1, 2], "kwargs": {}})
RAISED = ("KeyError", "LookupError", "Exception", "BaseException")


def compared(one: CallReply, other: CallReply, **rules: Any) -> Judgement:
    return compare_calls("add", [one], [other], rules.get("normalisers", ()), rules.get("allowances", ()))


def thing(name: str = "Task", kin: tuple[str, ...] = ("Task",), **attributes: Any) -> dict[str, Any]:
    return {"!type": name, "!kin": list(kin), "attributes": attributes}


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        pytest.param({}, {"value": 4}, "/result", id="value"),
        pytest.param({}, {"value": 3.0}, "/result", id="float-for-int"),
        pytest.param({}, {"value": None}, "/result", id="none-for-a-value"),
        pytest.param({}, {"value": "3"}, "/result", id="string-for-int"),
        pytest.param({"value": True}, {"value": 1}, "/result", id="int-for-bool"),
        pytest.param({"value": [1]}, {"value": {"!type": "tuple", "value": [1]}}, "/result", id="tuple-for-list"),
        pytest.param({}, {"awaited": True}, "/async", id="async"),
        pytest.param({}, {"arguments": {"args": [1, 9], "kwargs": {}}}, "/arguments/args/1", id="changed-argument"),
        pytest.param({}, {"raised": RAISED, "message": "x"}, "/outcome", id="raises-now"),
        pytest.param({"raised": RAISED}, {}, "/outcome", id="raises-no-more"),
        pytest.param({"raised": RAISED}, {"raised": RAISED[1:]}, "/raised/type", id="base-of-the-exception"),
        pytest.param(
            {"raised": RAISED, "message": "a"}, {"raised": RAISED, "message": "b"}, "/raised/message", id="message"
        ),
        pytest.param({"value": thing(a=1)}, {"value": thing(a=2)}, "/result/attributes/a", id="attribute"),
        pytest.param({"value": thing(a=1)}, {"value": thing()}, "/result/attributes/a", id="attribute-gone"),
        pytest.param({"value": thing()}, {"value": thing("Job", ("Job",))}, "/result/!type", id="other-type"),
        pytest.param({}, {"raised": ("AttributeError",), "found": False}, "/outcome", id="name-gone"),
        pytest.param({}, {"error": "hung"}, "/@status", id="hangs-now"),
    ],
)
def test_what_breaks_users_is_found_at_its_place(one: dict[str, Any], other: dict[str, Any], place: str) -> None:
    judgement = compared(replace(CALL, **one), replace(CALL, **other))
    assert judgement.outcome is Outcome.FAILED
    assert [finding.where for finding in judgement.findings] == [place]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({}, {}, id="the-same"),
        pytest.param({"raised": RAISED[1:]}, {"raised": RAISED}, id="derived-exception"),
        pytest.param({"value": thing(a=1)}, {"value": thing("Job", ("Job", "Task"), a=1)}, id="derived-type"),
        pytest.param({"value": thing(a=1)}, {"value": thing(a=1, b=2)}, id="new-attribute"),
        pytest.param({"value": [thing()]}, {"value": [thing(b=2)]}, id="new-attribute-inside"),
        pytest.param({}, {"warnings": (("DeprecationWarning", "soon"),)}, id="deprecated"),
    ],
)
def test_what_breaks_nobody_passes(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert compared(replace(CALL, **one), replace(CALL, **other)).outcome is Outcome.PASSED


def test_a_new_deprecation_is_noted() -> None:
    judgement = compared(CALL, replace(CALL, warnings=(("DeprecationWarning", "use sum"),)))
    assert judgement.reason.endswith("1 new deprecation(s) told, the first: use sum")


@pytest.mark.parametrize(
    ("baseline", "said"),
    [
        pytest.param(
            replace(CALL, raised=("ImportError",), found=False, message="no shop"), "has no shop:add", id="unknown"
        ),
        pytest.param(replace(CALL, error="hung"), "did not answer", id="hangs"),
        pytest.param(replace(CALL, unkept=True, message="nothing is kept"), "was not called", id="nothing-to-call"),
    ],
)
def test_a_baseline_that_cannot_do_it_proves_nothing(baseline: CallReply, said: str) -> None:
    judgement = compared(baseline, CALL)
    assert (judgement.outcome, said in judgement.reason) == (Outcome.INCONCLUSIVE, True)


def test_no_calls_prove_nothing() -> None:
    assert compare_calls("none", [], [], (), ()).outcome is Outcome.INCONCLUSIVE


def test_fewer_replies_than_calls_prove_nothing() -> None:
    assert compare_calls("add", [CALL, CALL], [CALL], (), ()).outcome is Outcome.INCONCLUSIVE


def test_what_comes_after_a_candidate_that_died_is_not_compared() -> None:
    judgement = compare_calls("add", [CALL, CALL, CALL], [CALL, replace(CALL, error="died")], (), ())
    assert [(finding.what, finding.where) for finding in judgement.findings] == [("no answer", "/1/@status")]


def test_an_allowance_covers_its_place_only() -> None:
    allowed = [Allowance(probe="add", at="/0/result", reason="rounded")]
    judgement = compare_calls("add", [CALL, CALL], [replace(CALL, value=4)] * 2, (), allowed)
    assert [finding.where for finding in judgement.findings] == ["/1/result"]


def test_a_normaliser_holds_below_the_call() -> None:
    rule = [Normaliser(kind="number", at="/result", tolerance=0.5)]
    judgement = compared(replace(CALL, value=1.0), replace(CALL, value=1.25), normalisers=rule)
    assert judgement.outcome is Outcome.PASSED
