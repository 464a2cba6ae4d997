"""What a sweep showed is judged: half a result, a way out that leads elsewhere, and too few points struck are told apart."""

from dataclasses import replace

import pytest

from godwit.checks import CrashSweep, Struck, Way, choose_points, judge_made_good, judge_never_half
from godwit.verdict import Finding, Outcome

LOST = (Finding("rows are missing", "target.db/items", "present", "(absent)", count=3),)
GOOD = Struck(1, "write target.db", True, -9, False, "", False, (), (Way("resumed", 0, False, ""),))
SWEEP = CrashSweep("kill", 40, 1, (GOOD,), (), (False, True))


def swept(**changes: object) -> CrashSweep:
    return replace(SWEEP, struck=(replace(GOOD, **changes),))


def test_a_sweep_in_which_all_was_made_good_passes() -> None:
    judgement = judge_made_good(SWEEP)
    assert judgement.outcome is Outcome.PASSED
    assert judgement.reason == "1 point(s) of kill compared, no difference; 1 points chosen of 40 that a run has"
    assert judge_never_half(SWEEP).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("sweep", "what"),
    [
        pytest.param(swept(ways=(Way("resumed", 0, False, "", LOST),)), "resumed is not as it should be", id="differs"),
        pytest.param(swept(ways=(Way("restored", 1, False, "no\n"),)), "cannot be restored", id="refused"),
        pytest.param(swept(ways=(Way("resumed", -9, True, ""),)), "being resumed it does not end", id="hangs"),
        pytest.param(swept(timed_out=True), "does not end", id="run-hangs"),
        pytest.param(swept(exit=0, done=True, half=LOST, ways=()), "half is taken for done", id="claims-success"),
    ],
)
def test_what_is_not_made_good_is_a_finding(sweep: CrashSweep, what: str) -> None:
    judgement = judge_made_good(sweep)
    assert judgement.outcome is Outcome.FAILED
    assert [it.what for it in judgement.findings] == [what]
    assert judgement.findings[0].where == "write target.db (#1)"


def test_half_that_is_taken_for_done_is_a_finding_with_what_it_lacks() -> None:
    judgement = judge_never_half(swept(done=True, half=LOST))
    assert judgement.outcome is Outcome.FAILED
    assert judgement.findings[0].reason == "rows are missing at target.db/items (3)"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"trouble": "cannot be traced"}, id="trouble"),
        pytest.param({"unlike": LOST}, id="two-runs-differ"),
        pytest.param({"points": 0}, id="no-points"),
        pytest.param({"chosen": 0, "struck": ()}, id="nothing-struck"),
        pytest.param({"chosen": 2}, id="out-of-time"),
        pytest.param({"struck": (replace(GOOD, took_effect=False),)}, id="no-effect"),
    ],
)
def test_what_could_not_be_struck_is_never_passed(changes: dict[str, object]) -> None:
    assert judge_made_good(replace(SWEEP, **changes)).outcome is Outcome.INCONCLUSIVE
    assert judge_never_half(replace(SWEEP, **changes)).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("asked", [None, (True, True), (False, False)], ids=["nobody", "always", "never"])
def test_who_always_says_the_same_cannot_tell_half_from_whole(asked: tuple[bool, bool] | None) -> None:
    assert judge_never_half(replace(SWEEP, asked=asked)).outcome is Outcome.INCONCLUSIVE


def test_the_same_accident_at_many_points_is_one_finding() -> None:
    bad = [
        replace(GOOD, number=n, point=f"write file-{n}", ways=(Way("resumed", 0, False, "", LOST),))
        for n in range(1, 8)
    ]
    judgement = judge_made_good(replace(SWEEP, chosen=7, struck=tuple(bad)))
    assert [it.count for it in judgement.findings] == [7]


@pytest.mark.parametrize("at_most", [1, 3, 8, 50], ids=str)
def test_points_are_spread_and_every_kind_is_among_them(at_most: int) -> None:
    kinds = ["create", *["write"] * 40, "commit", *["write"] * 20, "exit"]
    chosen = choose_points(kinds, at_most)
    assert len(chosen) == at_most == len(set(chosen))
    assert {kinds[number - 1] for number in chosen} >= {"create", "write", "commit", "exit"} or at_most < 4
    assert chosen == sorted(chosen)


def test_all_points_are_chosen_where_there_is_room() -> None:
    assert choose_points(["write"] * 7, 100) == [1, 2, 3, 4, 5, 6, 7]
    assert choose_points([], 5) == []
