"""Flags mean what their sources say, the strongest first, whatever somebody writes there and whatever becomes of it."""

from godwit import assert_holds


def test_the_stronger_source_wins(source_pair, flag_sources):
    """Of two neighbouring sources of a flag the stronger wins, and the weaker shows when the stronger is withdrawn."""
    assert_holds(flag_sources.stronger_wins(source_pair))


def test_an_unknown_flag_is_ignored(flag_control, flag_sources):
    """A flag that nobody knows is ignored or refused wherever it is set, and the others act as before."""
    assert_holds(flag_sources.unknown_ignored(flag_control))


def test_a_malformed_value_is_harmless(flag_source, flag_sources):
    """A value that a flag cannot have leaves what the plan says, and the stack healthy."""
    assert_holds(flag_sources.malformed_harmless(flag_source))


def test_a_source_out_of_order_is_survived(flag_trouble, flag_sources):
    """While a source is missing, broken, slow or gone, flags are what the plan says, and when it is mended it counts again."""
    assert_holds(flag_sources.trouble_survived(flag_trouble))
