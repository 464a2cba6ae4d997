"""Not one row is lost, doubled or changed without the plan saying so: converted, backed up, restored, cut over."""

from godwit import assert_holds


def test_the_baseline_has_its_data(custody):
    """The baseline holds at least the data that the plan asks for."""
    assert_holds(custody.seeded())


def test_the_mapping_is_kept(mapping, custody):
    """Converting makes exactly the rows that each mapping states."""
    assert_holds(custody.mapped(mapping))


def test_the_invariant_holds(invariant, custody):
    """Each invariant holds between the source and what is converted from it."""
    assert_holds(custody.invariant(invariant))


def test_converting_twice_is_converting_once(custody):
    """Converting into the same target again changes nothing."""
    assert_holds(custody.twice())


def test_converting_leaves_the_source_alone(custody):
    """The source holds the same rows after a conversion as before it."""
    assert_holds(custody.source_untouched())


def test_a_bad_state_is_refused(bad_state, custody):
    """A source that cannot be converted is refused with its reason, and the target stays as it was."""
    assert_holds(custody.refused(bad_state))


def test_the_backup_is_whole(backup, backups):
    """The newest backup has a manifest that fits its files, and every file that must be there."""
    assert_holds(backups.whole(backup))


def test_the_restored_backup_equals_the_original(backup, backups):
    """A backup, restored where nothing is, gives back what was backed up."""
    assert_holds(backups.restored(backup))


def test_every_acknowledged_write_is_found(custody):
    """Each write that was acknowledged while the phase's steps ran is found on the candidate, once and unchanged."""
    assert_holds(custody.writes_found())


def test_no_request_fails_meanwhile(custody):
    """No request through the router fails while the phase's steps run."""
    assert_holds(custody.uninterrupted())
