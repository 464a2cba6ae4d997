"""Every flag case that users can meet serves them from the right side, and every user stays where the flags put them."""

from godwit import assert_holds


def test_the_default_is_baseline_behaviour(flag, selector):
    """Each flag comes up with its default, which gives baseline behaviour."""
    assert_holds(selector.default(flag))


def test_defaults_serve_the_baseline(selector):
    """Under default flags the baseline serves every user."""
    assert_holds(selector.defaults_serve_baseline())


def test_the_matrix_covers_every_allowed_combination(selector):
    """Every combination of flag values that the constraints allow, at the plan's strength, stands in a case of the matrix."""
    assert_holds(selector.matrix())


def test_the_flag_case_serves_the_right_side(flag_case, selector):
    """Under each assignment of all flags every kind of user is served by the side that the truth table names."""
    assert_holds(selector.case(flag_case))


def test_the_level_moves_its_share(level, selector):
    """Each percentage moves that share of the users."""
    assert_holds(selector.share(level))


def test_buckets_are_monotone(selector):
    """Nobody leaves the candidate as the percentage grows."""
    assert_holds(selector.monotone())


def test_buckets_are_sticky(selector):
    """A user who asks again is served by the same side, also after the router has restarted."""
    assert_holds(selector.sticky())


def test_the_flag_acts_in_time(flag, selector):
    """Each flag changes who serves within the time that the plan gives it."""
    assert_holds(selector.acts_in_time(flag))
