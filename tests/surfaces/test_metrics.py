"""Metrics in Prometheus' text format, scraped from a real server."""

import pytest

from godwit.surfaces import growth, scrape
from godwit.verdict import StackError

TEXT = b"""# TYPE requests_total counter
requests_total{code="200",app="a"} 5.0
requests_total{code="500",app="a"} 1.0
# TYPE memory gauge
memory 1.5e6
"""


def test_samples_are_named_with_their_labels_in_order(serve):
    seen = scrape(serve(lambda request: (200, {}, TEXT)).url)
    assert seen == {
        'requests_total{app="a",code="200"}': 5.0,
        'requests_total{app="a",code="500"}': 1.0,
        "memory": 1.5e6,
    }


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param((404, {}, TEXT), id="not-found"),
        pytest.param((200, {}, b"<html>no metrics</html>"), id="a-page"),
    ],
)
def test_an_answer_without_metrics_is_an_error(serve, reply):
    with pytest.raises(StackError):
        scrape(serve(lambda request: reply).url)


def test_growth_counts_from_0_where_nothing_was_before():
    assert growth({"a": 2.0, "gone": 1.0}, {"a": 5.0, "born": 3.0}) == {"a": 3.0, "born": 3.0}


def test_a_counter_that_restarted_shows_as_negative():
    assert growth({"a": 9.0}, {"a": 1.0}) == {"a": -8.0}
