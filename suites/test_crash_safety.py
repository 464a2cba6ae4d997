"""What changes state survives being stopped anywhere: killed, without room, without permission, without power."""

from godwit import assert_holds


def test_a_killed_run_is_made_good(crash, crashes):
    """After a kill at any step the work can be completed or taken back, to the last row and file."""
    assert_holds(crashes.made_good(crash))


def test_half_is_never_taken_for_done(completion, crashes):
    """After a kill at any step, nothing but the whole is taken for done."""
    assert_holds(crashes.never_half(completion))


def test_a_trouble_is_survived(crash_trouble, crashes):
    """A full disk, a refused permission and a loss of power at any step are told, and can be made good."""
    assert_holds(crashes.trouble_survived(crash_trouble))
