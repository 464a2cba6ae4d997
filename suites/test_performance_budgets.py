"""The candidate stays within its budgets under the load that the plan asks for."""

from godwit import assert_holds


def test_the_budget_holds(budget, phase, budgets):
    """Each measured criterion of the phase's gate holds under its load profile."""
    assert_holds(budgets.judge(budget, phase.id))
