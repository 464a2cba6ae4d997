"""Who listens to the baseline's events hears the same from the candidate: none lost, none doubled, none in another order."""

from godwit import assert_holds


def test_events_arrive_alike(event_stream, streams):
    """Each stream carries the same events, in the same order, on the candidate as on the baseline."""
    assert_holds(streams.alike(event_stream))
