"""What a request sends its store is judged by counters that were read whole: a query in a loop shows at once."""

import pytest

from godwit.checks import judge_criterion
from godwit.plan import Criterion, Floor, Limit
from godwit.verdict import LoadRun, Observation, Outcome, Series


def judged(limit: Limit, **counters: dict[str, float]) -> Outcome:
    sides = {side: {"op": Series((1000,) * 500)} for side in ("baseline", "candidate")}
    criterion = Criterion(
        id="c", sentence="It holds.", metric="statements_per_request", statistic="mean", profile="short",
        unit="statements", comparison="<=", limit=limit, evidence=Floor(n=100),
    )  # fmt: skip
    return judge_criterion(
        criterion, Observation(LoadRun("short", 10.0, 1000, 0.1, 0.0, sides), counters=counters)
    ).outcome


@pytest.mark.parametrize(
    ("sent", "outcome"), [pytest.param(3.0, Outcome.PASSED, id="few"), pytest.param(41.0, Outcome.FAILED, id="a loop")]
)
def test_statements_are_told_for_each_request_that_the_stack_counted(sent: float, outcome: Outcome) -> None:
    counters = {"statements": 600 * sent, "reported_requests": 600.0}
    assert judged(Limit(absolute=6), candidate=counters) is outcome


def test_a_loop_shows_beside_the_baseline() -> None:
    worse = Limit(worse_than_baseline_by="10%", floor=0.5)
    base = {"statements": 1500.0}
    assert judged(worse, baseline=base, candidate={"statements": 1600.0}) is Outcome.PASSED
    assert judged(worse, baseline=base, candidate={"statements": 20_000.0}) is Outcome.FAILED


def test_without_a_count_nothing_is_known() -> None:
    assert judged(Limit(absolute=6), candidate={"reported_requests": 600.0}) is Outcome.INCONCLUSIVE
