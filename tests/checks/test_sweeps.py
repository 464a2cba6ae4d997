"""A percentage is swept over made-up users: a sound hash passes every promise, each known way to go wrong fails one."""

import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from godwit.checks import (
    Moved,
    Sweep,
    grid,
    judge_edges,
    judge_independent,
    judge_override,
    judge_rising,
    judge_same_place,
    judge_spread,
    judge_steps,
)
from godwit.plan import users_needed
from godwit.verdict import Outcome

Rule = Callable[[float], Moved]
N = 10_000


def places(salt: str = "", n: int = N) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The buckets of users, of 10,000."""
    digests = (hashlib.sha256(f"{salt}user-{user}".encode()).digest() for user in range(n))
    return np.asarray([int.from_bytes(digest[:8]) % 10_000 for digest in digests])


BUCKETS, SALTED = places(), places("other:")


def hashed(level: float) -> Moved:
    """The sound rule."""
    return level * 100 > BUCKETS


def swept(rule: Rule = hashed, resolution: float = 1.0) -> Sweep:
    """A sweep over a rule's users."""
    levels = grid(resolution)
    return Sweep(levels, np.stack([rule(level) for level in levels]), lambda user: f"user-{user}")


def test_a_sound_hash_keeps_every_promise() -> None:
    for resolution in (1.0, 0.1):
        sweep = swept(resolution=resolution)
        judged = [
            judge_edges(sweep),
            judge_spread(sweep, resolution),
            judge_rising(sweep),
            judge_steps(sweep, resolution),
        ]
        assert [each.outcome for each in judged] == [Outcome.PASSED] * 4, [each.reason for each in judged]


def test_a_sound_hash_raises_hardly_any_false_alarm() -> None:
    alarms = 0
    for run in range(150):
        buckets = np.random.default_rng(run).integers(0, 10_000, 2000)
        sweep = swept(lambda level, buckets=buckets: buckets < level * 100)  # type: ignore[misc]
        alarms += judge_spread(sweep, 1.0).outcome is Outcome.FAILED
    assert alarms <= 2


def test_the_grid_has_the_smallest_steps_at_both_ends() -> None:
    levels = grid(0.1)
    assert levels[:4] == (0.0, 0.1, 0.2, 0.3)
    assert levels[-3:] == (99.8, 99.9, 100.0)
    assert {1.0, 50.0, 99.0} < set(levels)
    assert len(grid(1.0)) == 101
    assert grid(25.0) == (0.0, 25.0, 50.0, 75.0, 100.0)


def test_levels_of_the_plan_come_with_the_edges_and_the_smallest_steps() -> None:
    assert grid(0.1, (50.0, 5.0)) == (0.0, 0.1, 5.0, 50.0, 99.9, 100.0)


UNEVEN: list[tuple[str, Rule]] = [
    ("nobody-ever", lambda level: np.full(N, level == 100)),
    ("everybody-at-once", lambda level: np.full(N, level > 0)),
    ("one-byte", lambda level: level > (BUCKETS % 256) % 100),
    ("steps-of-five", lambda level: level // 5 * 500 > BUCKETS if level < 100 else np.full(N, True)),
    ("one-percent-is-nobody", lambda level: level > BUCKETS // 100 + 1 if level < 100 else np.full(N, True)),
    ("a-tenth-too-many", lambda level: level * 110 > BUCKETS),
    ("squared", lambda level: level * level > BUCKETS),
]


@pytest.mark.parametrize(("name", "rule"), UNEVEN, ids=[name for name, _ in UNEVEN])
def test_an_uneven_spread_fails(name: str, rule: Rule) -> None:
    assert judge_spread(swept(rule), 1.0).outcome is Outcome.FAILED


def test_a_bias_that_hides_at_every_level_shows_over_all_of_them() -> None:
    def rippled(level: float) -> Moved:
        wave = 14 * np.cos(np.arange(10_000) * 2 * np.pi / 200)
        return (BUCKETS + wave[BUCKETS]) < level * 100 if level < 100 else np.full(N, True)

    judged = judge_spread(swept(rippled), 1.0)
    assert judged.outcome is Outcome.FAILED
    assert "users are not spread evenly" in [each.what for each in judged.findings]


@pytest.mark.parametrize("resolution", [1.0, 0.1, 0.01])
def test_too_few_users_for_the_resolution_are_inconclusive_and_the_number_is_told(resolution: float) -> None:
    levels = grid(resolution, (50.0,))
    few = Sweep(levels, np.stack([BUCKETS[:400] < level * 100 for level in levels]), str)
    judged = judge_spread(few, resolution)
    assert judged.outcome is Outcome.INCONCLUSIVE
    assert judged.n_needed == users_needed(resolution)
    assert judge_steps(few, resolution).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(lambda level: level // 1 * 100 > BUCKETS, id="tenths-are-cut-off"),
        pytest.param(lambda level: round(level + 0.5) * 100 > BUCKETS, id="tenths-are-rounded-up"),
    ],
)
def test_a_step_that_moves_nobody_or_everybody_fails(rule: Rule) -> None:
    assert judge_steps(swept(rule, 0.1), 0.1).outcome is Outcome.FAILED


def test_a_guest_who_is_moved_at_nothing_or_stays_at_all_fails() -> None:
    guest = np.arange(N) == 7
    early = judge_edges(swept(lambda level: hashed(level) | guest))
    late = judge_edges(swept(lambda level: hashed(level) & ~guest))
    assert (early.outcome, late.outcome) == (Outcome.FAILED, Outcome.FAILED)
    assert early.findings[0].where == late.findings[0].where == "user user-7"
    assert early.findings[0].what != late.findings[0].what


def test_edges_that_were_not_looked_at_are_inconclusive() -> None:
    sweep = swept()
    assert judge_edges(Sweep(sweep.levels[1:], sweep.moved[1:], str)).outcome is Outcome.INCONCLUSIVE
    assert judge_edges(Sweep((0.0, 100.0), np.zeros((2, 0), bool), str)).outcome is Outcome.INCONCLUSIVE
    assert judge_steps(Sweep((0.0, 100.0), sweep.moved[:2], str), 1.0).outcome is Outcome.INCONCLUSIVE
    assert judge_spread(Sweep((0.0, 100.0), sweep.moved[:2], str), 1.0).outcome is Outcome.INCONCLUSIVE


def test_users_who_leave_as_the_share_grows_are_told_with_the_step() -> None:
    judged = judge_rising(swept(lambda level: hashed(level) if level != 30 else hashed(level) & (BUCKETS > 1000)))
    assert judged.outcome is Outcome.FAILED
    assert [each.where for each in judged.findings] == ["29 % to 30 %"]
    assert judged.findings[0].count == int((BUCKETS <= 1000).sum())


def test_a_rise_of_nobody_is_inconclusive() -> None:
    assert judge_rising(Sweep((0.0, 100.0), np.zeros((2, 9), bool), str)).outcome is Outcome.INCONCLUSIVE
    assert judge_rising(Sweep((50.0,), np.ones((1, 9), bool), str)).outcome is Outcome.INCONCLUSIVE


def test_users_who_are_put_elsewhere_are_listed_with_their_share_and_direction() -> None:
    first = {50.0: hashed(50)}
    judged = judge_same_place(first, {50.0: SALTED < 5000}, str, by="the candidate")
    assert judged.outcome is Outcome.FAILED
    finding = judged.findings[0]
    assert 4500 < finding.count < 5500
    assert "to the candidate" in finding.candidate
    assert len(finding.examples) == 5
    assert judge_same_place(first, {50.0: hashed(50)}, str, by="again").outcome is Outcome.PASSED


def test_a_share_that_may_move_is_allowed_and_told() -> None:
    first, again = {50.0: hashed(50)}, {50.0: hashed(50.5)}
    assert judge_same_place(first, again, str, by="it").outcome is Outcome.FAILED
    judged = judge_same_place(first, again, str, by="it", may_move=1.0)
    assert judged.outcome is Outcome.PASSED
    assert "1 % allowed" in judged.reason


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({0.0: hashed(0)}, {0.0: hashed(0)}, id="nobody-could-move"),
        pytest.param({5.0: hashed(5)}, {6.0: hashed(6)}, id="other-levels"),
    ],
)
def test_what_could_not_have_moved_proves_nothing(first: dict[float, Moved], again: dict[float, Moved]) -> None:
    assert judge_same_place(first, again, str, by="it").outcome is Outcome.INCONCLUSIVE


MEMBERS = np.arange(N) % 10 == 0
LEVELS = (0.0, 25.0, 100.0)


def overridden(rule: Rule, served_by: str = "candidate") -> Outcome:
    without, over = {level: hashed(level) for level in LEVELS}, {level: rule(level) for level in LEVELS}
    return judge_override(without, over, MEMBERS, str, served_by).outcome


def test_an_override_moves_the_union_and_nobody_else() -> None:
    assert overridden(lambda level: hashed(level) | MEMBERS) is Outcome.PASSED
    assert overridden(lambda level: hashed(level) & ~MEMBERS, "baseline") is Outcome.PASSED
    assert overridden(hashed) is Outcome.FAILED
    assert overridden(lambda level: hashed(max(0, level - 10)) | MEMBERS) is Outcome.FAILED
    assert overridden(lambda level: hashed(level) | (np.arange(N) % 5 == 0)) is Outcome.FAILED


@pytest.mark.parametrize("members", [np.zeros(N, bool), np.ones(N, bool)], ids=["nobody", "everybody"])
def test_an_override_without_members_or_others_proves_nothing(members: Moved) -> None:
    same = {50.0: hashed(50)}
    assert judge_override(same, same, members, str, "candidate").outcome is Outcome.INCONCLUSIVE


def test_flags_with_salts_of_their_own_are_independent() -> None:
    judged = judge_independent(swept(), swept(lambda level: level * 100 > SALTED))
    assert judged.outcome is Outcome.PASSED, judged.reason


@pytest.mark.parametrize(
    "buckets",
    [
        pytest.param(BUCKETS, id="the-same"),
        pytest.param(9_999 - BUCKETS, id="the-opposite"),
        pytest.param((BUCKETS + 5_000) % 10_000, id="shifted"),
        pytest.param(np.where(np.arange(N) % 10 == 0, BUCKETS, SALTED), id="a-tenth-of-them"),
    ],
)
def test_flags_that_share_their_buckets_fail(buckets: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    judged = judge_independent(swept(), swept(lambda level: buckets < level * 100))
    assert judged.outcome is Outcome.FAILED
    assert "users on both" in judged.findings[0].candidate


def test_too_few_users_or_a_flag_that_moves_nobody_tell_nothing_of_two_flags() -> None:
    few = Sweep(grid(1.0), np.stack([BUCKETS[:100] < level * 100 for level in grid(1.0)]), str)
    assert judge_independent(few, few).outcome is Outcome.INCONCLUSIVE
    assert judge_independent(swept(), few).outcome is Outcome.INCONCLUSIVE
    never = swept(lambda level: np.full(N, level == 100))
    assert judge_independent(swept(), never).outcome is Outcome.INCONCLUSIVE
