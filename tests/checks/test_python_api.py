"""Claims about a Python API held against what both sides' interpreters say: confirmed, refuted, or neither."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from godwit.checks import judge_api, judge_deprecation, judge_name
from godwit.plan import Allowance
from godwit.verdict import Claim, Described, Judgement, Outcome

GONE = Described("absent", "AttributeError: no such thing")
VALUE = Described("value", value=1)


def taking(function: Callable[..., Any], kind: str = "callable", **more: Any) -> Described:
    """What is said of a function with these parameters."""
    found = inspect.signature(function).parameters.values()
    defaults = [None if each.default is each.empty else repr(each.default) for each in found]
    told = [(each.name, each.kind.name, default) for each, default in zip(found, defaults, strict=True)]
    return Described(kind, parameters=tuple(told), **more)


def judged(kind: str, one: Described, other: Described, what: str = "", **more: Any) -> Judgement:
    claims = [Claim(kind, "shop:thing", what)]
    return judge_api("shop", claims, {"shop:thing": (one, other)}, 1, more.get("allowances", ()))


PLAIN = taking(lambda a, b=1: None)


@pytest.mark.parametrize(
    ("kind", "one", "other", "what"),
    [
        pytest.param("object removed", VALUE, GONE, "name is gone", id="gone"),
        pytest.param("parameter removed", PLAIN, taking(lambda a: None), "call is refused", id="parameter-gone"),
        pytest.param("parameter moved", PLAIN, taking(lambda b, a=1: None), "call is refused", id="order"),
        pytest.param("parameter removed", PLAIN, taking(lambda a, c=1: None), "call is refused", id="renamed"),
        pytest.param(
            "parameter added required", PLAIN, taking(lambda a, c, b=1: None), "call is refused", id="required"
        ),
        pytest.param(
            "parameter changed kind", PLAIN, taking(lambda a, *, b=1: None), "call is refused", id="by-name-only"
        ),
        pytest.param(
            "parameter changed kind", PLAIN, taking(lambda a, b=1, /: None), "call is refused", id="by-place-only"
        ),
        pytest.param(
            "parameter removed",
            taking(lambda a, **more: None),
            taking(lambda a: None),
            "call is refused",
            id="other-names",
        ),
        pytest.param(
            "parameter changed default", PLAIN, taking(lambda a, b=2: None), "default of b changed", id="default"
        ),
        pytest.param("object changed kind", taking(lambda a: None, "class"), VALUE, "kind changed", id="kind"),
        pytest.param(
            "class removed base",
            Described("class", bases=("Dog", "Animal")),
            Described("class", bases=("Dog",)),
            "base class is gone",
            id="base",
        ),
        pytest.param("attribute changed value", VALUE, Described("value", value=True), "value changed", id="value"),
    ],
)
def test_a_claim_that_the_candidate_confirms_is_a_finding(
    kind: str, one: Described, other: Described, what: str
) -> None:
    judgement = judged(kind, one, other, "b")
    assert judgement.outcome is Outcome.FAILED
    assert [(finding.what, finding.where) for finding in judgement.findings] == [(what, "shop:thing")]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        pytest.param("object removed", VALUE, VALUE, id="still-imports"),
        pytest.param("parameter removed", PLAIN, taking(lambda a, *more, **others: None), id="takes-anything"),
        pytest.param("parameter changed default", PLAIN, PLAIN, id="same-default"),
        pytest.param("object changed kind", PLAIN, taking(lambda a, b=1: None, "class"), id="class-for-a-function"),
        pytest.param(
            "class removed base",
            Described("class", bases=("A", "object")),
            Described("class", bases=("A",)),
            id="object",
        ),
        pytest.param(
            "parameter removed",
            taking(lambda self, a: None, method=True),
            taking(lambda this, a: None, method=True),
            id="the-instance-by-another-name",
        ),
        pytest.param(
            "parameter added required", taking(lambda *args: None), taking(lambda a, *args: None), id="anything-before"
        ),
    ],
)
def test_a_claim_that_the_candidate_refutes_is_none(kind: str, one: Described, other: Described) -> None:
    judgement = judged(kind, one, other, "b")
    assert (judgement.outcome, "1 refuted" in judgement.reason) == (Outcome.PASSED, True)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        pytest.param("object removed", GONE, GONE, id="only-instances-have-it"),
        pytest.param("parameter removed", Described("callable"), PLAIN, id="parameters-not-told"),
        pytest.param("parameter changed default", PLAIN, taking(lambda a, b=None: None), id="default-decided-inside"),
    ],
)
def test_a_claim_that_nobody_can_try_leaves_it_open(kind: str, one: Described, other: Described) -> None:
    judgement = judged(kind, one, other, "b")
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "neither confirmed nor refuted" in judgement.reason


def test_what_only_annotations_say_decides_nothing() -> None:
    assert judged("return changed type", PLAIN, PLAIN).outcome is Outcome.PASSED


def test_an_allowance_covers_the_names_that_it_means() -> None:
    meant, other = Allowance(probe="shop", at="/shop:th*", reason="known"), Allowance(probe="x", at="/*", reason="no")
    assert judged("object removed", VALUE, GONE, allowances=[meant]).outcome is Outcome.PASSED
    assert judged("object removed", VALUE, GONE, allowances=[other]).outcome is Outcome.FAILED


def test_what_is_inside_of_something_gone_is_told_once() -> None:
    claims = [Claim("object removed", name) for name in ("shop.cart", "shop.cart:Cart", "shop.carts")]
    judgement = judge_api("shop", claims, {claim.name: (VALUE, GONE) for claim in claims}, 3, ())
    assert [finding.where for finding in judgement.findings] == ["shop.cart", "shop.carts"]


def test_a_module_without_public_names_proves_nothing() -> None:
    assert judge_api("shop", [], {}, 0, ()).outcome is Outcome.INCONCLUSIVE


def test_no_claims_on_public_names_pass() -> None:
    assert judge_api("shop", [], {}, 3, ()).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("there", "outcome"),
    [
        pytest.param({"shop:a": PLAIN}, Outcome.PASSED, id="same"),
        pytest.param({"shop:a": GONE}, Outcome.FAILED, id="gone"),
        pytest.param({"shop:a": PLAIN, "shop:b": GONE}, Outcome.FAILED, id="new-path-gone"),
        pytest.param({"shop:a": taking(lambda a: None)}, Outcome.FAILED, id="refuses-calls"),
        pytest.param({"shop:a": taking(lambda a, b=1: None, awaits=True)}, Outcome.FAILED, id="async"),
        pytest.param({"shop:a": taking(lambda a, b=1, c=2: None)}, Outcome.PASSED, id="more-parameters"),
    ],
)
def test_a_name_is_judged_at_every_path(there: dict[str, Described], outcome: Outcome) -> None:
    assert judge_name("shop:a", PLAIN, there, allowed=False).outcome is outcome


def test_a_name_that_the_baseline_lacks_proves_nothing() -> None:
    assert judge_name("shop:a", GONE, {"shop:a": PLAIN}, allowed=False).outcome is Outcome.INCONCLUSIVE


def test_a_name_that_may_go_passes_and_says_so() -> None:
    judgement = judge_name("shop:a", PLAIN, {"shop:a": GONE}, allowed=True)
    assert (judgement.outcome, judgement.reason) == (
        Outcome.PASSED, "1 allowed difference(s): name is gone at shop:a",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "warned", "outcome"),
    [
        pytest.param(PLAIN, [("DeprecationWarning", "use b")], Outcome.PASSED, id="on-call"),
        pytest.param(Described("value", warnings=(("FutureWarning", "soon"),)), [], Outcome.PASSED, id="on-import"),
        pytest.param(PLAIN, [], Outcome.FAILED, id="silent"),
        pytest.param(GONE, [], Outcome.FAILED, id="gone"),
    ],
)
def test_a_deprecation_has_to_be_told(found: Described, warned: list[tuple[str, str]], outcome: Outcome) -> None:
    assert judge_deprecation("shop:a", found, warned, called=True).outcome is outcome
