"""What nobody thought of writing down, the candidate answers as the baseline does, too."""

from godwit import assert_holds


def test_sequences_answer_alike(parity):
    """Every sequence that generated operations make is answered alike; one that is not is shrunk to the smallest."""
    assert_holds(parity.sequences())


def test_every_page_is_walked_alike(walk, parity):
    """A list read page by page shows each item once and in a stable order, also when one is added, and alike on both sides."""
    assert_holds(parity.walked(walk))


def test_the_race_ends_alike(race, parity):
    """Requests that are sent at once are answered on the candidate as on the baseline, and leave the same behind."""
    assert_holds(parity.raced(race))


def test_generated_requests_answer_alike(parity):
    """Every request that is made of the baseline's OpenAPI document is answered alike; one that is not is shrunk."""
    assert_holds(parity.generated())
