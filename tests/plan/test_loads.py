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
            "status, exit, contains or values",
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


TYPED = {"id": "typed", "command": ["true"], "share": 100.0}


def test_a_command_and_a_stream_are_operations_too():
    watched = READ | {"stream": {"until": "[DONE]"}, "expect": {"contains": ["tea"]}}
    found = profile(rate_per_s=5, operations=[watched | {"share": 50.0}, TYPED | {"share": 50.0}]).operations
    assert [each.may_write for each in found] == [False, True]
    assert not profile(rate_per_s=5, operations=[TYPED | {"writes": False}]).operations[0].may_write
    assert LoadProfile.model_validate(profile(rate_per_s=5, operations=[watched]).model_dump())


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        pytest.param({"id": "no", "share": 100.0}, "a path or a command, one of the two", id="neither"),
        pytest.param(READ | {"command": ["true"]}, "a path or a command, one of the two", id="both"),
        pytest.param(
            TYPED | {"headers": {"a": "b"}, "then": [{"id": "next", "path": "/next"}]},
            "a command has no headers, then",
            id="headers",
        ),
        pytest.param(TYPED | {"expect": {"status": 200}}, "a command has exit", id="status of a command"),
        pytest.param(READ | {"expect": {"exit": 0}}, "a request has a status", id="exit of a request"),
        pytest.param(READ | {"env": {"A": "b"}}, "only a command has env", id="env of a request"),
        pytest.param(READ | {"stream": {}}, "one of the two", id="endless stream"),
        pytest.param(READ | {"stream": {"events": 1}, "capture": {"a": "/a"}}, "a stream has no capture", id="capture"),
        pytest.param(
            READ | {"stream": {"events": 1}, "expect": {"values": {"": 1}}}, "a stream is no JSON", id="values"
        ),
    ],
)
def test_an_operation_that_cannot_be_is_refused(operation, says):
    with pytest.raises(ValidationError, match=says):
        profile(rate_per_s=5, operations=[operation])
