"""What was timed turn by turn is judged by its turns, however often a call was repeated in each."""

from typing import Any

import numpy as np
import pytest

from godwit.checks import judge_criterion
from godwit.plan import Criterion, Floor, Limit
from godwit.verdict import LoadRun, Observation, Outcome, Series, Timing

TURNS, ROUNDS, SPREAD = 10, 400, 0.1


def criterion(limit: Limit, **changed: Any) -> Criterion:
    fields: dict[str, Any] = {
        "id": "quick",
        "sentence": "It is quick.",
        "metric": "benchmark_us",
        "benchmark": "desk",
        "operation": "test_it",
        "statistic": "p50",
        "unit": "us",
        "comparison": "<=",
        "limit": limit,
        "evidence": Floor(n=100),
    }
    return Criterion(**(fields | changed))


def timed(middle_us: float, seed: int, rounds: int = ROUNDS, turns: int = TURNS) -> Timing:
    """Turns that each have a level of their own: what differs between processes is more than what differs within one."""
    chance = np.random.default_rng(seed)
    levels = middle_us * 1e-6 * (1 + SPREAD * chance.standard_normal(turns))
    return Timing(tuple(tuple(level * (1 + 0.01 * chance.standard_normal(rounds))) for level in levels))


def observed(baseline: Timing | None, candidate: Timing | None, foreign_cpu: float = 0.0) -> Observation:
    sides = {"baseline": baseline, "candidate": candidate}
    load = LoadRun(
        "desk", 9.0, 20, 0.0, 0.0, {side: {"turn": Series((1,) * 10)} for side in sides}, foreign_cpu=foreign_cpu
    )
    return Observation(load, timings={side: {"test_it": it} for side, it in sides.items() if it is not None})


RELATIVE = Limit(worse_than_baseline_by=10.0, floor=0.1)


def test_the_same_code_is_seldom_accused_though_its_processes_differ() -> None:
    found = [judge_criterion(criterion(RELATIVE), observed(timed(50, n), timed(50, n + 1000))) for n in range(20)]
    assert sum(each.outcome is Outcome.FAILED for each in found) <= 1


def test_what_takes_twice_as_long_fails() -> None:
    found = judge_criterion(criterion(RELATIVE), observed(timed(50, 1), timed(100, 2)))
    assert found.outcome is Outcome.FAILED, found.reason
    assert found.actual is not None
    assert (found.actual.unit, found.actual.n) == ("us", TURNS * ROUNDS)


def test_more_rounds_in_the_same_turns_make_nothing_surer() -> None:
    def width(rounds: int) -> float:
        both = observed(timed(50, 1, rounds), timed(50, 2, rounds))
        actual = judge_criterion(criterion(Limit(absolute=1000)), both).actual
        assert actual is not None
        assert actual.interval is not None
        return actual.interval.high - actual.interval.low

    assert width(4000) > 0.5 * width(40)


def test_a_unit_of_the_plan_is_heeded() -> None:
    both = observed(timed(50, 1), timed(50, 2))
    assert judge_criterion(criterion(Limit(absolute=0.1), unit="ms"), both).outcome is Outcome.PASSED
    assert judge_criterion(criterion(Limit(absolute=1000), unit="ns"), both).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("baseline", "candidate", "said"),
    [
        (None, timed(50, 1), "nothing was timed of test_it on the baseline"),
        (timed(50, 1), None, "nothing was timed of test_it on the candidate"),
        (timed(50, 1), Timing((), "it was skipped: no"), "test_it on the candidate: it was skipped: no"),
        (timed(50, 1), Timing((*timed(50, 2, turns=9).turns, ())), "10 turns, of which 9 measured anything"),
        (timed(50, 1), timed(50, 2, turns=9), "9 turns, of which 9 measured anything"),
        (timed(50, 1), timed(50, 2, rounds=9), "90 samples of benchmark_us on the candidate, 100 are needed"),
    ],
    ids=["not-on-the-baseline", "not-on-the-candidate", "skipped", "an-empty-turn", "too-few-turns", "too-few-rounds"],
)
def test_what_is_missing_on_either_side_is_inconclusive(
    baseline: Timing | None, candidate: Timing | None, said: str
) -> None:
    found = judge_criterion(criterion(Limit(absolute=1000)), observed(baseline, candidate))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert said in found.reason


def test_beside_other_work_nothing_is_judged() -> None:
    found = judge_criterion(criterion(Limit(absolute=1000)), observed(timed(50, 1), timed(50, 2), foreign_cpu=0.5))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "other work used 50% of the machine" in found.reason


@pytest.mark.parametrize(
    ("lost", "statistic", "outcome"),
    [(0, "max", Outcome.PASSED), (1, "max", Outcome.FAILED), (1, "p50", Outcome.PASSED), (9, "p50", Outcome.FAILED)],
    ids=["all-came-up", "one-did-not", "half-of-them-did", "most-did-not"],
)
def test_a_start_that_never_ended_in_health_took_for_ever(lost: int, statistic: str, outcome: Outcome) -> None:
    came_up = Timing(((0.2,),) * TURNS)
    some = Timing(((0.2,),) * (TURNS - lost) + ((float("inf"),),) * lost)
    load = observed(None, None).load
    seen = Observation(load, timings={"baseline": {"startup_ms": came_up}, "candidate": {"startup_ms": some}})
    changed = {"metric": "startup_ms", "benchmark": None, "operation": None, "starts": "service", "unit": "ms"}
    asked = criterion(Limit(absolute=1000), **changed, statistic=statistic, evidence=Floor(n=10))
    assert judge_criterion(asked, seen).outcome is outcome
