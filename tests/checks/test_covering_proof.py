"""The proof of a matrix finds every hole, every case that must not be, and excuses only what cannot be."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from godwit.checks import FlagCase, cases, judge_matrix, prove
from godwit.checks.flag_arrays import matrix_of
from godwit.plan import Flags, space_of
from godwit.verdict import Outcome, PlanError

KINDS: dict[str, tuple[str, list[Any]]] = {
    "fast": ("bool", [False, True]),
    "share": ("percent", [0, 1, 50, 99, 100]),
    "model": ("enum", ["small", "medium", "large"]),
    "teams": ("list", [[], ["qa"], ["qa", "core"]]),
    "slow": ("bool", [False, True]),
}
RULES = [
    "not (fast and share == 50)", "model != 'large' or fast", "'core' not in teams or share > 1", "fast != slow or model == 'small'",
    "share in [0, 100] or teams", "not (fast and slow)",
]  # fmt: skip


def flags(**words: Any) -> Flags:
    """Five flags of every kind; defaults are the first values."""
    listed = [
        {"name": name, "type": kind, "default": values[0], "baseline_value": values[0], "values": values}
        for name, (kind, values) in KINDS.items()
    ]
    return Flags.model_validate({"flags": listed, "strength": 2} | words)


MINIMAL = flags(strength=2, constraints=RULES[:2])


@pytest.mark.parametrize("strength", [1, 2, 3, 4, "all"], ids=str)
def test_a_matrix_of_any_strength_is_proved(strength: Any) -> None:
    asked = flags(strength=strength, constraints=RULES[:3])
    assert prove(asked, matrix_of(asked)).holds


@given(st.lists(st.sampled_from(RULES), max_size=4, unique=True), st.integers(1, 3), st.booleans())
@settings(max_examples=40, deadline=None)
def test_what_the_generator_makes_the_proof_accepts(rules: list[str], strength: int, mixed: bool) -> None:
    stronger = [{"flags": ["fast", "model", "teams"], "strength": 3}] if mixed else []
    asked = flags(strength=strength, constraints=rules, stronger=stronger, must=[{"share": 100}])
    proof = prove(asked, matrix_of(asked))
    assert proof.holds, str(proof)


EVERY = [dict(zip(KINDS, values, strict=True)) for values in product(*(values for _, values in KINDS.values()))]


def told(case: Mapping[str, Any], names: Sequence[str]) -> str:
    return repr([case[name] for name in names])


@given(
    st.lists(st.sampled_from(RULES), max_size=4, unique=True),
    st.integers(1, 4),
    st.lists(st.sampled_from(EVERY), max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_what_is_missing_is_what_trying_every_assignment_says(
    rules: list[str], strength: int, drawn: list[dict[str, Any]]
) -> None:
    asked = flags(strength=strength, constraints=rules)
    allowed = [case for case in EVERY if space_of(asked).broken(case) is None]
    rows = [case for case in drawn if case in allowed]
    missing = sum(
        len({told(case, names) for case in allowed} - {told(case, names) for case in rows})
        for names in combinations(KINDS, strength)
    )
    proof = prove(asked, drawn)
    assert proof.parts[0].n_missing == missing
    assert len(proof.wrong) == len(drawn) - len(rows)


def test_taking_out_any_case_that_alone_holds_something_is_found() -> None:
    rows = list(matrix_of(MINIMAL))
    kept = [row for row in rows if prove(MINIMAL, [each for each in rows if each is not row]).holds]
    assert not kept
    assert len(rows) >= 15


@pytest.mark.parametrize("name", KINDS)
def test_changing_a_value_of_a_case_to_one_that_is_not_tried_is_found(name: str) -> None:
    rows = [dict(row) for row in matrix_of(MINIMAL)]
    rows[3][name] = "other"
    assert prove(MINIMAL, rows).wrong


def test_on_is_not_one() -> None:
    rows = [dict(row) | {"fast": int(row["fast"])} for row in matrix_of(MINIMAL)]
    assert len(prove(MINIMAL, rows).wrong) == len(rows)


def test_a_flag_that_a_case_leaves_out_is_found() -> None:
    rows = [{name: value for name, value in row.items() if name != "slow"} for row in matrix_of(MINIMAL)]
    assert prove(MINIMAL, rows).wrong[0][1] == "it does not say what slow is"


def test_a_case_that_a_constraint_forbids_is_found_and_covers_nothing() -> None:
    rows = matrix_of(flags(strength=2))
    proof = prove(MINIMAL, rows)
    assert {why for _, why in proof.wrong} == {f"it breaks '{rule}'" for rule in RULES[:2]}


def test_a_case_that_must_be_and_is_not_is_found() -> None:
    rows = matrix_of(MINIMAL)
    must = {"fast": True, "share": 99, "model": "medium", "teams": ["qa"], "slow": True}
    absent = flags(strength=2, constraints=RULES[:2], must=[must])
    rows = [
        row for row in rows if any(tuple(row[n]) != ("qa",) if n == "teams" else row[n] != v for n, v in must.items())
    ]
    assert len(prove(absent, rows).absent) == 1


def test_what_two_constraints_exclude_together_is_excused() -> None:
    asked = flags(strength=2, constraints=["not fast or slow", "not slow or share == 100"])
    proof = prove(asked, matrix_of(asked))
    assert proof.holds
    # fast with each of four shares, slow with each of four shares, and fast without slow
    assert proof.parts[0].impossible == 9


def test_the_numbers_of_a_proof_add_up() -> None:
    proof = prove(MINIMAL, matrix_of(MINIMAL)[:4])
    part = proof.parts[0]
    assert part.wanted == 2 * 5 + 2 * 3 + 2 * 3 + 2 * 2 + 5 * 3 + 5 * 3 + 5 * 2 + 3 * 3 + 3 * 2 + 3 * 2
    assert part.n_missing > 0
    assert len(part.missing) == min(20, part.n_missing)
    assert not proof.holds


def test_the_judgement_prints_the_proof() -> None:
    judgement = judge_matrix(MINIMAL, cases(MINIMAL))
    assert judgement.outcome is Outcome.PASSED
    assert (
        "strength 2 of 5 flags: 87 combinations, 84 covered, 3 excluded by constraints, 0 missing" in judgement.reason
    )
    assert "sha256 " in judgement.reason


def test_a_hole_is_a_finding_with_how_many_and_which() -> None:
    judgement = judge_matrix(MINIMAL, cases(MINIMAL)[:-2])
    assert judgement.outcome is Outcome.FAILED
    (finding,) = judgement.findings
    assert finding.count == len(finding.examples) >= 1


TRUTH = {"rules": [{"when": {"fast": True}, "served_by": "candidate"}, {"served_by": "baseline"}]}


def test_a_matrix_without_a_failing_candidate_is_not_proved_where_the_truth_table_asks_for_one() -> None:
    asked = flags(strength=2, truth=TRUTH)
    assert judge_matrix(asked, cases(asked)).outcome is Outcome.PASSED
    assert judge_matrix(asked, cases(asked, ["healthy"])).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("nothing", [Flags(), flags()], ids=["no-flags", "no-cases"])
def test_nothing_to_prove_is_inconclusive(nothing: Flags) -> None:
    assert judge_matrix(nothing, []).outcome is Outcome.INCONCLUSIVE


def test_ids_of_a_covering_array_are_unique_and_tell_what_differs_from_the_defaults() -> None:
    found = cases(MINIMAL)
    assert len({case.id for case in found}) == len(found)
    assert found[0].id == "defaults.healthy"
    assert found[1] == FlagCase("defaults.failing", found[0].flags, candidate_failing=True)


def test_a_case_that_must_be_and_is_there_already_is_not_there_twice() -> None:
    defaults = {name: values[0] for name, (_, values) in KINDS.items()}
    found = cases(flags(strength=2, must=[defaults, {"fast": False}, {}]))
    assert len({case.id for case in found}) == len(found)


def test_a_case_that_must_be_and_cannot_is_refused_in_words() -> None:
    with pytest.raises(PlanError, match=r"flags\.must: no case that the constraints allow holds"):
        cases(flags(strength=2, constraints=RULES[:1], must=[{"fast": True, "share": 50}]))


def test_ids_of_many_flags_stay_short_and_unique() -> None:
    listed = [
        {"name": f"flag{n}", "type": "bool", "default": False, "baseline_value": False, "values": [False, True]}
        for n in range(60)
    ]
    found = cases(Flags.model_validate({"flags": listed, "strength": 2}), ["healthy"])
    assert len({case.id for case in found}) == len(found)
    assert max(len(case.id) for case in found) <= 110


@pytest.mark.parametrize(
    ("words", "said"),
    [({"constraints": ["fast", "not fast"]}, "meets all constraints"), ({"strength": "all", "flags": "many"}, "strength: 2")],
    ids=["nothing-allowed", "too-many"],
)  # fmt: skip
def test_a_matrix_that_cannot_be_is_refused_in_words(words: dict[str, Any], said: str) -> None:
    if words.get("flags") == "many":
        listed = [
            {"name": f"flag{n}", "type": "bool", "default": False, "baseline_value": False, "values": [False, True]}
            for n in range(11)
        ]
        words = words | {"flags": listed}
    with pytest.raises(PlanError, match=said):
        cases(flags(**words))


def test_a_plan_has_the_same_cases_in_every_process_and_on_every_machine() -> None:
    assert prove(MINIMAL, matrix_of(MINIMAL)).sha256.startswith("b2fb22aba37a455f")
