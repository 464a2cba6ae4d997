"""What two sides send: the same events pass, whatever ids they made; a lost, doubled, late or changed one is one finding."""

import json

import pytest

from godwit.checks import compare_streams
from godwit.plan import EventStream, Normaliser
from godwit.verdict import Heard, Outcome, StreamEvent

IDS = [Normaliser(kind="id", at="/task")]


def judged(baseline, candidate, **words):
    stream = EventStream.model_validate({"id": "tasks", "path": "/events"} | words)
    sides = [side if isinstance(side, Heard) else Heard(tuple(side)) for side in (baseline, candidate)]
    return compare_streams(stream, *sides, IDS)


def event(kind, task="t-1", n=0):
    return StreamEvent(kind, json.dumps({"task": task, "n": n}))


def life(task, upto=3):
    return [event("made", task), *(event("step", task, n) for n in range(upto)), event("done", task)]


def shown(judgement):
    return [(it.what, it.where) for it in judgement.findings]


def test_the_same_events_hold_whatever_ids_each_side_made():
    assert judged(life("t-1"), life("t-7")).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("candidate", "findings"),
    [
        pytest.param(life("t-7")[:-1], [("event lost", "event 5")], id="last-lost"),
        pytest.param([*life("t-7"), event("done", "t-7")], [("event extra", "event 6")], id="doubled"),
        pytest.param([], [("event lost", "event 1"), ("event lost", "event 2"), ("event lost", "event 5")], id="nothing"),
        pytest.param([life("t-7")[0], *life("t-7")[2:]], [("event lost", "event 2")], id="one-of-many-lost"),
        pytest.param(
            [*life("t-7")[:-1], event("finished", "t-7")], [("event of another type", "event 5")], id="type"
        ),
        pytest.param([*life("t-7")[:-1], event("done", "t-8")], [("id of another thing", "event 5 /task")], id="id"),
        pytest.param(
            [*life("t-7")[:-1], StreamEvent("done", '{"task": "t-7", "n": "0"}')], [("type", "event 5 /n")], id="payload"
        ),
        pytest.param(
            [StreamEvent(it.type, it.data, str(n)) for n, it in enumerate(life("t-7"))],
            [("id of an event, from which clients resume", "event 1")],
            id="ids",
        ),
    ],
)  # fmt: skip
def test_what_differs_is_one_finding_at_its_event(candidate, findings):
    judgement = judged(life("t-1"), candidate)
    assert judgement.outcome is Outcome.FAILED
    assert shown(judgement) == findings


def test_events_in_another_order_are_found():
    one = [event("a"), event("b")]
    assert judged(one, one[::-1]).outcome is Outcome.FAILED


def test_with_a_key_only_the_order_for_each_key_counts():
    baseline = [*life("t-1"), *life("t-2")]
    mixed = [item for pair in zip(life("t-1"), life("t-2"), strict=True) for item in pair]
    assert judged(baseline, mixed).outcome is Outcome.FAILED
    assert judged(baseline, mixed, key="/task").outcome is Outcome.PASSED
    mixed[2], mixed[8] = mixed[8], mixed[2]
    assert judged(baseline, mixed, key="/task").outcome is Outcome.FAILED


def test_keys_that_each_side_made_stand_together_as_they_came():
    assert judged([*life("t-1"), *life("t-2")], [*life("x-8"), *life("x-9")], key="/task").outcome is Outcome.FAILED
    assert judged([*life("t-1"), *life("t-2")], [*life("t-8"), *life("t-9")], key="/task").outcome is Outcome.PASSED


def test_a_stream_that_breaks_off_is_found():
    assert ("stream broke off", "/events") in shown(judged(life("t-1"), Heard((), "answered 404, not 200")))


@pytest.mark.parametrize(
    ("baseline", "says"),
    [(Heard((), "answered 404, not 200"), "answered 404"), (Heard(), "sent 0 event(s), 1 are asked for")],
    ids=["no-stream", "no-events"],
)
def test_a_baseline_that_proves_nothing_is_inconclusive(baseline, says):
    judgement = judged(baseline, life("t-1"))
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert says in judgement.reason
