"""What piles up over cycles is found, what is clean or levels off is not accused, and too little says nothing."""

from array import array
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import judge_footprint, judge_growth
from godwit.checks.slopes import theil_sen
from godwit.plan import Footprint, Soak
from godwit.verdict import LoadRun, Observation, Outcome, Sample, Series, Turns

CYCLE = 100


def soak(**changed: Any) -> Soak:
    fields: dict[str, Any] = {
        "id": "day", "profile": "all-day", "cycle": CYCLE, "stands_for": 1800.0, "warmup": 2, "at_least": 20,
        "grows_at_most": {"memory_mb": 0.1, "descriptors": 0.5, "threads": 0.0, "disk_mb": 1.0},
    }  # fmt: skip
    return Soak(**(fields | changed))


def observed(memory: Any, each_s: float = 2.5, good: float = 1.0, samples: int = 5, **counts: Any) -> Observation:
    """A load of so many cycles; in each the resource peaks and falls back to its value. `good` is the share that is answered."""
    cycles = len(memory)
    due = array("Q", (round(1e6 * each_s * at / CYCLE) for at in range(cycles * CYCLE + 1)))
    took = array("Q", (1000 if round(at * good) < round((at + 1) * good) else 0 for at in range(len(due))))
    turns = Turns(array("I", range(len(due))), due, array("H", [0]) * len(due), took, ("op",))
    series = Series(array("Q", filter(None, took)), took.count(0))
    run = LoadRun(
        "all-day", cycles * each_s, len(due), 0.2, 0.0, {"candidate": {"op": series}}, turns={"candidate": turns}
    )
    seen = [
        Sample(
            50 + (cycle + part / samples) * each_s + 0.01, 0.0, value + 3.0 * (part % samples != 0), 99.0, 1,
            threads=4, descriptors=int(counts.get("descriptors", lambda _: 9)(cycle)), connections=None, disk_mb=None,
        )
        for cycle, value in enumerate(memory)
        for part in range(samples)
    ]  # fmt: skip
    return Observation(run, {"candidate": tuple(seen)}, began_s=50.0)


def noise(n: int, seed: int = 1, spread: float = 0.2) -> Any:
    return 40 + np.random.default_rng(seed).normal(0, spread, n)


def test_a_leak_is_found_and_told_with_what_the_cycles_stand_for():
    judgement = judge_growth(soak(), "memory_mb", observed(noise(50) + 0.5 * np.arange(50)))
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].what == "piles up"
    assert "50 cycles of 100 requests" in judgement.reason
    assert "25 h of use" in judgement.reason
    assert "a clock 720 times as fast" in judgement.reason


@pytest.mark.parametrize("filled", [pytest.param(22, id="done"), pytest.param(60, id="still-filling")])
def test_what_levels_off_is_no_leak_and_no_clean_run(filled):
    rising = filled * (1 - np.exp(-np.arange(50) / 12))
    judgement = judge_growth(soak(), "memory_mb", observed(noise(50) + rising))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "levels off in the second half" in judgement.reason


def test_what_begins_late_is_not_passed():
    late = np.maximum(0, np.arange(60) - 40) * 1.0
    judgement = judge_growth(soak(), "memory_mb", observed(noise(60) + late))
    assert judgement.outcome is not Outcome.PASSED


def test_a_clean_run_passes_whatever_the_peaks():
    assert judge_growth(soak(), "memory_mb", observed(noise(50))).outcome is Outcome.PASSED


def test_counts_that_stay_pass_a_limit_of_nothing():
    assert judge_growth(soak(), "threads", observed(noise(50))).outcome is Outcome.PASSED


def test_one_descriptor_kept_a_cycle_is_found():
    seen = observed(noise(50), descriptors=lambda cycle: 9 + cycle)
    judgement = judge_growth(soak(), "descriptors", seen)
    assert judgement.outcome is Outcome.FAILED
    assert judgement.actual is not None
    assert judgement.actual.value == 1.0


@pytest.mark.parametrize(
    ("seen", "resource", "said"),
    [
        pytest.param(observed(noise(15)), "memory_mb", "13 of 13 cycles after 2 of warm-up, 20 are needed", id="few-cycles"),
        pytest.param(observed(noise(50)), "disk_mb", "0 of 48 cycles after 2 of warm-up", id="not-sampled"),
        pytest.param(observed(noise(50), samples=0), "memory_mb", "0 of 48 cycles", id="no-samples"),
        pytest.param(Observation(observed(noise(50)).load), "memory_mb", "not known when the load began", id="no-begin"),
        pytest.param(observed(noise(50), good=0.0), "memory_mb", "0 requests that the candidate answered", id="all-failed"),
        pytest.param(observed(noise(50), good=0.3), "memory_mb", "of 12 cycles after 2 of warm-up", id="most-failed"),
        pytest.param(observed(noise(1)), "memory_mb", "0 of 0 cycles", id="one-cycle"),
        pytest.param(observed(noise(26, spread=6.0)), "memory_mb", "across the limit", id="noisy"),
    ],
)  # fmt: skip
def test_too_little_says_nothing(seen, resource, said):
    judgement = judge_growth(soak(), resource, seen)
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert said in judgement.reason


def test_a_generator_that_was_not_fit_says_nothing():
    seen = observed(noise(50) + np.arange(50))
    load = LoadRun("all-day", 1.0, 10, 0.99, 0.0, seen.load.sides, turns=seen.load.turns)
    assert (
        judge_growth(soak(), "memory_mb", Observation(load, seen.resources, began_s=50.0)).outcome
        is Outcome.INCONCLUSIVE
    )


@given(st.floats(-5, 5), st.floats(-100, 100), st.integers(10, 40))
def test_a_straight_line_has_its_own_slope_without_doubt(slope, start, n):
    found = theil_sen(range(n), [start + slope * at for at in range(n)], 0.95)
    assert (found.low, found.value, found.high) == pytest.approx((slope, slope, slope), abs=1e-6)


def test_the_interval_holds_the_true_slope_as_often_as_it_says():
    chance = np.random.default_rng(5)
    hits = 0
    for _ in range(300):
        found = theil_sen(range(30), 0.3 * np.arange(30) + chance.standard_t(3, 30), 0.95)
        hits += found.low <= 0.3 <= found.high
    assert 0.92 <= hits / 300 <= 0.99


def test_one_wild_value_moves_nothing():
    values = list(noise(40))
    values[-1] += 1000
    assert judge_growth(soak(), "memory_mb", observed(values)).outcome is Outcome.PASSED


def test_values_that_follow_those_before_widen_the_interval():
    chance = np.random.default_rng(3)
    walk = np.cumsum(chance.normal(0, 1, 60))
    free, following = theil_sen(range(60), chance.permutation(walk), 0.95), theil_sen(range(60), walk, 0.95)
    n = 60
    plain = np.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    assert free.n == following.n == n
    slopes = np.sort([(walk[j] - walk[i]) / (j - i) for i in range(n) for j in range(i + 1, n)])
    usual = slopes[int((len(slopes) - 1.96 * plain) / 2)]
    assert following.low < usual


def reading(uss: float, pss: float, processes: int = 1) -> Sample:
    return Sample(0.0, 0.0, pss, 99.0, processes, uss)


def footprint(at_most: float = 15.0) -> Footprint:
    return Footprint(id="base", imports=("json",), settle_s=0.0, readings=3, at_most_mb=at_most)


@pytest.mark.parametrize(
    ("own", "bare", "outcome"),
    [
        pytest.param([(30, 35)] * 3, [(20, 5)] * 3, Outcome.PASSED, id="one-process-by-uss"),
        pytest.param([(40, 41)] * 3, [(20, 5)] * 3, Outcome.FAILED, id="over"),
        pytest.param([(34, 41), (36, 41), (35, 41)], [(20, 5)] * 3, Outcome.INCONCLUSIVE, id="across"),
        pytest.param([(30, 35)] * 2, [(20, 5)] * 3, Outcome.INCONCLUSIVE, id="few"),
        pytest.param([(30, 35)] * 3, [], Outcome.INCONCLUSIVE, id="nothing-to-compare"),
        pytest.param([], [], Outcome.INCONCLUSIVE, id="nothing"),
    ],
)
def test_base_memory_is_judged_by_all_readings(own, bare, outcome):
    judgement = judge_footprint(footprint(), [reading(*each) for each in own], [reading(*each) for each in bare])
    assert judgement.outcome is outcome


def test_several_processes_are_read_by_what_they_share_out():
    own, bare = [reading(50, 60, 2)] * 3, [reading(10, 50, 2)] * 3
    assert judge_footprint(footprint(), own, bare).outcome is Outcome.PASSED


def test_processes_that_come_and_go_say_nothing():
    own = [reading(50, 60, 2), reading(50, 60, 3), reading(50, 60, 2)]
    assert judge_footprint(footprint(), own, [reading(10, 50, 2)] * 3).outcome is Outcome.INCONCLUSIVE
