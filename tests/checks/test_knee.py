"""The highest rate that held: what is proven to hold and to break, what is neither, and what was cut off."""

from itertools import accumulate

import pytest

from godwit.checks import find_knee
from godwit.plan import Segment, StopAt
from godwit.verdict import LoadRun, Turns

LIMITS = StopAt(errors=5.0, p99_s=0.5)


def knee(*steps, limits=LIMITS, n=1000, operations=("read",)):
    """Steps of a second each; every step is how many of its `n` requests are slow, how many fail, and how many were sent."""
    due_us, latencies_us = [], []
    for place, (slow, failed, sent) in enumerate(steps):
        due_us += [1_000_000 + place * 1_000_000 + number * 1_000_000 // n for number in range(sent)]
        latencies_us += [600_000] * slow + [0] * failed + [10_000] * (sent - slow - failed)
    size = len(due_us)
    places = [number % len(operations) for number in range(size)]
    turns = Turns(list(range(size)), due_us, places, latencies_us, operations)
    run = LoadRun("knee", 9.0, size, 0.1, 0.0, {}, turns={"candidate": turns})
    rates = list(accumulate([100.0] * len(steps)))
    segments = [Segment(1.0, rate, rate) for rate in rates]
    return find_knee(run, [Segment(each.seconds, n, each.end_per_s) for each in segments], 1.0, limits, ["read"])


@pytest.mark.parametrize(
    ("steps", "states", "held", "broke"),
    [
        pytest.param([(0, 0, 1000)] * 3, "held held held", 300, None, id="none breaks"),
        pytest.param([(0, 0, 1000), (0, 0, 1000), (60, 0, 1000)], "held held broke", 200, 300, id="slow tail"),
        pytest.param([(0, 0, 1000), (0, 90, 1000)], "held broke", 100, 200, id="errors"),
        pytest.param([(0, 0, 1000), (11, 0, 1000), (60, 0, 1000)], "held open broke", 100, 300, id="neither"),
        pytest.param([(11, 0, 1000), (0, 0, 1000), (60, 0, 1000)], "open held broke", 200, 300, id="a higher one held"),
        pytest.param([(60, 0, 1000), (0, 0, 1000)], "broke held", None, 100, id="above one that broke"),
    ],
)
def test_the_knee_lies_between_what_holds_and_what_breaks(steps, states, held, broke):
    found = knee(*steps)
    assert " ".join(step.state for step in found.steps) == states
    assert (found.held_per_s, found.broke_per_s) == (held, broke)


def test_a_step_that_was_cut_off_is_not_proven_to_hold():
    found = knee((0, 0, 1000), (0, 0, 90))
    assert [step.state for step in found.steps] == ["held", "open"]
    assert "were answered before the end" in found.steps[1].why


def test_steps_of_flows_do_not_stand_for_arrivals_that_were_never_sent():
    found = knee((0, 0, 1000), (0, 0, 1000), operations=("read", "step"))
    assert [step.state for step in found.steps] == ["open", "open"]
    assert "only 500 of 550 were answered" in found.steps[0].why


def test_too_few_requests_prove_nothing():
    assert knee((0, 0, 100), n=100).held_per_s is None
