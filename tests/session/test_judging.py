"""A rollout with a judge: looks are made over the soak, an abort ends it and takes the share back, later steps are not reached."""

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from godwit.plan import Clock, Cohort, Judge, JudgeMetric, LoadProfile, Operation, Phase, RolloutStep
from godwit.rollout import Journal
from godwit.session.judging import Judging
from godwit.session.ramp import Ramp
from godwit.verdict import LoadRun, Observation, Outcome, Series

USERS = [(f"user-{number}", "qa" if number % 10 == 0 else "shop") for number in range(1000)]
LATENCY = JudgeMetric(
    id="latency", metric="response_ms", kind="distribution", worse="higher", tolerance=20.0, floor=2.0,
    tail="p95", tail_tolerance=60.0, min_n=200,
)  # fmt: skip
ERRORS = JudgeMetric(
    id="errors", metric="error_rate_percent", kind="count", worse="higher", tolerance=0.0, floor=2.0, min_n=200
)
PROFILE = LoadProfile(
    id="steady", rate_per_s=120.0, duration_s=10.0, warmup_s=1.0, operations=(Operation(id="look", path="/", share=100.0),)
)  # fmt: skip


def step(name: str, percent: float, looks: int | None = 3, soak_s: float = 90.0) -> RolloutStep:
    return RolloutStep(
        id=name, sentence=f"{percent:g} %", flags={"percent": int(percent)}, percent=percent, soak_s=soak_s, profile="steady",
        criteria=("errors",), looks=looks, judge="canary" if looks else None,
    )  # fmt: skip


class Budgets:
    """Gives a look what a script says: how many times as slow, what share fails, why the load is worthless."""

    def __init__(self, *script: tuple[float, float, str]) -> None:
        self.script = script
        self.ran: list[str] = []

    def observe(self, profile: str, within: str, users: Any = None) -> Observation:
        if within not in self.ran:
            self.ran.append(within)
        number = self.ran.index(within)
        slower, failing, trouble = self.script[min(number, len(self.script) - 1)]
        chance = np.random.default_rng(number)
        turns = {}
        for side, factor, share in (("baseline", 1.0, 0.0), ("candidate", slower, failing)):
            us = np.where(chance.random(600) < share, 0, np.exp(chance.normal(9.2, 0.4, 600)) * factor)
            turns[side] = tuple((turn, "look", int(value)) for turn, value in enumerate(us))
        sides = {side: {"look": Series(tuple(us for *_, us in each))} for side, each in turns.items()}
        return Observation(LoadRun(profile, 10.0, 1200, 0.1, 0.5 if trouble else 0.0, sides, turns=turns))


class Router:
    """Moves users by their number, and remembers the flags that were set."""

    def __init__(self) -> None:
        self.flags: list[dict[str, Any]] = []

    def set_flags(self, flags: dict[str, Any]) -> None:
        self.flags.append(flags)

    def assignments(self, users: list[tuple[str, str]]) -> dict[str, str]:
        share = self.flags[-1]["percent"]
        return {who: "candidate" if int(who[5:]) % 100 < share else "baseline" for who, _ in users}


class Events:
    def __init__(self) -> None:
        self.said: list[tuple[str, str, str]] = []

    def emit(self, kind: str, subject: str = "", text: str = "") -> None:
        self.said.append((kind, subject, text))


@pytest.fixture
def world(tmp_path):
    """What a rollout needs of a world: two judged steps in one phase."""

    def make(*steps: RolloutStep, clock: Clock | None = None) -> Any:
        clock = clock or Clock(mode="simulated", factor=1e6)
        phase = Phase(id="rollout", title="Rollout", flags={"percent": 0}, rollout=steps, exit="done")
        judge = Judge(id="canary", alpha=0.01, metrics=(LATENCY, ERRORS))
        cohorts = (Cohort(id="qa", teams=("qa",)),)
        plan = SimpleNamespace(judges=(judge,), profiles=(PROFILE,), clock=clock, phases=(phase,), cohorts=cohorts)
        journal = Journal(tmp_path / "journal.ndjson")
        return SimpleNamespace(
            plan=plan, events=Events(), journal=journal, out=tmp_path, router=Router(), users=USERS
        )  # fmt: skip

    return make


FINE, SLOW, FAILING = (1.0, 0.0, ""), (1.6, 0.0, ""), (1.0, 0.08, "")


def ramp(world: Any, *script: tuple[float, float, str]) -> tuple[Ramp, Budgets]:
    budgets = Budgets(*script)
    return Ramp(world, budgets), budgets  # type: ignore[arg-type]


def test_a_step_whose_users_fare_alike_is_promoted_after_all_its_looks(world):
    one = step("day-1", 5)
    found, budgets = ramp(world(one), FINE)
    judgement = found.judged(one)
    assert judgement.outcome is Outcome.PASSED, judgement.reason
    assert budgets.ran == ["day-1", "day-1-look-2", "day-1-look-3"]
    assert judgement.actual is not None
    assert judgement.actual.n == 1800


@pytest.mark.parametrize(
    ("script", "metric"), [pytest.param(SLOW, "latency", id="slower"), pytest.param(FAILING, "errors", id="failing")]
)
def test_a_step_that_harms_is_aborted_with_the_reason(world, script, metric):
    one = step("day-1", 5)
    found, _ = ramp(world(one), script)
    judgement = found.judged(one)
    assert judgement.outcome is Outcome.FAILED
    assert f"day-1/{metric}" in [finding.where for finding in judgement.findings]
    assert "n=" in judgement.reason


@pytest.mark.parametrize("last", [pytest.param("other work", id="unseen"), pytest.param("", id="seen")])
def test_a_step_whose_last_look_saw_nothing_is_held(world, last):
    one = step("day-1", 5)
    found, _ = ramp(world(one), FINE, FINE, (1.0, 0.0, last))
    judgement = found.judged(one)
    assert judgement.outcome is (Outcome.INCONCLUSIVE if last else Outcome.PASSED)


def test_an_abort_ends_the_looks_takes_the_share_back_and_stands_in_the_journal(world):
    one = step("day-1", 5, looks=10)
    place = world(one)
    found, budgets = ramp(place, FINE, SLOW)
    assert found.judged(one).outcome is Outcome.FAILED
    assert len(budgets.ran) < 10
    assert place.router.flags == [{"percent": 5}, {"percent": 0}]
    noted = [entry["event"] for entry in place.journal.entries()]
    assert noted[-2:] == ["judge-abort", "rollout-aborted"]
    assert noted[0] == "judge-promote"


def test_the_timeline_of_a_step_tells_every_look_in_a_file(world, tmp_path):
    one = step("day-1", 5)
    found, _ = ramp(world(one), FINE)
    found.judged(one)
    document = json.loads((tmp_path / "rollout" / "day-1.json").read_text(encoding="utf-8"))
    assert [look["number"] for look in document["looks"]] == [1, 2, 3]
    last = document["looks"][-1]
    assert last["decision"] == "promote"
    assert {each["ruling"]["metric"] for each in last["metrics"]} == {"latency", "errors"}
    assert "noticed with 95%" in last["told"][0]


def test_steps_after_one_that_was_aborted_are_not_reached(world):
    one, two = step("day-1", 5), step("day-2", 50)
    place = world(one, two)
    found, _ = ramp(place, SLOW)
    for judgement in (found.share(two), found.cohorts(two), found.nobody_left(two), found.judged(two)):
        assert judgement.outcome is Outcome.INCONCLUSIVE
        assert judgement.reason.startswith("not reached: step day-1 was aborted")
    assert {"percent": 50} not in place.router.flags


def test_a_step_that_is_held_keeps_the_next_from_being_reached(world):
    one, two = step("day-1", 5), step("day-2", 50)
    found, _ = ramp(world(one, two), (1.0, 0.0, "late"))
    assert found.judged(one).outcome is Outcome.INCONCLUSIVE
    assert found.share(two).reason.startswith("not reached: step day-1 was held")


def test_a_load_that_was_worthless_adds_nothing_and_is_told(world):
    one = step("day-1", 5)
    found, _ = ramp(world(one), (9.0, 0.0, "late"))
    judgement = found.judged(one)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert judgement.reason.startswith("50.0% of the requests started late")


def test_a_step_is_loaded_under_its_own_flags_before_the_next_begins(world):
    one, two = step("day-1", 5, looks=None), step("day-2", 50, looks=None)
    place = world(one, two)
    found, budgets = ramp(place, FINE)
    found.share(one)
    found.share(two)
    assert budgets.ran == ["day-1"]
    assert place.router.flags == [{"percent": 5}, {"percent": 50}]


def test_a_step_without_a_baseline_cannot_be_judged(world):
    one = step("all", 100)
    found, budgets = ramp(world(one), FINE)
    assert found.judged(one).outcome is Outcome.INCONCLUSIVE
    assert budgets.ran == []


@pytest.mark.parametrize(
    ("clock", "ends"),
    [
        pytest.param(Clock(), 90.0, id="real"),
        pytest.param(Clock(mode="simulated", factor=2.0), 45.0, id="simulated"),
    ],
)
def test_looks_are_spread_over_the_soak_on_the_plans_clock(world, clock, ends):
    one = step("day-1", 5)
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    class Slow(Budgets):
        def observe(self, profile: str, within: str, users: Any = None) -> Observation:
            now[0] += PROFILE.duration_s + PROFILE.warmup_s
            return super().observe(profile, within, users)

    place = world(one, clock=clock)
    arms = {"baseline": USERS[:500], "candidate": USERS[500:]}
    Judging(place, Slow(FINE), lambda: now[0], sleep).judge(one, arms)  # type: ignore[arg-type]
    document = json.loads((place.out / "rollout" / "day-1.json").read_text(encoding="utf-8"))
    assert [look["at_s"] for look in document["looks"]] == pytest.approx([ends / 3, ends * 2 / 3, ends])
