"""The judge of a rollout: it may look as often as it likes, proves what it says, and takes nothing for granted that is missing."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from godwit.checks import Events, Pairs, Rules, Ruling, decide_look, explain, rule, told
from godwit.checks.canary_exact import fisher, rank_sum
from godwit.checks.canary_power import crossing
from godwit.checks.canary_scores import correlation_time
from godwit.plan import JudgeMetric

LOOKS = 100


def latency(**changed) -> JudgeMetric:
    fields = {
        "id": "latency", "metric": "response_ms", "kind": "distribution", "worse": "higher", "tolerance": 0.0,
        "floor": 0.0, "tail": "p99", "tail_tolerance": 10.0, "min_n": 1000,
    }  # fmt: skip
    return JudgeMetric(**(fields | changed))


def errors(**changed) -> JudgeMetric:
    fields = {
        "id": "errors", "metric": "error_rate_percent", "kind": "count", "worse": "higher", "tolerance": 0.0,
        "floor": 0.0, "min_n": 300,
    }  # fmt: skip
    return JudgeMetric(**(fields | changed))


def rules(planned: int, alpha: float = 0.01, shares: int = 1, looks: int = LOOKS) -> Rules:
    return Rules(alpha=alpha, shares=shares, planned=planned, looks=looks)


def lognormal(seed: int, n: int = 5000, factor: float = 1.0) -> np.ndarray:
    return factor * np.exp(np.random.default_rng(seed).normal(3, 0.5, n))


def blocks(seed: int, rate: float, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    return np.random.default_rng(seed).binomial(n // LOOKS, rate, LOOKS).astype(float), np.full(
        LOOKS, float(n // LOOKS)
    )


def counted(seed: int, rates: tuple[float, float], n: int = 3000) -> Events:
    return Events(*blocks(seed, rates[0], n), *blocks(seed + 5000, rates[1], n))


def outcomes(found: list[Ruling]) -> dict[str, float]:
    return {word: sum(one.decision == word for one in found) / len(found) for word in ("promote", "hold", "abort")}


def test_nothing_is_called_worse_that_is_alike_however_often_it_is_looked_at():
    found = [
        rule(latency(), Pairs(lognormal(seed, 1000), lognormal(seed + 9000, 1000)), rules(1000)) for seed in range(300)
    ]
    # At most 1 %: of 300 at most 8 but for one chance in a hundred.
    assert outcomes(found)["abort"] * 300 <= 8


def test_a_median_that_is_a_tenth_slower_is_noticed():
    found = [
        rule(latency(), Pairs(lognormal(seed), lognormal(seed + 9000, factor=1.1)), rules(5000)) for seed in range(20)
    ]
    assert outcomes(found)["abort"] == 1


def test_a_tail_that_doubles_is_noticed_although_the_median_stays():
    found = []
    for seed in range(20):
        slow = lognormal(seed + 9000)
        slow[slow > math.exp(3 + 0.5 * 1.645)] *= 2
        found.append(rule(latency(), Pairs(lognormal(seed), slow), rules(5000)))
    assert outcomes(found)["abort"] == 1


def test_a_second_peak_is_noticed_although_the_median_stays():
    values, other = lognormal(1, 3000), lognormal(2, 3000)
    other[np.random.default_rng(3).random(3000) < 0.1] += 60
    assert rule(latency(), Pairs(values, other), rules(3000)).decision == "abort"


def test_an_error_rate_of_ten_times_as_much_is_noticed():
    found = [rule(errors(), counted(seed, (0.001, 0.01)), rules(3000)) for seed in range(200)]
    assert outcomes(found)["abort"] >= 0.95


def test_counts_that_are_alike_are_not_called_worse():
    found = [rule(errors(), counted(seed, (0.02, 0.02)), rules(3000)) for seed in range(1000)]
    assert outcomes(found)["abort"] <= 0.02


def test_a_rate_that_comes_in_bursts_is_not_called_worse():
    chance = np.random.default_rng(4)
    n = np.full(LOOKS, 30.0)
    found = []
    for _ in range(300):
        bursts = [np.minimum(30.0, chance.binomial(1, 0.05, LOOKS) * chance.poisson(12, LOOKS)) for _ in range(2)]
        found.append(rule(errors(), Events(bursts[0], n, bursts[1], n), rules(3000)))
    assert outcomes(found)["abort"] <= 0.03


def test_what_follows_one_another_is_not_called_worse():
    found = []
    for seed in range(150):
        sides = []
        for side in (0, 1):
            noise, value = np.random.default_rng(2 * seed + side).normal(size=1000), np.zeros(1000)
            for place in range(1, 1000):
                value[place] = 0.8 * value[place - 1] + 0.6 * noise[place]
            sides.append(np.exp(3 + value / 2))
        found.append(rule(latency(), Pairs(*sides), rules(1000)))
    assert outcomes(found)["abort"] <= 0.03


@pytest.mark.parametrize("factor", [2, 10])
def test_a_candidate_that_turns_slow_within_the_soak_is_noticed_and_stays_noticed(factor):
    values, other = lognormal(1, 2000), lognormal(2, 2000)
    other[800:] *= factor
    wide = latency(tolerance=10.0, tail_tolerance=50.0)
    looks = [rule(wide, Pairs(values[:n], other[:n]), rules(2000)).decision for n in (1600, 2000)]
    assert looks == ["abort", "abort"]


def test_what_was_fine_and_is_slow_at_the_end_is_not_promoted():
    wide = latency(tolerance=10.0, tail_tolerance=50.0)
    found = []
    for seed in range(6):
        other = lognormal(seed + 99)
        other[4000:] *= 1.5
        found.append(rule(wide, Pairs(lognormal(seed), other), rules(5000)))
    assert outcomes(found)["promote"] == 0


def test_what_is_alike_is_promoted_once_that_is_proven():
    wide = latency(tolerance=10.0, tail_tolerance=50.0)
    found = [rule(wide, Pairs(lognormal(seed), lognormal(seed + 9000)), rules(5000)) for seed in range(10)]
    assert outcomes(found)["promote"] == 1


def test_what_is_just_as_bad_as_allowed_is_hardly_ever_promoted():
    wide = latency(tolerance=10.0, tail_tolerance=10.0, min_n=1000)
    pairs = [Pairs(lognormal(seed, 1000), lognormal(seed + 9000, 1000, 1.1)) for seed in range(200)]
    assert outcomes([rule(wide, pair, rules(1000)) for pair in pairs])["promote"] <= 0.03


def test_a_change_under_the_floor_does_not_count():
    small = latency(floor=40.0, tail_tolerance=0.0)
    assert rule(small, Pairs(lognormal(1), lognormal(2, factor=1.5)), rules(5000)).decision == "promote"


def test_a_higher_number_is_good_where_lower_is_worse():
    more = latency(worse="lower", tolerance=5.0, tail_tolerance=20.0)
    assert rule(more, Pairs(lognormal(1), lognormal(2, factor=1.3)), rules(5000)).decision == "promote"
    assert rule(more, Pairs(lognormal(1), lognormal(2, factor=0.7)), rules(5000)).decision == "abort"


@pytest.mark.parametrize("factor", [pytest.param(1.4, id="up"), pytest.param(0.7, id="down")])
def test_either_way_is_worse_where_the_plan_says_either(factor):
    found = rule(latency(worse="either"), Pairs(lognormal(1), lognormal(2, factor=factor)), rules(5000))
    assert found.decision == "abort"


def test_a_request_that_failed_took_for_ever():
    broken = lognormal(2)
    broken[::20] = math.inf
    assert rule(latency(), Pairs(lognormal(1), broken), rules(5000)).decision == "abort"


@pytest.mark.parametrize("side", [pytest.param(0, id="baseline"), pytest.param(1, id="candidate")])
def test_a_missing_value_bars_a_promotion_and_hides_no_harm(side):
    wide = latency(tolerance=10.0, tail_tolerance=50.0)
    alike, harmed = [[lognormal(1), lognormal(2, factor=factor)] for factor in (1.0, 1.5)]
    for sides in (alike, harmed):
        sides[side][17] = math.nan
    held = rule(wide, Pairs(*alike), rules(5000))
    assert (held.decision, "missing" in held.reason) == ("hold", True)
    assert rule(wide, Pairs(*harmed), rules(5000)).decision == "abort"


def test_missing_counts_bar_a_promotion():
    seen = counted(1, (0.001, 0.001))
    seen.candidate[3] = math.nan
    loose = errors(floor=2.0)
    assert rule(loose, seen, rules(3000)).decision == "hold"
    assert rule(errors(floor=2.0, missing="zero"), seen, rules(3000)).decision == "promote"


def test_nothing_is_decided_on_fewer_values_than_asked():
    found = rule(latency(), Pairs(lognormal(1, 900), lognormal(2, 900, 9.0)), rules(5000))
    assert (found.decision, found.reason) == ("hold", "900 values a side, min_n is 1000")


def test_several_metrics_share_the_chance_of_a_false_alarm():
    pair = Pairs(lognormal(1, 1000), lognormal(2, 1000, 1.12))
    alone, shared = (rule(latency(), pair, rules(1000, shares=shares)) for shares in (1, 20))
    assert shared.worse < alone.worse


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        pytest.param(("promote", "promote"), "promote", id="all promote"),
        pytest.param(("promote", "hold"), "hold", id="one holds"),
        pytest.param(("promote", "abort"), "abort", id="one aborts"),
        pytest.param((), "hold", id="nothing was judged"),
    ],
)
def test_one_decision_is_made_of_all_metrics(words, decision):
    assert decide_look([Ruling("m", word, "", (1, 1), 1, 0.0, 0.0, "") for word in words]) == decision


def test_a_ruling_says_statistic_n_interval_bound_and_power():
    pair = Pairs(lognormal(1, 2000), lognormal(2, 2000, 1.3))
    found = explain(latency(), pair, rules(2000), rule(latency(), pair, rules(2000)))
    change = found.changes[0]
    assert change.low < 30 < change.high
    assert change.low > 15
    line = told(found)
    assert "n=2000 and 2000" in line
    assert "allowed" in line
    assert "noticed with 95%" in line


def test_the_interval_of_a_rate_holds_the_truth():
    seen = counted(3, (0.01, 0.03), 9000)
    change = explain(errors(), seen, rules(9000), rule(errors(), seen, rules(9000))).changes[0]
    assert 0 < change.low < 2.0 < change.high < 4


def test_the_power_that_is_told_is_there():
    needed = crossing(0.01, 0.62, 1.0) * math.sqrt(1 / 6 / 1000)
    # P(Y > X) - 1/2 of two log-normal distributions a shift apart; solved for the shift.
    shift = 0.5 * math.sqrt(2) * NormalDist().inv_cdf(0.5 + needed)
    pairs = [Pairs(lognormal(seed, 1000), lognormal(seed + 900, 1000, math.exp(shift))) for seed in range(300)]
    found = outcomes([rule(latency(), pair, rules(1000)) for pair in pairs])["abort"]
    assert 0.91 <= found <= 0.99


@given(st.integers(0, 12), st.integers(0, 12), st.integers(12, 20), st.integers(12, 20))
def test_fishers_test_counts_all_ways(candidate, baseline, candidate_n, baseline_n):
    events, n = candidate + baseline, candidate_n + baseline_n
    so_many = range(candidate, min(events, candidate_n) + 1)
    ways = [math.comb(candidate_n, k) * math.comb(baseline_n, events - k) for k in so_many]
    found = fisher(candidate, candidate_n, baseline, baseline_n)
    assert found == pytest.approx(sum(ways) / math.comb(n, events))


@pytest.mark.parametrize(
    ("baseline", "candidate", "p"),
    [
        pytest.param([1, 2, 3], [4, 5, 6], 1 / 20, id="apart"),
        pytest.param([0, 0], [0, 0], 1.0, id="all alike"),
        pytest.param([0, 0, 0, 0, 0], [1, 4, 2, 3, 1], 1 / 252, id="ties"),
    ],
)
def test_the_rank_sum_counts_all_ways(baseline, candidate, p):
    assert rank_sum(np.array(baseline, dtype=float), np.array(candidate, dtype=float)) == pytest.approx(p)


def test_values_that_follow_one_another_are_counted_for_fewer():
    noise = np.random.default_rng(5).normal(size=4000)
    series = np.zeros(4000)
    for place in range(1, 4000):
        series[place] = 0.8 * series[place - 1] + noise[place]
    assert correlation_time(noise) == 1.0
    assert 6 < correlation_time(series) < 13  # (1 + 0.8) / (1 - 0.8) = 9
