"""Whatever calls for a rollback is noticed, and the runbook brings the baseline back with its state, in time."""

from godwit import assert_holds


def test_the_trigger_stays_quiet_without_cause(trigger, drills):
    """Each trigger stays quiet while the candidate is healthy."""
    assert_holds(drills.quiet(trigger))


def test_the_trigger_fires_when_provoked(trigger, drills):
    """Each trigger fires when its cause is given."""
    assert_holds(drills.fired(trigger))


def test_the_runbook_is_carried_out(trigger, drills):
    """Each step of the trigger's runbook is carried out in order."""
    assert_holds(drills.carried_out(trigger))


def test_the_runbook_ends_in_time(trigger, drills):
    """The trigger's runbook ends within its time."""
    assert_holds(drills.in_time(trigger))


def test_the_baseline_serves_again(trigger, drills):
    """After the runbook the baseline is healthy and serves what comes through the router."""
    assert_holds(drills.baseline_serves(trigger))


def test_the_state_is_intact(trigger, drills):
    """After the runbook the baseline holds exactly the rows of its backup."""
    assert_holds(drills.state_intact(trigger))


def test_the_flags_are_reset(trigger, drills):
    """After the runbook the flags no longer choose the candidate."""
    assert_holds(drills.flags_reset(trigger))


def test_artefacts_are_kept(trigger, drills):
    """Everything that the runbook keeps for analysis is there."""
    assert_holds(drills.kept(trigger))
