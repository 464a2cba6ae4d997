"""A flag that is turned while people work costs nobody a request, and turning everything off brings the baseline back."""

from godwit import assert_holds


def test_a_hot_change_acts_in_time(hot_flag, flag_changes):
    """Each hot flag acts within its time while clients write."""
    assert_holds(flag_changes.in_time(hot_flag))


def test_a_hot_change_fails_no_request(hot_flag, flag_changes):
    """No request fails while a hot flag is changed."""
    assert_holds(flag_changes.fails_no_request(hot_flag))


def test_a_hot_change_restarts_nothing(hot_flag, flag_changes):
    """Every process and every open connection outlives the change of a hot flag."""
    assert_holds(flag_changes.restarts_nothing(hot_flag))


def test_toggling_loses_nothing(toggled_flag, flag_changes):
    """A flag that is turned to and fro while clients write loses no request and no acknowledged write."""
    assert_holds(flag_changes.toggled(toggled_flag))


def test_the_kill_switch_brings_the_baseline_back(kill_switch, flag_changes):
    """With all flags off the baseline's answers come, and what was written under the flags stays readable."""
    assert_holds(flag_changes.killed(kill_switch))
