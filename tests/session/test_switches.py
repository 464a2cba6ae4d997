"""Flags are set and seen through whatever control the plan names, and are as they were when they were lent."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from godwit.plan import load_plan
from godwit.session import Session, Setting
from godwit.session.switches import Switches
from godwit.verdict import GodwitError, HarnessError

SHOP = Path(__file__).resolve().parent / "shop"
QUIET = "- {name: quiet, type: bool"


@pytest.fixture
def switches(tmp_path: Path) -> Iterator[Callable[..., Switches]]:
    """The switches of the shop, whose plan was changed at some places; its candidate runs."""
    with ExitStack() as opened:

        def start(*changes: tuple[str, str]) -> Switches:
            text = (SHOP / "plan.yaml").read_text(encoding="utf-8").replace("service.py", str(SHOP / "service.py"))
            for old, new in changes:
                assert old in text
                text = text.replace(old, new)
            (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
            plan = load_plan(tmp_path / "plan.yaml", os.environ)
            session = opened.enter_context(closing(Session(Setting(plan, "process", tmp_path / "out", "run"))))
            session.world.switches.serve()
            session.world.stack("candidate").start()
            return session.world.switches

        yield start


def test_flags_are_set_through_their_controls_and_shown(switches):
    it = switches()
    it.set({"fast": True, "limit": 50, "deep": True, "quiet": True})
    assert it.shown() == {"fast": True, "limit": 50, "deep": True, "quiet": True}


def test_flags_that_are_not_named_stay_as_they_are(switches):
    it = switches()
    it.set({"limit": 50, "quiet": True})
    it.set({"fast": True})
    assert it.shown() == {"fast": True, "limit": 50, "deep": False, "quiet": True}


def test_what_requires_another_flag_is_worth_its_baseline_value_without_it(switches):
    it = switches()
    assert it.effective({"deep": True})["deep"] is False
    assert it.effective({"deep": True, "fast": True})["deep"] is True


def test_flags_that_were_lent_come_back(switches):
    it = switches()
    it.set({"limit": 50})
    with it.restored():
        it.set({"limit": 0, "fast": True})
        assert it.shown()["limit"] == 0
    assert (it.shown()["limit"], it.shown()["fast"]) == (50, False)


def test_a_flag_that_the_stack_does_not_have_is_left_alone(switches):
    baseline = '  baseline:\n    version: "1"\n'
    has_it = (baseline, f"{baseline}    capabilities: [flags]\n")
    it = switches((QUIET, QUIET.replace("type", "needs: [flags], type")), has_it)
    it.set({"quiet": True, "limit": 50})
    assert it.shown() == {"fast": False, "limit": 50, "deep": False}
    assert it.out_of_reach() == {"quiet"}


def test_flags_of_the_router_show_where_they_are_put_when_the_plan_says_nothing_else(switches):
    it = switches(
        ("flags:\n  controls:", "flags:\n  control: {kind: http, on: candidate, path: /admin/flags}\n  controls:"),
        (", quiet: /features/quiet", ""),
        (", set_by: {http: {control: admin, key: quiet}}", ""),
    )
    it.set({"quiet": True, "fast": True})
    assert it.shown() == {"fast": True, "limit": 10, "deep": False, "quiet": True}


def test_a_flag_that_nothing_sets_is_named(switches):
    it = switches((", set_by: {http: {control: admin, key: quiet}}", ""))
    with pytest.raises(HarnessError, match="nothing sets the flag quiet"):
        it.set({"quiet": True})


def test_a_stack_that_has_ended_is_told_only_what_somebody_asks_for(switches):
    it = switches()
    it.set({"quiet": True})
    it._world.stack("candidate").stop()
    it.put({"limit": 50})
    assert it.out_of_reach() == {"fast", "limit", "deep", "quiet"}
    with pytest.raises(GodwitError, match="/admin/flags"):
        it.put({"quiet": False})
