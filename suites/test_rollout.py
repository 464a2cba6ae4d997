"""Each rollout step moves exactly those who should move, and they fare as well as those who stay."""

from godwit import assert_holds


def test_the_step_moves_its_share(rollout_step, ramp):
    """Each step puts its percentage of the users on the candidate."""
    assert_holds(ramp.share(rollout_step))


def test_the_step_moves_its_cohorts(rollout_step, ramp):
    """Each step puts every member of its cohorts on the candidate."""
    assert_holds(ramp.cohorts(rollout_step))


def test_nobody_moves_back(rollout_step, ramp):
    """Everybody who was on the candidate before a step still is after it."""
    assert_holds(ramp.nobody_left(rollout_step))


def test_the_step_holds_its_criterion(step_criterion, ramp):
    """Users on the candidate fare as each step's criteria ask, compared with those on the baseline at the same time."""
    assert_holds(ramp.criterion(step_criterion))


def test_the_judge_promotes_the_step(judged_step, ramp):
    """The judge of each step finds the candidate no worse than allowed by the end of the soak, and never aborts."""
    assert_holds(ramp.judged(judged_step))
