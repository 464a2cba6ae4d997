"""What a user of the baseline's Python API relies on, the candidate honours: names, signatures, results, exceptions."""

from godwit import assert_holds


def test_old_names_still_import(python_name, library):
    """Each name that users import is still there and takes the calls that it took."""
    assert_holds(library.name(python_name))


def test_signatures_are_kept(python_module, library):
    """Each public name of a module is still there and takes the calls that it took."""
    assert_holds(library.api(python_module))


def test_calls_answer_alike(call_script, library):
    """Each script of calls returns, raises and changes its arguments on the candidate as on the baseline."""
    assert_holds(library.calls(call_script))


def test_drawn_calls_answer_alike(drawn_call, library):
    """Each call with drawn arguments returns, raises and changes them on the candidate as on the baseline."""
    assert_holds(library.drawn(drawn_call))


def test_recorded_calls_answer_alike(call_recording, library):
    """Each recorded call returns, raises and changes its arguments on the candidate as on the baseline."""
    assert_holds(library.recorded(call_recording))


def test_deprecations_are_announced(deprecated_name, library):
    """Each deprecated name is still there and says that it is deprecated."""
    assert_holds(library.deprecation(deprecated_name))
