"""The candidate stays as it is over a long time: nothing piles up, and at rest it takes no more than it may."""

from godwit import assert_holds


def test_nothing_piles_up(soaked, phase, endurance):
    """Over the cycles of each soak no resource with a limit piles up beyond it."""
    assert_holds(endurance.piles_up(soaked, phase.id))


def test_the_base_memory_is_small(footprint, endurance):
    """Each stack at rest takes no more memory over an idle interpreter with the same imports than the plan allows."""
    assert_holds(endurance.at_rest(footprint))
