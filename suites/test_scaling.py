"""What the candidate costs grows no faster with its state than what the baseline costs."""

from godwit import assert_holds


def test_the_cost_grows_no_faster(scaling, growth):
    """The cost of a request grows no faster with the number of rows than on the baseline."""
    assert_holds(growth.no_faster(scaling))


def test_a_query_keeps_its_index(query_plan, growth):
    """A query that the baseline's store answers through an index is not answered by reading a whole table."""
    assert_holds(growth.indexed(query_plan))
