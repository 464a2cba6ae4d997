"""Loads in a shape: the shipped ones are what they say, arrivals come in it, and progress tells of failures as of slow answers."""

import json
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from godwit.plan import LoadProfile

LOADTESTS = Path(__file__).resolve().parents[2] / "loadtests"


def profile(**words):
    return LoadProfile(id="short", warmup_s=0.0, operations=({"id": "read", "path": "/read", "share": 100.0},), **words)


def ok(seen):
    return 200, {}, b"{}"


@pytest.mark.parametrize("name", ["smoke", "average", "ramp", "spike", "stress", "soak", "knee"], ids=str)
def test_a_shipped_profile_is_a_load_that_a_plan_could_hold(name):
    document = json.loads((LOADTESTS / f"{name}.json").read_text(encoding="utf-8"))
    segments = document["profile"].pop("segments", None)
    found = LoadProfile.model_validate(document["profile"])
    lines = [{"seconds": each.seconds, "from": each.begin_per_s, "to": each.end_per_s} for each in found.segments]
    assert segments == (lines if found.shape else None)
    assert sum(operation["share"] for operation in document["profile"]["operations"]) == 100


def test_arrivals_come_in_the_shape_that_was_asked_for(serve, run):
    server = serve(ok)
    steps = profile(rate_per_s=40.0, duration_s=2.0, shape={"kind": "step", "from_per_s": 10, "steps": 2})
    found = run(steps, targets={"candidate": server.url})
    due_us = np.asarray(found.turns["candidate"].due_us)
    assert [int(np.count_nonzero(due_us < 1e6)), found.asked, len(server.seen)] == [10, 50, 50]


def test_failures_of_the_last_seconds_stand_in_their_percentiles(serve, run):
    numbers, seen = count(), []
    server = serve(lambda asked: (500 if next(numbers) % 4 == 0 else 200, {}, b"{}"))
    run(profile(rate_per_s=40.0, duration_s=3.0), targets={"candidate": server.url}, on_progress=seen.append)
    assert 0.15 < seen[-1].recent_failed / seen[-1].recent_n < 0.35
    assert seen[-1].p50_ms
    assert seen[-1].p95_ms is None
