"""A kept run and a later one are compared by both intervals; what cannot be compared is inconclusive."""

from typing import Any

import pytest

from godwit.checks import Figure, compare_figures, trend
from godwit.verdict import Interval, Measurement, Outcome


def measured(value: float, spread: float = 2.0, metric: str = "response_ms", unit: str = "ms") -> Measurement:
    interval = Interval(value - spread, value + spread, 0.95) if spread else None
    return Measurement(metric, value, unit, 1000, interval)


def figure(value: float, baseline: float | None = None, **changed: Any) -> Figure:
    return Figure(measured(value, **changed), None if baseline is None else measured(baseline, **changed))


@pytest.mark.parametrize(
    ("was", "now", "outcome"),
    [
        pytest.param(figure(100), figure(101), Outcome.PASSED, id="the-same"),
        pytest.param(figure(100), figure(130), Outcome.FAILED, id="slower"),
        pytest.param(figure(100), figure(70), Outcome.PASSED, id="faster"),
        pytest.param(figure(100), figure(110), Outcome.INCONCLUSIVE, id="across"),
        pytest.param(figure(100, spread=40.0), figure(130), Outcome.INCONCLUSIVE, id="kept-on-too-little"),
        pytest.param(figure(100, 100), figure(200, 200), Outcome.PASSED, id="its-baseline-became-slower-too"),
        pytest.param(figure(100, 100), figure(100, 70), Outcome.FAILED, id="slower-beside-its-baseline"),
        pytest.param(figure(0, spread=0.0), figure(0, spread=0.0), Outcome.PASSED, id="nothing-and-nothing"),
        pytest.param(figure(0, spread=0.0), figure(3, spread=1.0), Outcome.FAILED, id="something-where-nothing-was"),
        pytest.param(figure(0, spread=0.0), figure(3, spread=4.0), Outcome.INCONCLUSIVE, id="perhaps-something"),
        pytest.param(figure(float("inf"), spread=0.0), figure(3), Outcome.INCONCLUSIVE, id="kept-of-failures"),
        pytest.param(figure(3), figure(float("inf"), spread=0.0), Outcome.FAILED, id="fails-now"),
    ],
)
def test_a_figure_may_be_so_much_worse_than_the_kept_one(was: Figure, now: Figure, outcome: Outcome) -> None:
    assert compare_figures(was, now, 10, same_machine=True).outcome is outcome


def test_where_more_is_better_less_is_worse() -> None:
    was, less = (figure(value, metric="throughput_per_s", unit="/s") for value in (1000, 800))
    assert compare_figures(was, less, 10, same_machine=True).outcome is Outcome.FAILED
    assert compare_figures(less, was, 10, same_machine=True).outcome is Outcome.PASSED


def test_another_machine_is_compared_by_its_baseline_or_not_at_all() -> None:
    assert compare_figures(figure(100), figure(101), 10, same_machine=False).outcome is Outcome.INCONCLUSIVE
    assert compare_figures(figure(100, 100), figure(150, 150), 10, same_machine=False).outcome is Outcome.PASSED


def test_another_unit_is_no_comparison() -> None:
    assert compare_figures(figure(1, unit="s"), figure(1), 10, same_machine=True).outcome is Outcome.INCONCLUSIVE


def test_a_trend_is_told_where_it_is_no_chance() -> None:
    rising = [figure(100 * 1.02**number) for number in range(8)]
    assert trend(rising) == pytest.approx(100 * (1.02**7 - 1))
    assert trend([figure(value) for value in (100, 104, 97, 101, 103, 98, 102, 99)]) == 0
    assert trend(rising[:5]) is None
