"""The numbered tree of a plan is what people sign off: its text is stable."""

from collections.abc import Callable
from pathlib import Path

import pytest

from godwit.plan import load_plan, tree
from godwit.plan.printer import duration, minimum_s
from godwit.verdict import PlanError

Golden = Callable[[Path, str], None]
HERE = Path(__file__).parent
SHOWN = [
    ("minimal", "process"),
    ("sound", "process"),
    ("universal-orchestrator", "library"),
    ("fleet-1.0.5", "container"),
    ("pip-package", "installation"),
    ("v3-roadmap", "compose"),
]


@pytest.mark.parametrize(("name", "profile"), SHOWN, ids=[name for name, _ in SHOWN])
def test_the_tree_of_a_plan_is_stable(name: str, profile: str, golden: Golden) -> None:
    path = HERE / "good" / f"{name}.yaml"
    golden(path.with_suffix(".tree.txt"), tree(load_plan(path), profile))


def test_a_tree_for_a_profile_without_a_driver_is_refused() -> None:
    with pytest.raises(PlanError, match="baseline has no driver for profile container; it has: process"):
        tree(load_plan(HERE / "good" / "minimal.yaml"), "container")


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(PlanError, match="no driver for profile cluster"):
        tree(load_plan(HERE / "good" / "minimal.yaml"), "cluster")


def test_a_simulated_clock_shortens_soaks_but_never_loads() -> None:
    plan = load_plan(HERE / "good" / "v3-roadmap.yaml")
    load_s = 121.0
    assert minimum_s(plan, plan.phases[0]) == 3 * load_s
    slower = plan.model_copy(update={"clock": plan.clock.model_copy(update={"factor": 10.0})})
    assert minimum_s(slower, slower.phases[0]) == 360 + 360 + 8640


def test_a_load_on_both_stacks_counts_twice() -> None:
    plan = load_plan(HERE / "good" / "universal-orchestrator.yaml")
    assert [minimum_s(plan, phase) for phase in plan.phases] == [0, 2 * 61]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.25, "250ms"), (1.5, "1.5s"), (90, "1m 30s"), (3600, "1h"), (86400 * 3 + 60, "3d 1m")],
    ids=["nothing", "milliseconds", "a-half", "minutes", "an-hour", "days"],
)
def test_durations_are_told_in_their_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
