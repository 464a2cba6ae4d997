"""What clients write while state moves is there afterwards, once and in order, whichever version holds the store."""

from godwit import assert_holds


def test_the_writes_are_listed_once_and_in_order(writing):
    """Each client's acknowledged writes are listed once and in the order in which they were acknowledged."""
    assert_holds(writing.listed())


def test_the_history_has_an_order(history, writing):
    """What clients saw of each object has one order that keeps time and explains every read."""
    assert_holds(writing.history(history))


def test_the_stores_agree_while_writes_go_on(live, living):
    """Both stores agree by their mapping while clients write, each write within the stated time."""
    assert_holds(living.agrees(live))


def test_the_versions_fit_the_store(mixed, mixing):
    """Each version answers on the other's store as on its own and keeps what both write, or refuses to touch it."""
    assert_holds(mixing.holds(mixed))
