"""What holds the rows is right as well: tables, constraints, indices, the next numbers; and nothing is left unmapped."""

from godwit import assert_holds


def test_nothing_is_left_unmapped(definitions):
    """Every column of every table of the baseline is mapped, or dropped or left behind with a reason."""
    assert_holds(definitions.mapped())


def test_the_schema_is_as_it_must_be(store_schema, definitions):
    """Types, NULLability, defaults, keys, constraints and indices of the converted store are those that are asked for."""
    assert_holds(definitions.kept(store_schema))


def test_new_rows_get_unused_numbers(definitions):
    """The next number of each numbered column is past every number that is in use or was given out."""
    assert_holds(definitions.numbered())
