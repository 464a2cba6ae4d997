"""What varies within the baseline is never ignored: its kind, form, presence, distribution and relations are compared."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from godwit.checks import compare_noisy
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, Judgement, Outcome

JSON = (("content-type", "application/json"),)
Maker = Callable[[random.Random, int], Any]


def answer(body: Any, headers: tuple[tuple[str, str], ...] = (), status: int = 200) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer("GET /x", status, (*JSON, *headers), raw)


def repeated(make: Maker, k: int, seed: int) -> list[list[Answer]]:
    chance = random.Random(seed)
    return [[answer(make(chance, index))] for index in range(k)]


def compare(one: Maker, other: Maker, k: int = 3, allowed: tuple[Allowance, ...] = ()) -> Judgement:
    # The baseline's values alternate where a test says so, so that the noise is seen in every run.
    return compare_noisy("probe", repeated(one, k, 1), repeated(other, k, 2), (), allowed, ())


def alternating(chance: random.Random, index: int) -> Any:
    return {"mode": "ab"[index % 2], "n": 1}


def uuid(chance: random.Random) -> str:
    text = f"{chance.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


NOISE: dict[str, Maker] = {
    "uuid": lambda chance, index: {"v": uuid(chance)},
    "counter": lambda chance, index: {"v": f"task-{index + chance.randrange(1, 4) * 5}"},
    "timestamp": lambda chance, index: {"v": f"2025-01-01T10:00:{chance.randrange(10, 60)}Z"},
    "duration": lambda chance, index: {"v": round(0.5 + chance.random(), 3)},
    "uptime": lambda chance, index: {"v": index // 2 + chance.randrange(2) * 100},
    "text": lambda chance, index: {"v": "x" * chance.randrange(6, 11) + str(chance.random())[:8]},
    "header-like": lambda chance, index: (
        [{"id": uuid(chance), "at": f"2025-01-01 10:00:{chance.randrange(10, 60)}"}] * 3
    ),
    "keys": lambda chance, index: {"by_id": {uuid(chance): {"n": 1}, uuid(chance): {"n": 1}}},
    "list-length": lambda chance, index: {"v": [{"n": 1}] * chance.randrange(1, 4)},
    "random-order": lambda chance, index: {"v": chance.sample(["p", "q", "r", "s", "t"], 5)},
}


@pytest.mark.parametrize("make", NOISE.values(), ids=NOISE)
@pytest.mark.parametrize("seed", range(10), ids=lambda seed: f"seed-{seed}")
def test_the_same_noise_on_both_sides_is_no_finding(make: Maker, seed: int) -> None:
    judgement = compare_noisy("probe", repeated(make, 5, seed), repeated(make, 5, seed + 1000), (), (), ())
    assert judgement.outcome is Outcome.PASSED, judgement


@pytest.mark.parametrize(
    ("value", "what"),
    [
        pytest.param(None, "type behind noise", id="null"),
        pytest.param(1, "type behind noise", id="integer"),
        pytest.param("1", "shape behind noise", id="integer-as-text"),
        pytest.param(["a"], "type behind noise", id="list"),
        pytest.param("", "shape behind noise", id="empty-text"),
        pytest.param("a" * 40, "length behind noise", id="far-longer"),
        pytest.param("2025-01-01", "shape behind noise", id="date"),
    ],
)
def test_a_defect_behind_a_noisy_field_is_found_at_once(value: Any, what: str) -> None:
    judgement = compare(alternating, lambda chance, index: {"mode": value, "n": 1})
    assert [(finding.what, finding.where) for finding in judgement.findings] == [(what, "/mode")]
    assert judgement.outcome is Outcome.FAILED


def test_a_noisy_field_that_is_gone_is_found() -> None:
    judgement = compare(alternating, lambda chance, index: {"n": 1})
    assert [(finding.what, finding.candidate) for finding in judgement.findings] == [("type behind noise", "(absent)")]


def test_another_value_behind_noise_is_found_with_enough_repetitions() -> None:
    judgement = compare(alternating, lambda chance, index: {"mode": "c", "n": 1}, k=8)
    assert [(finding.what, finding.where) for finding in judgement.findings] == [("distribution behind noise", "/mode")]


def test_another_value_behind_noise_is_inconclusive_on_few_repetitions_and_says_how_many_would_do() -> None:
    judgement = compare(alternating, lambda chance, index: {"mode": "c", "n": 1}, k=3)
    assert (judgement.outcome, judgement.n_needed) == (Outcome.INCONCLUSIVE, 7)


def test_a_value_that_stays_where_it_should_vary_is_found_with_enough_repetitions() -> None:
    stuck = compare(alternating, lambda chance, index: {"mode": "a", "n": 1}, k=20)
    assert [finding.what for finding in stuck.findings] == ["distribution behind noise"]


def test_a_quiet_field_beside_a_noisy_one_is_compared_exactly() -> None:
    judgement = compare(alternating, lambda chance, index: {"mode": "ab"[index % 2], "n": 1.0})
    assert [(finding.what, finding.where) for finding in judgement.findings] == [("type", "/n")]


def test_a_quiet_field_that_is_wrong_in_one_repetition_only_is_found() -> None:
    judgement = compare(alternating, lambda chance, index: {"mode": "ab"[index % 2], "n": 1 + (index == 2)})
    assert [(finding.what, finding.where) for finding in judgement.findings] == [("value", "/n")]


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        pytest.param(lambda c, i: 1.5 + i, lambda c, i: -1.5 - i, "sign behind noise", id="negative"),
        pytest.param(lambda c, i: 1.5 + i, lambda c, i: 1500.5 + i, "magnitude behind noise", id="milliseconds"),
        pytest.param(lambda c, i: 3 + i, lambda c, i: 0, "magnitude behind noise", id="always-zero"),
        pytest.param(lambda c, i: 3 + i, lambda c, i: str(3 + i), "type behind noise", id="integers-as-text"),
        pytest.param(lambda c, i: uuid(c), lambda c, i: uuid(c).replace("-", ""), "shape behind noise", id="uuid-bare"),
        pytest.param(lambda c, i: 1700000000 + i, lambda c, i: 1700000000000 + i, "magnitude behind noise", id="epoch"),
        pytest.param(
            lambda c, i: f"2025-01-01T00:00:0{i}Z", lambda c, i: f"2025-01-01T00:00:0{i}+00:00", "shape behind noise",
            id="offset",
        ),
    ],
)  # fmt: skip
def test_kind_form_and_size_of_noise_are_compared(one: Maker, other: Maker, what: str) -> None:
    judgement = compare(lambda c, i: {"v": one(c, i)}, lambda c, i: {"v": other(c, i)})
    assert [(finding.what, finding.where) for finding in judgement.findings] == [(what, "/v")]


def sometimes(chance: random.Random, index: int) -> Any:
    return {"n": 1, "hint": "x"} if index % 2 else {"n": 1}


def test_a_key_that_is_there_sometimes_may_be_there_sometimes() -> None:
    assert compare(sometimes, lambda c, i: sometimes(c, i + 1), k=5).outcome is Outcome.PASSED


def test_a_key_that_was_there_sometimes_and_never_is_now_is_found_or_doubted() -> None:
    def never(chance: random.Random, index: int) -> Any:
        return {"n": 1}

    assert compare(sometimes, never, k=3).outcome is Outcome.INCONCLUSIVE
    assert [finding.what for finding in compare(sometimes, never, k=20).findings] == ["distribution behind noise"]


def test_what_stands_below_a_key_that_comes_and_goes_is_compared_exactly() -> None:
    def part(value: int) -> Maker:
        return lambda chance, index: {"part": {"v": value}} if index % 2 else {}

    judgement = compare(part(1), part(2))
    assert [(finding.what, finding.where) for finding in judgement.findings] == [("value", "/part/v")]


def test_a_number_of_items_that_never_varied_must_be_met() -> None:
    def items(n: int) -> Maker:
        return lambda chance, index: {"v": [uuid(chance) for _ in range(n)]}

    assert compare(items(3), items(3)).outcome is Outcome.PASSED
    assert [finding.what for finding in compare(items(3), items(2)).findings] == ["items behind noise"]


def test_noisy_places_that_are_always_equal_must_stay_so() -> None:
    def pair(chance: random.Random, index: int) -> Any:
        made = uuid(chance)
        return {"id": made, "link": {"id": made}}

    def apart(chance: random.Random, index: int) -> Any:
        return {"id": uuid(chance), "link": {"id": uuid(chance)}}

    assert compare(pair, pair).outcome is Outcome.PASSED
    assert [(it.what, it.where) for it in compare(pair, apart).findings] == [("relation behind noise", "/link/id")]


def test_noisy_headers_are_compared_by_form() -> None:
    def sides(form: str) -> list[list[Answer]]:
        return [[answer({}, (("x-request-id", form.format(index)),))] for index in range(3)]

    ones, others = sides("req-{}"), sides("{}")
    judgement = compare_noisy("probe", ones, others, (), (), ("x-request-id",))
    assert [(it.what, it.where) for it in judgement.findings] == [("shape behind noise", "/@headers/x-request-id")]
    assert compare_noisy("probe", ones, ones, (), (), ("x-request-id",)).outcome is Outcome.PASSED


def test_a_silent_candidate_is_found_in_any_repetition() -> None:
    ones = repeated(alternating, 3, 1)
    judgement = compare_noisy("probe", ones, [*ones[:2], [Answer("GET /x", 0, error="refused")]], (), (), ())
    assert [finding.what for finding in judgement.findings] == ["no answer"]


def test_a_silent_baseline_is_inconclusive() -> None:
    ones = repeated(alternating, 3, 1)
    judgement = compare_noisy("probe", [*ones[:2], [Answer("GET /x", 0)]], ones, (), (), ())
    assert judgement.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("sides", [([], []), ([[answer({})]], []), ([[]], [[answer({})]])], ids=("none", "one", "odd"))
def test_nothing_to_compare_is_inconclusive(sides: Any) -> None:
    assert compare_noisy("probe", sides[0], sides[1], (), (), ()).outcome is Outcome.INCONCLUSIVE


def test_equal_server_errors_prove_nothing() -> None:
    down = [[answer({"error": index}, status=500)] for index in range(3)]
    assert compare_noisy("probe", down, down, (), (), ()).outcome is Outcome.INCONCLUSIVE


def test_one_repetition_is_compared_exactly() -> None:
    ones = repeated(alternating, 1, 1)
    assert compare_noisy("probe", ones, ones, (), (), ()).outcome is Outcome.PASSED
    others = [[answer({"mode": "c", "n": 1})]]
    assert [it.where for it in compare_noisy("probe", ones, others, (), (), ()).findings] == ["/mode"]


def test_an_allowance_covers_what_is_behind_noise() -> None:
    allowance = Allowance(probe="probe", at="/mode", reason="it moves")
    judgement = compare(alternating, lambda chance, index: {"mode": None, "n": 1}, allowed=(allowance,))
    assert judgement.outcome is Outcome.PASSED


def test_rules_of_the_plan_hold_before_noise_is_looked_for() -> None:
    ones, others = ([[answer({"id": f"t-{index + start}"})] for index in range(3)] for start in (1, 50))
    judgement = compare_noisy("probe", ones, others, (Normaliser(kind="id", at="/id"),), (), ())
    assert judgement.reason.endswith("no noise")


def test_noisy_places_are_named() -> None:
    assert "1 noisy place(s): /mode" in compare(alternating, alternating).reason


def test_rules_tell_what_they_let_through_between_the_sides() -> None:
    ones, others = ([[answer({"id": f"t-{start}"})]] for start in (1, 50))
    judgement = compare_noisy("probe", ones, others, (Normaliser(kind="id", at="/id"),), (), ())
    assert dict(judgement.rules or {}) == {"id /id": 1}
