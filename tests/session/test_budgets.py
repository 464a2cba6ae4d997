"""A load through the router is taken by those whom each side serves; a side that serves nobody takes none."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.load import Progress
from godwit.plan import LoadProfile, Operation
from godwit.session import budgets, readings
from godwit.session.budgets import Budgets
from godwit.session.stopping import LimitBrokenError, follow
from godwit.verdict import HarnessError, LoadRun

USERS = [(f"user-{number}", "shop") for number in range(10)]


class Stack:
    url = "http://127.0.0.1:1"

    def is_running(self) -> bool:
        return True


class Idle:
    def __init__(self, *_: Any) -> None:
        pass

    def start(self) -> None:
        pass

    def stop(self) -> Any:
        return 0.0


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Who took part in a load whose router serves the first so many users from the candidate, by side."""

    def load(target: str, moved: int) -> dict[str, list[tuple[str, str]]]:
        taken: dict[str, Any] = {}

        def run_load(profile: LoadProfile, *, users: dict[str, Any], **_: Any) -> LoadRun:
            taken.update(users)
            return LoadRun(profile.id, 1.0, 10, 0.1, 0.0, {})

        for name in ("Sampler", "Neighbours"):
            monkeypatch.setattr(budgets, name, Idle)
        monkeypatch.setattr(budgets, "counters", lambda *_: {})
        monkeypatch.setattr(budgets, "run_load", run_load)
        profile = LoadProfile(
            id="day", rate_per_s=10.0, duration_s=1.0, target=target, operations=(Operation(id="look", path="/", share=100.0),)
        )  # fmt: skip
        sides = {who: "candidate" if number < moved else "baseline" for number, (who, _) in enumerate(USERS)}
        router = SimpleNamespace(assignments=lambda users: {who: sides[who] for who, _ in users})
        plan = SimpleNamespace(
            profiles=(profile,), rollout=SimpleNamespace(router=None), migration=SimpleNamespace(seed=1), criteria=()
        )
        world = SimpleNamespace(
            plan=plan, router=router, users=USERS, stack=lambda _: Stack(), stacks={}, out=tmp_path,
            places=SimpleNamespace(of=lambda _: {}), variables=lambda _: {},
            setting=SimpleNamespace(profile="process"), events=SimpleNamespace(emit=lambda *_: None),
        )  # fmt: skip
        Budgets(world).observe("day", "phase")  # type: ignore[arg-type]
        return taken

    return load


@pytest.mark.parametrize("moved", [pytest.param(0, id="nobody"), pytest.param(10, id="everybody")])
def test_a_side_that_serves_nobody_takes_no_load(asked, moved):
    assert asked("router", moved) == {"candidate" if moved else "baseline": USERS}


def test_each_side_takes_the_load_of_those_whom_it_serves(asked):
    assert asked("router", 4) == {"baseline": USERS[4:], "candidate": USERS[:4]}


def test_stacks_that_are_asked_directly_both_take_everybody(asked):
    assert asked("stacks", 4) == {"baseline": USERS, "candidate": USERS}


def test_a_load_past_its_limit_is_stopped_and_nothing_is_judged_on_it():
    profile = LoadProfile(
        id="day",
        rate_per_s=10.0,
        duration_s=1.0,
        stop_at={"errors": 5.0},
        operations=(Operation(id="look", path="/", share=100.0),),
    )
    told: list[str] = []
    see = follow(profile, told.append)
    see(Progress(3.0, 100, 5, 2.0, recent_n=100, recent_failed=5))
    with pytest.raises(LimitBrokenError, match="stopped after 4 s: errors 6 % of 5 % over the last 10 s"):
        see(Progress(4.0, 200, 11, 2.0, recent_n=100, recent_failed=6))
    assert len(told) == 2


@pytest.mark.parametrize(
    ("metrics", "asked"),
    [
        pytest.param([], False, id="nothing is asked"),
        pytest.param(["response_ms"], False, id="something else is"),
        pytest.param(["response_ms", "statements_per_request"], True, id="statements are"),
    ],
)
def test_a_store_is_asked_for_its_statements_only_where_the_plan_asks(monkeypatch, metrics, asked):
    def unreadable(_: str) -> int:
        raise HarnessError("pg_stat_statements must be loaded via shared_preload_libraries")

    monkeypatch.setattr(readings, "statements_sent", unreadable)
    plan = SimpleNamespace(
        stacks=SimpleNamespace(candidate=SimpleNamespace(metrics=None)), triggers=(),
        criteria=[SimpleNamespace(metric=metric) for metric in metrics],
    )  # fmt: skip
    world: Any = SimpleNamespace(plan=plan, stack=lambda _: SimpleNamespace(store="postgresql://"))
    with pytest.raises(HarnessError) if asked else nullcontext():
        assert readings.counters(world, "candidate") == {}
