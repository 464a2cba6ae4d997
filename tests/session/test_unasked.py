"""An element whose phase does not ask for its suite is told at its place, instead of being left out without a word."""

from collections.abc import Callable
from pathlib import Path

import pytest

from godwit.plan import Lint, Plan, lint
from godwit.session import expand, unasked
from godwit.session.shipped import catalogue

DEPOT = Path(__file__).resolve().parent / "depot"
ANOTHER = """\
phases:
  - {id: opening, title: Doors open, suites: [{suite: backward-compatibility}], exit: scales}
"""
PHASE = "suites: [{suite: scaling}]"


def never_asked(plan: Plan) -> list[Lint]:
    lints = lint(plan, catalogue(), unasked=unasked(plan, expand(plan)))
    return [each for each in lints if each.id == "element-never-asked"]


def test_what_a_phase_asks_for_is_no_doubt(planned: Callable[..., Plan]) -> None:
    assert never_asked(planned(DEPOT)) == []


def test_a_phase_that_an_element_names_and_that_does_not_exercise_it_is_told_there(
    planned: Callable[..., Plan],
) -> None:
    changes = [("phases:\n", ANOTHER), ("id: by-shelf\n", "id: by-shelf\n    phases: [growing, opening]\n")]
    (told,) = never_asked(planned(DEPOT, *changes))
    assert told.level == "error"
    assert "plan.yaml:" in told.where
    assert told.where.endswith("query_plans[0].phases[1]")
    assert "phase opening asks for no suite that exercises by-shelf" in told.message
    assert "ask for scaling/a-query-keeps-its-index there" in told.message


@pytest.mark.parametrize(
    ("suites", "left_out"),
    [
        pytest.param(
            "suites: [{suite: backward-compatibility}]", ["shelves", "listing", "by-shelf"], id="another-suite"
        ),
        pytest.param(
            "suites: [{suite: scaling, promises: [a-query-keeps-its-index]}]",
            ["shelves", "listing"],
            id="another-promise",
        ),
    ],
)
def test_an_element_for_any_phase_that_none_exercises_is_told(
    suites: str, left_out: list[str], planned: Callable[..., Plan]
) -> None:
    told = never_asked(planned(DEPOT, (PHASE, suites)))
    assert [each.message.split(";")[0].split()[-1] for each in told] == left_out


def test_an_element_that_one_of_several_phases_exercises_is_no_doubt(planned: Callable[..., Plan]) -> None:
    assert never_asked(planned(DEPOT, ("phases:\n", ANOTHER))) == []
