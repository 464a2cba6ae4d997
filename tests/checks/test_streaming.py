"""Streams are measured by their parts: what never came took for ever, and no stream is no evidence."""

from collections.abc import Sequence

import pytest

from godwit.checks import METRICS, judge_criterion
from godwit.plan import Criterion, Floor, Limit
from godwit.verdict import Judgement, LoadRun, Observation, Outcome, Series, Turns

NAMES = ("watch", "other", "watch first-byte", "watch first-event", "watch event", "other first-byte")


def seen(*samples: tuple[str, int]) -> Observation:
    """Ten seconds in which these parts of streams came (ms; 0 for one that never did)."""
    numbers = range(len(samples))
    due_us = [number * 10_000_000 // len(samples) for number in numbers]
    parts = Turns(numbers, due_us, [NAMES.index(name) for name, _ in samples], [1000 * ms for _, ms in samples], NAMES)
    sides = {"candidate": {"watch": Series((1000,) * 20)}}
    return Observation(LoadRun("short", 10.0, 20, 0.1, 0.0, sides, parts={"candidate": parts}))


def judged(
    observation: Observation, metric: str, statistic: str, limit: float, operation: str | None = None
) -> Judgement:
    comparison = "<=" if METRICS[metric].better == "lower" else ">="
    criterion = Criterion(
        id="c", sentence="It holds.", metric=metric, statistic=statistic, operation=operation, profile="short",
        unit=METRICS[metric].unit, comparison=comparison, limit=Limit(absolute=limit), evidence=Floor(n=10, why="few"),
    )  # fmt: skip
    return judge_criterion(criterion, observation)


def every(name: str, ms: Sequence[int]) -> list[tuple[str, int]]:
    return [(name, each) for each in ms]


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        pytest.param("first_byte_ms", "watch first-byte", id="head"),
        pytest.param("first_event_ms", "watch first-event", id="first event"),
        pytest.param("event_gap_ms", "watch event", id="gap"),
    ],
)
def test_each_part_has_a_metric_of_its_own(metric: str, name: str) -> None:
    others = [(each, 9000) for each in NAMES[2:] if each != name for _ in range(50)]
    observation = seen(*every(name, [20] * 300), *others)
    assert judged(observation, metric, "p50", 30, "watch").outcome is Outcome.PASSED
    assert judged(observation, metric, "p50", 10, "watch").outcome is Outcome.FAILED


def test_what_never_came_is_not_fast() -> None:
    observation = seen(*every("watch event", [20] * 150), *every("watch event", [0] * 150))
    assert judged(observation, "event_gap_ms", "p95", 1000).outcome is Outcome.FAILED


def test_no_stream_is_no_evidence() -> None:
    assert judged(seen(), "first_event_ms", "p50", 1000).outcome is Outcome.INCONCLUSIVE
    observation = seen(*every("other first-byte", [20] * 300))
    assert judged(observation, "first_byte_ms", "p50", 1000, "watch").outcome is Outcome.INCONCLUSIVE


def test_events_a_second_are_those_that_came() -> None:
    observation = seen(*every("watch first-event", [20] * 100), *every("watch event", [20] * 300 + [0] * 600))
    assert judged(observation, "streamed_events_per_s", "rate", 30).outcome is Outcome.PASSED
    assert judged(observation, "streamed_events_per_s", "rate", 60).outcome is Outcome.FAILED
