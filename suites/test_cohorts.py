"""The share that moves is exactly who should move: even, sticky, the same everywhere, and nobody comes back as it grows."""

from godwit import assert_holds


def test_the_edges_are_exact(bucketing, cohorts):
    """At 0 % nobody and at 100 % everybody is on the candidate, also who comes without an id."""
    assert_holds(cohorts.edges(bucketing))


def test_users_are_spread_evenly(bucketing, cohorts):
    """Each percentage moves its share of the users, and they are spread evenly over the whole range."""
    assert_holds(cohorts.spread(bucketing))


def test_the_smallest_step_moves_somebody(bucketing, cohorts):
    """The smallest step moves about its share, and the last one but all leaves about as many."""
    assert_holds(cohorts.steps(bucketing))


def test_nobody_leaves_as_the_share_grows(bucketing, cohorts):
    """Nobody leaves the candidate from one percentage to the next, over a fine grid of them."""
    assert_holds(cohorts.rising(bucketing))


def test_users_stay_where_they_are(bucketing, cohorts):
    """A user is served by the same side when asked again, in another order, and after a restart."""
    assert_holds(cohorts.stays(bucketing))


def test_everyone_places_users_alike(other_evaluator, cohorts):
    """A second instance, another version or another implementation puts every user where the first one does."""
    assert_holds(cohorts.agrees(other_evaluator))


def test_the_override_moves_its_members_only(bucket_override, cohorts):
    """A team or an agent type that is named goes to its side at every percentage, and nobody else goes with it."""
    assert_holds(cohorts.override(bucket_override))


def test_two_flags_move_different_users(bucket_pair, cohorts):
    """Whom one percentage moves tells nothing of whom the other one moves."""
    assert_holds(cohorts.independent(bucket_pair))
