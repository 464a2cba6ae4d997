"""How far a plan leads back: where the point of no return is, whether a run went beyond it, and what has no runbook."""

from pathlib import Path

import pytest

from godwit.plan import NoReturn, Plan, load_plan
from godwit.session import way_back
from godwit.verdict import CheckRecord, Outcome, WayBack

SOUND = Path(__file__).parents[1] / "plan" / "good" / "sound.yaml"
WHY = "The old store is gone"


@pytest.fixture
def plan() -> Plan:
    """A plan of two phases, `prepare` and `widen`, with one runbook from both."""
    return load_plan(SOUND)


def ended(phase: str, outcome: Outcome = Outcome.PASSED, *, ran: bool = True) -> CheckRecord:
    return CheckRecord(f"sound/{phase}/it", "suite", "It holds", phase, outcome, "", repeat="godwit" if ran else "")


def told(plan: Plan, step: str | None, *checks: CheckRecord) -> WayBack:
    point = NoReturn(phase="prepare", step=step, why=WHY)
    return way_back(plan.model_copy(update={"point_of_no_return": point}), (), checks)


@pytest.mark.parametrize(
    ("step", "checks", "passed"),
    [
        (None, [ended("prepare")], False),
        (None, [ended("prepare"), ended("widen")], True),
        (None, [ended("prepare"), ended("widen", Outcome.INCONCLUSIVE, ran=False)], False),
        (None, [ended("prepare"), ended("widen", Outcome.INCONCLUSIVE)], True),
        (None, [ended("prepare"), ended("widen", Outcome.ERRORED)], None),
        ("convert", [ended("prepare")], True),
        ("convert", [ended("prepare", Outcome.ERRORED)], None),
        ("convert", [ended("prepare", Outcome.ERRORED), ended("prepare", Outcome.FAILED)], True),
    ],
    ids=[
        "in its phase",
        "in the next",
        "the next did not run",
        "the next could not be told",
        "the next had errors",
        "behind its step",
        "its phase had errors",
        "its phase had errors and ran",
    ],
)
def test_a_run_is_beyond_the_point_where_what_comes_after_it_ran(plan, step, checks, passed) -> None:
    found = told(plan, step, *checks)
    assert (found.until, found.why) == (f"prepare/{step}" if step else "prepare", WHY)
    assert found.passed is passed


def test_phases_before_the_point_need_a_runbook_and_those_after_it_do_not(plan: Plan) -> None:
    bare = plan.model_copy(update={"runbooks": ()})
    assert way_back(bare, (), ()) == WayBack(without=("prepare", "widen"))
    assert way_back(bare, ("widen",), ()) == WayBack(without=("widen",))
    assert told(bare, None).without == ("prepare",)
    assert way_back(plan, (), ()) == WayBack()
