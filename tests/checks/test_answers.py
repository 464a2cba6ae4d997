"""Answers are compared typed and place by place; only what a plan states as noise or as intended is let through."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import compare_answers
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, Judgement, Outcome

JSON = (("content-type", "application/json"),)


def answer(
    body: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = JSON, request: str = "GET /x"
) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Answer(request, status, headers, raw)


def compare(
    one: Any, other: Any, *rules: Normaliser, allowed: tuple[Allowance, ...] = (), headers: tuple[str, ...] = ()
) -> Judgement:
    return compare_answers("probe", [answer(one)], [answer(other)], rules, allowed, headers)


def sequence(ones: list[Any], others: list[Any], *rules: Normaliser, allowed: tuple[Allowance, ...] = ()) -> Judgement:
    return compare_answers("probe", list(map(answer, ones)), list(map(answer, others)), rules, allowed, ())


def rule(kind: str, at: str, tolerance: float | None = None) -> Normaliser:
    return Normaliser(kind=kind, at=at, tolerance=tolerance)


def test_equal_answers_pass() -> None:
    assert compare({"a": [1, None, "x"]}, {"a": [1, None, "x"]}).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("one", "other", "what", "where"),
    [
        pytest.param({"a": 3}, {"a": "3"}, "type", "/a", id="number-as-text"),
        pytest.param({"a": 3}, {"a": 3.0}, "type", "/a", id="integer-as-fraction"),
        pytest.param({"a": 1}, {"a": True}, "type", "/a", id="one-as-true"),
        pytest.param({"a": []}, {"a": None}, "type", "/a", id="null-for-empty-list"),
        pytest.param({"a": None}, {}, "missing", "/a", id="absent-for-null"),
        pytest.param({}, {"a": None}, "extra", "/a", id="null-for-absent"),
        pytest.param({"a": []}, {"a": {}}, "type", "/a", id="object-for-list"),
        pytest.param({"a": 9007199254740993}, {"a": 9007199254740992}, "value", "/a", id="beyond-doubles"),
        pytest.param(b'{"a": 1.10}', b'{"a": 1.1}', "number written differently", "/a", id="trailing-zero"),
        pytest.param(b'{"a": 1e2}', b'{"a": 100.0}', "number written differently", "/a", id="exponent"),
        pytest.param(b'{"a": 1}', b'{"a": 1, "a": 1}', "key that comes twice", "/a", id="doubled-key"),
        pytest.param([1, 2], [2, 1], "order", "", id="other-order"),
        pytest.param([1, 2, 3], [1, 3], "missing", "/1", id="item-lost-in-the-middle"),
        pytest.param({"a": "é"}, {"a": "e\u0301"}, "value", "/a", id="other-unicode-form"),
        pytest.param({"a/b": {"~c": 1}}, {"a/b": {"~c": 2}}, "value", "/a~1b/~0c", id="escaped-pointer"),
        pytest.param({"a": 1}, b"oops", "body is JSON on one side only", "", id="not-json"),
        pytest.param(b"\xff\xfea", b"\xff\xfeb", "body from byte 2", "", id="bytes-that-are-no-text"),
        pytest.param(b'{"a": 0}', b'{"a": NaN}', "type", "/a", id="nan"),
    ],
)
def test_a_single_difference_is_one_finding_at_its_place(one: Any, other: Any, what: str, where: str) -> None:
    judgement = compare(one, other)
    assert judgement.outcome is Outcome.FAILED
    assert {(finding.what, finding.where) for finding in judgement.findings} >= {(what, where)}


def test_the_order_of_keys_means_nothing() -> None:
    assert compare(b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}').outcome is Outcome.PASSED


def test_an_object_nested_too_deeply_is_compared_by_bytes() -> None:
    deep = b"[" * 100_000
    assert compare(deep, deep + b" ").outcome is Outcome.FAILED
    assert compare(deep, deep, rule("id", "/id")).outcome is Outcome.PASSED


def test_an_integer_of_ten_thousand_digits_is_compared_exactly() -> None:
    digits = b"9" * 10_000
    assert compare(b"[" + digits + b"]", b"[" + digits[:-1] + b"8]").outcome is Outcome.FAILED


def test_a_status_is_a_place_of_its_own() -> None:
    judgement = compare_answers("probe", [answer({}, 201)], [answer({"error": 1}, 500)], (), (), ())
    assert [(finding.where, finding.baseline, finding.candidate) for finding in judgement.findings] == [
        ("/@status", "201", "500")
    ]


def test_the_first_step_is_the_request_when_there_are_several() -> None:
    judgement = sequence([{}, {"a": {"b": 1}}], [{}, {"a": {"b": 2}}])
    assert [finding.where for finding in judgement.findings] == ["/1/a/b"]


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        pytest.param("application/json", "application/json; charset=utf-8", Outcome.FAILED, id="charset-appears"),
        pytest.param(
            "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', Outcome.PASSED, id="writing"
        ),
        pytest.param("application/json", None, Outcome.FAILED, id="gone"),
    ],
)
def test_content_types_are_compared_by_their_words(one: str, other: str | None, outcome: Outcome) -> None:
    sides = [[answer({}, headers=(("content-type", value),) if value else ())] for value in (one, other)]
    assert compare_answers("probe", sides[0], sides[1], (), (), ("Content-Type",)).outcome is outcome


def test_headers_that_nobody_chose_are_not_compared() -> None:
    sides = [[answer({}, headers=(*JSON, ("server", name)))] for name in ("a", "b")]
    assert compare_answers("probe", sides[0], sides[1], (), (), ("content-type",)).outcome is Outcome.PASSED


def test_a_location_follows_the_ids_and_the_port() -> None:
    sides = [
        [answer({"id": made}, 201, (*JSON, ("location", f"http://127.0.0.1:{port}/tasks/{made}")))]
        for made, port in (("task-1", 8001), ("task-7", 8002))
    ]
    assert compare_answers("probe", sides[0], sides[1], [rule("id", "/id")], (), ["location"]).outcome is Outcome.PASSED


def test_a_location_of_another_thing_is_found() -> None:
    sides = [
        [answer({"id": made}, 201, (*JSON, ("location", f"/tasks/{told}")))]
        for made, told in (("task-1", "task-1"), ("task-7", "task-8"))
    ]
    judgement = compare_answers("probe", sides[0], sides[1], [rule("id", "/id")], (), ["location"])
    assert [finding.where for finding in judgement.findings] == ["/@headers/location"]


def test_ids_of_one_shape_are_matched() -> None:
    assert compare({"id": "task-12"}, {"id": "task-9041"}, rule("id", "/id")).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("task-1", "work-1", id="other-prefix"),
        pytest.param("task-1", 1, id="other-type"),
        pytest.param("task-1", None, id="null"),
        pytest.param("task-1", "", id="empty"),
        pytest.param("task-1", "task-9b2e1c04-aaaa-4bbb-8ccc-123456789012", id="uuid-instead"),
        pytest.param("abcd1234", "abcd1234abcd1234abcd1234abcd1234", id="much-longer"),
    ],
)
def test_ids_of_another_shape_are_found(one: Any, other: Any) -> None:
    assert compare({"id": one}, {"id": other}, rule("id", "/id")).outcome is Outcome.FAILED


def test_one_baseline_id_always_meets_the_same_candidate_id() -> None:
    judgement = sequence([{"id": "t-1"}, {"id": "t-1"}], [{"id": "t-5"}, {"id": "t-6"}], rule("id", "/id"))
    assert [(finding.what, finding.where) for finding in judgement.findings] == [("id of another thing", "/1/id")]


def test_two_baseline_ids_never_meet_one_candidate_id() -> None:
    judgement = sequence([{"id": "t-1"}, {"id": "t-2"}], [{"id": "t-5"}, {"id": "t-5"}], rule("id", "/id"))
    assert judgement.outcome is Outcome.FAILED


def test_equal_bytes_do_not_hide_an_id_of_another_thing() -> None:
    judgement = sequence([{"id": "t-1"}, {"id": "t-1"}], [{"id": "t-5"}, {"id": "t-1"}], rule("id", "/id"))
    assert judgement.outcome is Outcome.FAILED


def test_a_matched_id_is_recognised_inside_other_text_even_before_it_was_met() -> None:
    ones = [{"note": "see t-1"}, {"id": "t-1"}]
    others = [{"note": "see t-5"}, {"id": "t-5"}]
    assert sequence(ones, others, rule("id", "/id")).outcome is Outcome.PASSED


def test_half_an_id_is_not_an_id() -> None:
    judgement = sequence([{"id": "t-1"}, {"note": "t-12"}], [{"id": "t-5"}, {"note": "t-52"}], rule("id", "/id"))
    assert [finding.where for finding in judgement.findings] == ["/1/note"]


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        pytest.param("2025-02-03T10:00:00+00:00", "2026-01-01T00:00:09+00:00", Outcome.PASSED, id="same-format"),
        pytest.param("2025-02-03T10:00:00+00:00", "2025-02-03T10:00:00", Outcome.FAILED, id="offset-lost"),
        pytest.param("2025-02-03T10:00:00+00:00", "2025-02-03T10:00:00Z", Outcome.FAILED, id="z-for-offset"),
        pytest.param("2025-02-03T10:00:00Z", "2025-02-03 10:00:00Z", Outcome.FAILED, id="space-for-t"),
        pytest.param("2025-02-03T10:00:00.123456Z", "2025-02-03T10:00:00.123Z", Outcome.FAILED, id="coarser"),
        pytest.param("2025-02-03T10:00:00Z", 1738576800, Outcome.FAILED, id="epoch"),
        pytest.param(1738576800, 1738576801, Outcome.PASSED, id="both-epoch"),
        pytest.param(1738576800, 1738576801000, Outcome.FAILED, id="milliseconds-for-seconds"),
        pytest.param("2025-02-03T10:00:00Z", "soon", Outcome.FAILED, id="no-timestamp"),
        pytest.param("2025-02-03T10:00:00Z", None, Outcome.FAILED, id="null"),
    ],
)
def test_timestamps_are_compared_by_format(one: Any, other: Any, outcome: Outcome) -> None:
    assert compare({"at": one}, {"at": other}, rule("timestamp", "/at")).outcome is outcome


@pytest.mark.parametrize(
    ("pattern", "outcome"),
    [
        pytest.param("/tasks/0/at", Outcome.PASSED, id="exact"),
        pytest.param("/tasks/*/at", Outcome.PASSED, id="any-item"),
        pytest.param("/**/at", Outcome.PASSED, id="any-depth"),
        pytest.param("/*/at", Outcome.FAILED, id="too-shallow"),
        pytest.param("/tasks/1/at", Outcome.FAILED, id="other-item"),
    ],
)
def test_pointers_have_wildcards_for_one_step_and_for_any_depth(pattern: str, outcome: Outcome) -> None:
    one, other = ({"tasks": [{"at": at}]} for at in ("2025-01-01", "2025-01-02"))
    assert compare(one, other, rule("timestamp", pattern)).outcome is outcome


def test_any_depth_includes_none() -> None:
    assert compare({"at": "2025-01-01"}, {"at": "2025-01-02"}, rule("timestamp", "/**/at")).outcome is Outcome.PASSED


def test_a_list_without_order_is_a_multiset() -> None:
    order = rule("order", "/a")
    assert compare({"a": [1, 2, 2]}, {"a": [2, 1, 2]}, order).outcome is Outcome.PASSED
    assert compare({"a": [1, 2, 2]}, {"a": [2, 1, 1]}, order).outcome is Outcome.FAILED


def test_items_without_order_are_told_apart_by_ids_that_were_matched_before() -> None:
    ones = [{"id": "t-1"}, {"id": "t-2"}, {"a": [{"id": "t-1", "x": "p"}, {"id": "t-2", "x": "p"}]}]
    others = [{"id": "t-8"}, {"id": "t-9"}, {"a": [{"id": "t-9", "x": "p"}, {"id": "t-8", "x": "p"}]}]
    assert sequence(ones, others, rule("id", "/**/id"), rule("order", "/a")).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("other", "outcome"),
    [
        pytest.param(1.05, Outcome.PASSED, id="within"),
        pytest.param(1.11, Outcome.FAILED, id="beyond"),
        pytest.param("1.0", Outcome.FAILED, id="text"),
    ],
)
def test_numbers_are_equal_within_their_tolerance(other: Any, outcome: Outcome) -> None:
    assert compare({"n": 1.0}, {"n": other}, rule("number", "/n", 0.1)).outcome is outcome


def test_an_allowance_lets_one_difference_of_its_own_probe_through() -> None:
    mine, foreign = (Allowance(probe=probe, at="/version", reason="it moves") for probe in ("probe", "other"))
    one, other = {"version": "1"}, {"version": "2"}
    assert compare(one, other, allowed=(mine,)).outcome is Outcome.PASSED
    assert compare(one, other, allowed=(foreign,)).outcome is Outcome.FAILED


def test_an_allowance_covers_nothing_below_its_place() -> None:
    allowance = Allowance(probe="probe", at="/a", reason="it moves")
    assert compare({"a": {"b": 1}}, {"a": {"b": 2}}, allowed=(allowance,)).outcome is Outcome.FAILED


def test_an_allowance_may_name_the_request_or_not() -> None:
    sides = [{}, {"v": 1}], [{}, {"v": 2}]
    for at in ("/v", "/1/v"):
        allowance = Allowance(probe="probe", at=at, reason="it moves")
        assert sequence(*sides, allowed=(allowance,)).outcome is Outcome.PASSED


def test_an_allowance_that_was_never_needed_is_told() -> None:
    judgement = compare({}, {}, allowed=(Allowance(probe="probe", at="/gone", reason="it moves"),))
    assert judgement.outcome is Outcome.PASSED
    assert "never needed: /gone" in judgement.reason


def test_a_silent_baseline_is_inconclusive() -> None:
    judgement = compare_answers("probe", [Answer("GET /x", 0, error="refused")], [answer({})], (), (), ())
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "refused" in judgement.reason


def test_a_silent_candidate_fails() -> None:
    judgement = compare_answers("probe", [answer({})], [Answer("GET /x", 0, error="refused")], (), (), ())
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].what == "no answer"


def test_what_differed_before_the_baseline_fell_silent_still_fails() -> None:
    ones = [answer({"a": 1}), Answer("GET /y", 0)]
    judgement = compare_answers("probe", ones, [answer({"a": 2}), answer({"b": 1})], (), (), ())
    assert [finding.where for finding in judgement.findings] == ["/0/a"]


def test_equal_server_errors_prove_nothing() -> None:
    sides = [[answer({"error": "x"}, 500)]] * 2
    assert compare_answers("probe", sides[0], sides[1], (), (), ()).outcome is Outcome.INCONCLUSIVE


def test_no_answers_at_all_are_inconclusive() -> None:
    assert compare_answers("probe", [], [], (), (), ()).outcome is Outcome.INCONCLUSIVE


def test_sequences_of_unequal_length_are_inconclusive() -> None:
    assert compare_answers("probe", [answer({})], [], (), (), ()).outcome is Outcome.INCONCLUSIVE


def test_the_same_difference_in_every_item_is_one_finding_with_its_count() -> None:
    one = [{"id": n, "tags": []} for n in range(50)]
    judgement = compare(one, [{"id": n} for n in range(50)])
    assert [(finding.what, finding.count) for finding in judgement.findings] == [("missing", 50)]
    assert judgement.findings[0].examples[0] == "/0/tags"


def test_at_most_twenty_findings_are_kept_the_smallest_first_and_all_are_counted() -> None:
    one = {f"k{n}": "x" * (n + 1) for n in range(100)}
    judgement = compare(one, dict.fromkeys(one, ""))
    assert len(judgement.findings) == 20
    assert judgement.findings[0].where == "/k0"
    assert judgement.reason.startswith("100 difference(s)")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_every_answer_equals_itself(value: Any) -> None:
    one, other = json.dumps(value).encode(), json.dumps(value, indent=1).encode()
    assert compare(one, other, rule("id", "/**/id"), rule("order", "/**")).outcome is Outcome.PASSED


@given(values, values)
def test_differences_count_the_same_from_either_side(one: Any, other: Any) -> None:
    there, back = compare(one, other), compare(other, one)
    assert there.outcome is back.outcome
    assert there.reason.split(" in ")[0] == back.reason.split(" in ")[0]


@given(st.lists(values, max_size=6), st.randoms(use_true_random=False))
def test_a_shuffled_list_without_order_equals_itself(items: list[Any], chance: Any) -> None:
    shuffled = items.copy()
    chance.shuffle(shuffled)
    assert compare({"a": items}, {"a": shuffled}, rule("order", "/a")).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("one", "other", "rules", "fired"),
    [
        pytest.param({"id": "t-1"}, {"id": "t-2"}, [rule("id", "/id")], {"id /id": 1}, id="id"),
        pytest.param({"id": "t-1"}, {"id": "t-1"}, [rule("id", "/id")], {}, id="equal-ids"),
        pytest.param({"id": "t-1"}, {"id": None}, [rule("id", "/id")], {}, id="difference"),
        pytest.param([1.0, 1.0], [1.1, 1.0], [rule("number", "/*", 0.5)], {"number /*": 1}, id="number"),
        pytest.param([1, 2], [2, 1], [rule("order", "")], {"order (whole body)": 1}, id="order"),
        pytest.param([1, 2], [1, 2], [rule("order", "")], {}, id="same-order"),
        pytest.param(
            [{"at": "2025-01-01"}] * 2, [{"at": "2025-01-02"}] * 2, [rule("timestamp", "/*/at")],
            {"timestamp /*/at": 2}, id="timestamps",
        ),
    ],
)  # fmt: skip
def test_each_rule_tells_how_many_differences_it_let_through(
    one: Any, other: Any, rules: list[Normaliser], fired: dict[str, int]
) -> None:
    assert dict(compare(one, other, *rules).rules or {}) == fired


def test_without_rules_nothing_is_told_of_them() -> None:
    assert compare({}, {}).rules is None
