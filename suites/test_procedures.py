"""The migration's tools and steps do what the plan says of them."""

from godwit import assert_holds


def test_the_step_is_carried_out_in_time(step, procedures):
    """Each step of the phase is carried out within its time."""
    assert_holds(procedures.step(step))


def test_the_tool_does_what_it_says(tool, procedures):
    """Each tool ends with the stated exit code and output."""
    assert_holds(procedures.tool(tool))
