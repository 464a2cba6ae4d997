"""Two tables of any size and in any two stores hold the same rows: none missing, extra, doubled or changed."""

from godwit import assert_holds


def test_both_tables_hold_the_same_rows(comparison, comparing):
    """Both tables hold the same rows, each as often, but for what the plan says of a column."""
    assert_holds(comparing.same_rows(comparison))
