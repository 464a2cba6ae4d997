"""Whatever state a baseline may hold is converted alike, whole and only once: states are generated, and failing ones shrunk."""

from godwit import assert_holds


def test_every_generated_state_is_converted(conversions):
    """The conversion takes every state that the schema and the plan's hints allow."""
    assert_holds(conversions.total())


def test_generated_states_are_mapped_as_stated(conversions):
    """Every generated state becomes exactly the rows that the mappings state."""
    assert_holds(conversions.mapped())


def test_the_same_state_gives_the_same_result(conversions):
    """Another process under another hash seed, time zone and locale makes the same of the same state."""
    assert_holds(conversions.deterministic())


def test_converting_a_generated_state_again_changes_nothing(conversions):
    """Converting a generated state into the same target again changes nothing."""
    assert_holds(conversions.twice())


def test_halves_make_a_whole(conversions):
    """A state that is converted in two parts becomes what it becomes at once."""
    assert_holds(conversions.halved())


def test_the_order_of_rows_makes_no_difference(conversions):
    """The same rows in another order become the same."""
    assert_holds(conversions.ordered())


def test_what_is_made_fits_its_schema(conversions):
    """What is made of a generated state fits what the target says of its own tables."""
    assert_holds(conversions.fitting())


def test_the_way_back_loses_only_what_is_declared(conversions):
    """Converting back gives every generated state as it was, but for what the plan declares as lossy."""
    assert_holds(conversions.back())


def test_generated_sources_stay_as_they_are(conversions):
    """No generated source is changed by its conversion."""
    assert_holds(conversions.untouched())


def test_a_spoiled_state_is_refused_whole(conversions):
    """A generated state with one value that must be refused is refused with a word, and nothing is left or changed."""
    assert_holds(conversions.refused())
