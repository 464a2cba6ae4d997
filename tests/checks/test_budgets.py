"""A budget is judged by the interval of its statistic, and never on a load or a number of samples that prove nothing."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import METRICS, judge_criterion, metric_of
from godwit.checks.budgets import settle
from godwit.plan import Criterion, Floor, Limit
from godwit.verdict import LoadRun, Observation, Outcome, PlanError, Sample, Series


def load(
    candidate: Any = (),
    baseline: Any = (),
    failed: int = 0,
    baseline_failed: int = 0,
    asked: int | None = None,
    generator_cpu: float = 0.3,
    late_share: float = 0.0,
) -> LoadRun:
    """Ten seconds of one operation on both sides; latencies in milliseconds."""
    sides = {
        "candidate": {"op": Series(tuple(round(1000 * ms) for ms in candidate), failed)},
        "baseline": {"op": Series(tuple(round(1000 * ms) for ms in baseline), baseline_failed)},
    }
    sent = len(candidate) + len(baseline) + failed + baseline_failed
    return LoadRun("average", 10.0, sent if asked is None else asked, generator_cpu, late_share, sides, "run-1")


def criterion(
    metric: str = "response_ms", statistic: str = "p95", limit: float | Limit = 200.0, **changed: Any
) -> Criterion:
    fields: dict[str, Any] = {
        "id": "c",
        "sentence": "It holds.",
        "metric": metric,
        "statistic": statistic,
        "unit": METRICS[metric].unit if metric in METRICS else "ms",
        "comparison": "<",
        "limit": limit if isinstance(limit, Limit) else Limit(absolute=limit),
        "evidence": Floor(n=1),
    }
    sources = {"benchmark_us": {"benchmark": "file", "operation": "test_it"}}
    fields |= sources.get(metric, {"starts": "service"} if metric in ("startup_ms", "recovery_ms") else {})
    return Criterion(**(fields | changed))


def worse_by(percent: str, floor: float) -> Limit:
    return Limit(worse_than_baseline_by=percent, floor=floor)


def milliseconds(n: int, middle: float, seed: int = 1, spread: float = 5.0) -> Any:
    return np.random.default_rng(seed).normal(middle, spread, n).clip(1)


@pytest.mark.parametrize(
    ("middle", "outcome"),
    [
        pytest.param(100, Outcome.PASSED, id="inside"),
        pytest.param(300, Outcome.FAILED, id="outside"),
        pytest.param(191.8, Outcome.INCONCLUSIVE, id="across"),
    ],
)
def test_a_percentile_is_judged_by_its_interval(middle: float, outcome: Outcome) -> None:
    judgement = judge_criterion(criterion(), Observation(load(milliseconds(400, middle))))
    assert judgement.outcome is outcome
    assert judgement.actual is not None
    assert judgement.actual.interval is not None


def test_across_the_limit_the_number_that_would_settle_it_is_told() -> None:
    judgement = judge_criterion(criterion(), Observation(load(milliseconds(400, 191.8))))
    assert judgement.n_needed is not None
    assert judgement.n_needed > 400


@pytest.mark.parametrize(
    ("statistic", "n", "why", "outcome"),
    [
        pytest.param("p95", 199, None, Outcome.INCONCLUSIVE, id="p95-below-200"),
        pytest.param("p95", 200, None, Outcome.PASSED, id="p95-at-200"),
        pytest.param("p99", 999, None, Outcome.INCONCLUSIVE, id="p99-below-1000"),
        pytest.param("p99", 1000, None, Outcome.PASSED, id="p99-at-1000"),
        pytest.param("p95", 150, "few users", Outcome.PASSED, id="the-plan-says-why"),
        pytest.param("p95", 40, "few users", Outcome.INCONCLUSIVE, id="no-upper-bound"),
        pytest.param("p50", 50, None, Outcome.PASSED, id="median"),
    ],
)
def test_percentiles_need_their_samples(statistic: str, n: int, why: str | None, outcome: Outcome) -> None:
    asked = criterion(statistic=statistic, evidence=Floor(n=30, why=why))
    assert judge_criterion(asked, Observation(load(milliseconds(n, 20)))).outcome is outcome


def test_below_the_evidence_floor_even_a_clear_result_is_inconclusive() -> None:
    judgement = judge_criterion(criterion(evidence=Floor(n=500)), Observation(load(milliseconds(400, 900))))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert judgement.n_needed == 500


@pytest.mark.parametrize(
    ("failed", "outcome"),
    [
        pytest.param(2, Outcome.PASSED, id="under-one-percent"),
        pytest.param(40, Outcome.FAILED, id="ten-percent"),
        pytest.param(20, Outcome.INCONCLUSIVE, id="about-five-percent"),
    ],
)
def test_failed_requests_are_never_fast(failed: int, outcome: Outcome) -> None:
    run = load(milliseconds(400 - failed, 20), failed=failed)
    assert judge_criterion(criterion(), Observation(run)).outcome is outcome


@pytest.mark.parametrize(
    ("metric", "statistic"),
    [
        pytest.param("response_ms", "p50", id="median"),
        pytest.param("response_ms", "mean", id="mean"),
        pytest.param("response_ms", "max", id="max"),
        pytest.param("error_rate_percent", "share", id="errors"),
        pytest.param("memory_mb", "max", id="memory"),
        pytest.param("cpu_percent", "mean", id="cpu"),
        pytest.param("memory_growth_mb", "p50", id="growth"),
        pytest.param("failed_requests", "count", id="count"),
    ],
)
def test_a_side_that_failed_every_request_never_passes(metric: str, statistic: str) -> None:
    samples = tuple(Sample(float(at), 0.1 * at, 50.0, 50.0, 1) for at in range(20))
    observation = Observation(load(failed=500), {"candidate": samples})
    limit = 90.0 if metric == "error_rate_percent" else 10_000.0
    assert judge_criterion(criterion(metric, statistic, limit), observation).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "sides",
    [pytest.param({}, id="left-out"), pytest.param({"candidate": {"op": Series(())}}, id="in-turn-with-nothing")],
)
def test_a_side_that_was_asked_nothing_never_passes(sides: dict[str, Any]) -> None:
    run = LoadRun("average", 10.0, 10, 0.1, 0.0, {"baseline": {"op": Series((1,) * 10)}, **sides})
    samples = tuple(Sample(float(at), 0.1 * at, 50.0, 50.0, 1) for at in range(20))
    judgement = judge_criterion(criterion("memory_mb", "max", 10_000.0), Observation(run, {"candidate": samples}))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "no request of load average went to the candidate" in judgement.reason


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"generator_cpu": 0.95}, id="saturated"),
        pytest.param({"late_share": 0.06}, id="late"),
        pytest.param({"asked": 430}, id="not-reached"),
        pytest.param({"asked": 0}, id="nothing-asked"),
    ],
)
@pytest.mark.parametrize("middle", [pytest.param(20, id="fast"), pytest.param(900, id="slow")])
def test_a_load_that_was_not_the_one_asked_for_proves_nothing(trouble: dict[str, Any], middle: float) -> None:
    run = load(milliseconds(400, middle), **trouble)
    assert judge_criterion(criterion(), Observation(run)).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("metric", [pytest.param(name, id=name) for name in METRICS])
def test_a_metric_of_which_nothing_was_seen_is_inconclusive(metric: str) -> None:
    asked = criterion(metric, METRICS[metric].statistics[0])
    run = LoadRun("average", 10.0, 10, 0.1, 0.0, {"baseline": {"op": Series((1,) * 10)}})
    assert judge_criterion(asked, Observation(run)).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("metric", [pytest.param(name, id=name) for name in METRICS])
def test_every_metric_says_what_it_is(metric: str) -> None:
    assert METRICS[metric].name == metric
    assert METRICS[metric].says.endswith((".", "`."))


@pytest.mark.parametrize(
    ("candidate", "outcome"),
    [
        pytest.param(100, Outcome.PASSED, id="equal"),
        pytest.param(108, Outcome.PASSED, id="a-little-slower"),
        pytest.param(160, Outcome.FAILED, id="much-slower"),
        pytest.param(121.5, Outcome.INCONCLUSIVE, id="about-twenty-percent"),
    ],
)
def test_a_relative_limit_judges_the_difference(candidate: float, outcome: Outcome) -> None:
    run = load(milliseconds(400, candidate, 1), milliseconds(400, 100, 2))
    judgement = judge_criterion(criterion(limit=worse_by("20%", 5)), Observation(run))
    assert judgement.outcome is outcome
    assert judgement.baseline is not None


def test_under_the_floor_no_change_counts() -> None:
    run = load(milliseconds(400, 9, 1, 0.5), milliseconds(400, 3, 2, 0.5))
    assert judge_criterion(criterion(limit=worse_by("20%", 40)), Observation(run)).outcome is Outcome.PASSED
    assert judge_criterion(criterion(limit=worse_by("20%", 1)), Observation(run)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("baseline", "baseline_failed"),
    [
        pytest.param([], 0, id="no-sample"),
        pytest.param([20.0] * 50, 0, id="too-few"),
        pytest.param([20.0] * 300, 200, id="failing-baseline"),
    ],
)
def test_without_a_sound_baseline_a_relative_limit_is_inconclusive(baseline: list[float], baseline_failed: int) -> None:
    run = load(milliseconds(400, 20), baseline, baseline_failed=baseline_failed)
    assert judge_criterion(criterion(limit=worse_by("20%", 40)), Observation(run)).outcome is Outcome.INCONCLUSIVE


def test_a_failing_candidate_breaks_a_relative_limit() -> None:
    run = load(milliseconds(300, 20), milliseconds(400, 20), failed=100)
    assert judge_criterion(criterion(limit=worse_by("20%", 40)), Observation(run)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("n", "failed", "outcome"),
    [
        pytest.param(2000, 0, Outcome.PASSED, id="none"),
        pytest.param(100, 0, Outcome.INCONCLUSIVE, id="none-of-few"),
        pytest.param(2000, 18, Outcome.INCONCLUSIVE, id="just-below"),
        pytest.param(2000, 60, Outcome.FAILED, id="three-percent"),
    ],
)
def test_an_error_rate_is_judged_by_its_interval(n: int, failed: int, outcome: Outcome) -> None:
    run = load([20.0] * (n - failed), failed=failed)
    asked = criterion("error_rate_percent", "share", 1.0)
    assert judge_criterion(asked, Observation(run)).outcome is outcome


COSTS: dict[str, tuple[str, float, float, float, Outcome]] = {
    "cheap": ("cost_per_task_usd", 0.010, 0.8, 1.2, Outcome.PASSED),
    "dear": ("cost_per_task_usd", 0.010, 1.1, 1.2, Outcome.FAILED),
    "saves-a-quarter": ("cost_saving_percent", 20.0, 0.9, 1.2, Outcome.PASSED),
    "saves-a-sixth": ("cost_saving_percent", 20.0, 1.0, 1.2, Outcome.FAILED),
    "no-tasks": ("cost_per_task_usd", 0.010, 0.0, 1.2, Outcome.INCONCLUSIVE),
    "free-baseline": ("cost_saving_percent", 20.0, 1.0, 0.0, Outcome.INCONCLUSIVE),
}


@pytest.mark.parametrize("name", COSTS)
def test_costs_are_judged_by_the_task(name: str) -> None:
    metric, limit, own, against, outcome = COSTS[name]
    sides = {
        "candidate": {"cost_usd": own, "tasks_processed": 100.0 if own else 0.0},
        "baseline": {"cost_usd": against, "tasks_processed": 100.0},
    }
    observation = Observation(load([20.0] * 100), {}, sides)
    comparison = "<=" if limit < 1 else ">"
    asked = criterion(metric, "mean", limit, comparison=comparison, evidence=Floor(n=50))
    assert judge_criterion(asked, observation).outcome is outcome


@pytest.mark.parametrize(
    ("metric", "statistic", "limit", "counters", "outcome"),
    [
        pytest.param("events_per_s", "rate", 1000, {"events_per_s": 12_000}, Outcome.PASSED, id="events"),
        pytest.param("events_per_s", "rate", 1000, {"events_per_s": 8_000}, Outcome.FAILED, id="too-few-events"),
        pytest.param("events_per_s", "rate", 1000, {"events_per_s": 10_050}, Outcome.INCONCLUSIVE, id="about"),
        pytest.param("events_per_s", "rate", 1000, {"events_per_s": -5}, Outcome.INCONCLUSIVE, id="restarted"),
        pytest.param("tasks_processed", "count", 10_000, {"tasks_processed": 10_001}, Outcome.PASSED, id="tasks"),
        pytest.param(
            "tasks_processed", "count", 10_000, {"tasks_processed": 9_999}, Outcome.FAILED, id="one-task-short"
        ),
        pytest.param(
            "completion_percent",
            "share",
            95,
            {"tasks_processed": 9_990, "tasks_asked": 10_000},
            Outcome.PASSED,
            id="completion",
        ),
        pytest.param(
            "completion_percent",
            "share",
            95,
            {"tasks_processed": 9_000, "tasks_asked": 10_000},
            Outcome.FAILED,
            id="incomplete",
        ),
        pytest.param(
            "completion_percent",
            "share",
            95,
            {"tasks_processed": 11, "tasks_asked": 10},
            Outcome.INCONCLUSIVE,
            id="impossible",
        ),
    ],
)
def test_counters_are_judged_by_their_growth(
    metric: str, statistic: str, limit: float, counters: dict[str, float], outcome: Outcome
) -> None:
    asked = criterion(metric, statistic, limit, comparison=">")
    observation = Observation(load([20.0] * 100), {}, {"candidate": counters})
    assert judge_criterion(asked, observation).outcome is outcome


def test_events_of_the_warm_up_make_no_rate() -> None:
    observation = Observation(load([20.0] * 100), {}, {"candidate": {"events_per_s": 12_000}}, warmup_s=5.0)
    asked = criterion("events_per_s", "rate", 1000, comparison=">")
    assert judge_criterion(asked, observation).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("metric", "statistic", "limit", "outcome"),
    [
        pytest.param("memory_mb", "max", 200, Outcome.PASSED, id="memory"),
        pytest.param("memory_mb", "max", 150, Outcome.FAILED, id="too-much-memory"),
        pytest.param("memory_growth_mb", "max", 40, Outcome.FAILED, id="leak"),
        pytest.param("memory_growth_mb", "p50", 120, Outcome.PASSED, id="allowed-growth"),
        pytest.param("cpu_percent", "mean", 40, Outcome.PASSED, id="cpu"),
        pytest.param("cpu_percent", "mean", 20, Outcome.FAILED, id="too-much-cpu"),
    ],
)
def test_resources_are_judged(metric: str, statistic: str, limit: float, outcome: Outcome) -> None:
    samples = tuple(Sample(float(at), 0.3 * at, 60 + 2.0 * at, 0.0, 1) for at in range(50))
    observation = Observation(load([20.0] * 100), {"candidate": samples})
    assert judge_criterion(criterion(metric, statistic, limit), observation).outcome is outcome


def test_a_process_that_was_replaced_while_measured_is_inconclusive() -> None:
    samples = tuple(Sample(float(at), spent, 60, 0.0, 1) for at, spent in enumerate([1.0, 2.0, 0.1, 0.2]))
    observation = Observation(load([20.0] * 100), {"candidate": samples})
    assert judge_criterion(criterion("cpu_percent", "mean", 40), observation).outcome is Outcome.INCONCLUSIVE


def test_delegation_needs_its_operation() -> None:
    run = load(milliseconds(400, 20))
    unnamed, named, unknown = (criterion("delegation_ms", limit=50, operation=name) for name in (None, "op", "no-such"))
    assert judge_criterion(unnamed, Observation(run)).outcome is Outcome.INCONCLUSIVE
    assert judge_criterion(named, Observation(run)).outcome is Outcome.PASSED
    assert judge_criterion(unknown, Observation(run)).outcome is Outcome.INCONCLUSIVE


def test_a_plan_may_use_another_unit() -> None:
    observation = Observation(load(milliseconds(400, 300)))
    assert judge_criterion(criterion(limit=0.5, unit="s"), observation).outcome is Outcome.PASSED
    assert judge_criterion(criterion(limit=0.2, unit="s"), observation).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param({"metric": "responce_ms"}, "did you mean 'response_ms'", id="metric"),
        pytest.param({"statistic": "share"}, "it has p50, p95", id="statistic"),
        pytest.param({"unit": "MB"}, "write one of ms, s", id="unit"),
        pytest.param(
            {"comparison": ">", "limit": worse_by("20%", 1)}, "a relative limit needs < or <=", id="wrong-direction"
        ),
    ],
)
def test_what_the_table_does_not_have_is_refused(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        metric_of(criterion(**changed))


def test_a_criterion_that_is_not_measured_is_refused() -> None:
    with pytest.raises(PlanError, match="no metric None"):
        judge_criterion(Criterion(id="c", sentence="It holds.", checks=("a/b",)), Observation(load([1.0])))


@pytest.mark.parametrize(
    ("low", "high", "comparison", "outcome"),
    [
        pytest.param(1, 2, "<", Outcome.INCONCLUSIVE, id="touching-from-below-strictly"),
        pytest.param(1, 2, "<=", Outcome.PASSED, id="touching-from-below"),
        pytest.param(2, 3, "<", Outcome.FAILED, id="touching-from-above-strictly"),
        pytest.param(2, 3, "<=", Outcome.INCONCLUSIVE, id="touching-from-above"),
        pytest.param(2, 3, ">=", Outcome.PASSED, id="at-least"),
        pytest.param(2, 3, ">", Outcome.INCONCLUSIVE, id="more"),
        pytest.param(1, 2, ">", Outcome.FAILED, id="not-more"),
        pytest.param(2, 2, "==", Outcome.PASSED, id="exactly"),
        pytest.param(2, 3, "==", Outcome.INCONCLUSIVE, id="perhaps"),
        pytest.param(3, 4, "==", Outcome.FAILED, id="not-equal"),
        pytest.param(math.inf, math.inf, "<", Outcome.FAILED, id="infinite"),
    ],
)
def test_an_interval_is_settled_against_two(low: float, high: float, comparison: str, outcome: Outcome) -> None:
    assert settle(low, high, comparison, 2) is outcome


@given(st.lists(st.floats(0.1, 1000), min_size=200, max_size=400), st.integers(0, 50), st.floats(1, 2000))
def test_more_failures_never_make_a_percentile_better(latencies: list[float], failed: int, limit: float) -> None:
    rank = [Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.FAILED]
    outcomes = [
        judge_criterion(criterion(limit=limit), Observation(load(latencies, failed=count))).outcome
        for count in (failed, failed + 200)
    ]
    assert rank.index(outcomes[0]) <= rank.index(outcomes[1])
