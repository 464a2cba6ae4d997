"""Every flag case is safe: all surfaces answer, the flags in effect are shown, state is kept, and the default is the baseline."""

from godwit import assert_holds


def test_every_surface_answers_under_the_case(matrix_case, matrix):
    """Under each flag case everything is answered as the baseline does, apart from what the plan says that a flag changes."""
    assert_holds(matrix.answers(matrix_case))


def test_the_case_shows_its_flags(matrix_case, matrix):
    """Under each flag case the running system shows the flags that are in effect."""
    assert_holds(matrix.shown(matrix_case))


def test_the_case_keeps_state(matrix_case, matrix):
    """Each flag case leaves every row that was there, and every invariant, as it was."""
    assert_holds(matrix.kept(matrix_case))


def test_the_case_reads_what_others_wrote(matrix_case, matrix):
    """Under each flag case what was written under any other is read as it was written."""
    assert_holds(matrix.read(matrix_case))


def test_the_default_case_answers_as_the_baseline(matrix_probe, matrix):
    """Under the default flags each probe is answered exactly as by the baseline."""
    assert_holds(matrix.default(matrix_probe))
