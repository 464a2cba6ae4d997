"""The matrix is every assignment of the flags, and the truth table says who serves whom under each."""

from typing import Any

import pytest

from godwit.checks import FlagCase, User, cases, expected_side, judge_case
from godwit.plan import Flag, Flags, Rule, TruthTable
from godwit.verdict import Outcome, PlanError

FLAGS = Flags(
    flags=(
        Flag(name="use_v2_orchestration", type="bool", default=False, baseline_value=False, values=(False, True)),
        Flag(name="v2_user_percentage", type="percent", default=0, baseline_value=0, values=(0, 50, 100)),
        Flag(name="v2_enabled_teams", type="list", default=(), baseline_value=(), values=((), ("qa",))),
        Flag(name="fallback_to_v1", type="bool", default=True, baseline_value=True, values=(True, False)),
    )
)
TRUTH = TruthTable(
    rules=(
        Rule(when={"use_v2_orchestration": False}, served_by="baseline"),
        Rule(when={"v2_enabled_teams": {"contains": "user.team"}}, served_by="candidate"),
        Rule(when={"v2_user_percentage": {"above": "user.bucket"}}, served_by="candidate"),
    ),
    fallback="fallback_to_v1",
)
INSIDE = User("u-in", "core", 20.0)
OUTSIDE = User("u-out", "core", 80.0)
LISTED = User("u-qa", "qa", 99.0)


def case(
    on: bool = True, percent: int = 50, teams: tuple[str, ...] = (), fallback: bool = True, failing: bool = False
) -> FlagCase:
    flags: dict[str, Any] = {
        "use_v2_orchestration": on,
        "v2_user_percentage": percent,
        "v2_enabled_teams": teams,
        "fallback_to_v1": fallback,
    }
    return FlagCase("case", flags, failing)


def test_the_matrix_is_the_whole_product() -> None:
    found = cases(FLAGS)
    assert len(found) == 2 * 3 * 2 * 2 * 2
    assert len({(tuple(map(str, it.flags.values())), it.candidate_failing) for it in found}) == len(found)


def test_ids_of_cases_are_unique_readable_and_stable() -> None:
    ids = [it.id for it in cases(FLAGS)]
    assert len(set(ids)) == len(ids)
    assert "orchestration=on.percentage=50.teams=qa.fallback=off.failing" in ids
    assert ids == [it.id for it in cases(FLAGS)]


def test_ids_stay_unique_when_names_and_values_look_alike() -> None:
    flags = tuple(
        Flag(name=name, type="text", default="A b", baseline_value="A b", values=("A b", "a-b", "a b", "*"))
        for name in ("enable_plugin", "use_plugin")
    )
    ids = [it.id for it in cases(Flags(flags=flags))]
    assert len(set(ids)) == 4 * 4 * 2
    assert not any(character in "".join(ids) for character in "*?[]/ ")


def test_no_flags_make_no_cases() -> None:
    assert cases(Flags()) == ()


@pytest.mark.parametrize(
    ("given_case", "user", "side"),
    [
        pytest.param(case(on=False, percent=100, teams=("qa",)), LISTED, "baseline", id="master-off"),
        pytest.param(case(percent=0, teams=("qa",)), LISTED, "candidate", id="team-listed"),
        pytest.param(case(), INSIDE, "candidate", id="bucket-below"),
        pytest.param(case(percent=20), INSIDE, "candidate", id="bucket-at-the-edge"),
        pytest.param(case(percent=19), INSIDE, "baseline", id="bucket-just-above"),
        pytest.param(case(), OUTSIDE, "baseline", id="no-rule-holds"),
        pytest.param(case(failing=True), INSIDE, "baseline", id="fallback"),
        pytest.param(case(failing=True, fallback=False), INSIDE, "error", id="no-fallback"),
        pytest.param(case(failing=True, fallback=False), OUTSIDE, "baseline", id="candidate-not-chosen"),
    ],
)
def test_the_first_rule_that_holds_decides_then_the_fallback(given_case: FlagCase, user: User, side: str) -> None:
    assert expected_side(TRUTH, given_case, user) == side


def test_a_condition_nobody_knows_is_refused() -> None:
    truth = TruthTable(rules=(Rule(when={"v2_user_percentage": {"below": "user.bucket"}}, served_by="candidate"),))
    with pytest.raises(PlanError, match=r"above: user\.bucket"):
        expected_side(truth, case(), INSIDE)


def test_a_flag_that_the_case_does_not_set_is_refused() -> None:
    with pytest.raises(PlanError, match="known: use_v2_orchestration"):
        expected_side(TruthTable(rules=(Rule(when={"other": True}, served_by="candidate"),)), case(), INSIDE)


def test_one_is_not_on() -> None:
    truth = TruthTable(rules=(Rule(when={"v2_user_percentage": True}, served_by="candidate"),))
    assert expected_side(truth, case(percent=1), INSIDE) == "baseline"


def test_a_case_passes_when_everybody_was_served_as_the_table_says() -> None:
    assert judge_case(case(), [(INSIDE, "candidate"), (OUTSIDE, "baseline")], TRUTH).outcome is Outcome.PASSED


def test_users_served_wrongly_in_the_same_way_are_one_finding() -> None:
    users = [(User(f"u{n}", "core", 20.0), "baseline") for n in range(7)]
    judgement = judge_case(case(), users, TRUTH)
    assert [(it.baseline, it.candidate, it.count) for it in judgement.findings] == [("candidate", "baseline", 7)]


def test_a_case_without_users_is_inconclusive() -> None:
    assert judge_case(case(), [], TRUTH).outcome is Outcome.INCONCLUSIVE
