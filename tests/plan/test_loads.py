"""Profiles: what a load may ask for, and what is refused with the words that would do."""

import pytest
from pydantic import ValidationError

from godwit.plan import LoadProfile

READ = {"id": "read", "path": "/tasks", "share": 100.0}


def profile(**more):
    return LoadProfile.model_validate({"id": "short", "duration_s": 10.0, "operations": [READ], **more})


def test_an_open_load_makes_its_rate_for_its_time():
    assert profile(rate_per_s=20).arrivals == 200
    assert profile(rate_per_s=20).told == "20/s for 10 s"


def test_how_many_requests_a_closed_loop_makes_is_for_the_answers_to_say():
    closed = profile(loop="closed", concurrency=4)
    assert closed.arrivals is None
    assert closed.told == "4 at once for 10 s"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param({}, "an open loop needs rate_per_s", id="no rate"),
        pytest.param(
            {"loop": "closed", "concurrency": 2, "rate_per_s": 5}, "a closed one has none", id="closed with a rate"
        ),
        pytest.param({"loop": "closed"}, "concurrency .needed.", id="closed without concurrency"),
        pytest.param({"rate_per_s": 5, "concurrency": 2}, "belong to loop: closed", id="open with concurrency"),
        pytest.param({"rate_per_s": 5, "think_s": 1.0}, "belong to loop: closed", id="open with think_s"),
        pytest.param({"rate_per_s": 5, "workers": 0}, "greater than or equal to 1", id="no workers"),
        pytest.param(
            {"rate_per_s": 5, "operations": [{**READ, "expect": {}}]},
            "status, contains or values",
            id="nothing expected",
        ),
        pytest.param(
            {"rate_per_s": 5, "operations": [{**READ, "capture": {"task": "id"}}]}, "pattern", id="no JSON Pointer"
        ),
    ],
)
def test_a_load_that_cannot_be_is_refused(words, says):
    with pytest.raises(ValidationError, match=says):
        profile(**words)
