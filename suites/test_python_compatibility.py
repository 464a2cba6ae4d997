"""What a user of the baseline's Python API relies on, the candidate honours: names, signatures, results, exceptions."""

from godwit import assert_holds


def test_calls_answer_alike(call_script, library):
    """Each script of calls returns, raises and changes its arguments on the candidate as on the baseline."""
    assert_holds(library.calls(call_script))


def test_recorded_calls_answer_alike(call_recording, library):
    """Each recorded call returns, raises and changes its arguments on the candidate as on the baseline."""
    assert_holds(library.recorded(call_recording))
