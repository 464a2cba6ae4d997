"""The schedule of a load: sides in turn or in blocks, the same operations on each, the same for a seed."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCHEDULE = Path(__file__).resolve().parents[2] / "loadtests" / "schedule.py"
OPERATIONS = [{"id": "read", "path": "/r", "share": 70.0}, {"id": "write", "path": "/w", "share": 30.0}]


@cache
def loads() -> Any:
    spec = importlib.util.spec_from_file_location("schedule_of_loads", SCHEDULE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def arrivals(block: int | None, seed: int = 1, share: tuple[int, int] = (0, 1), **more: Any) -> list[Any]:
    profile = {
        "id": "p",
        "rate_per_s": 100.0,
        "warmup_s": 0.0,
        "duration_s": 4.0,
        "operations": OPERATIONS,
        "block": block,
        **more,
    }
    load = loads().Load(
        {"profile": profile, "targets": {"baseline": "http://b", "candidate": "http://c"}, "seed": seed}
    )
    return list(load.arrivals(share))


def sides(found: list[Any]) -> str:
    return "".join(arrival.side[0] for arrival in found)


def test_without_blocks_sides_take_turns_arrival_by_arrival():
    assert sides(arrivals(None)) == "bc" * 200


def test_with_blocks_a_side_takes_so_many_and_then_the_other_as_many():
    runs = [sides(arrivals(5))[start : start + 10] for start in range(0, 400, 10)]
    assert set(runs) == {"bbbbbccccc", "cccccbbbbb"}


def test_who_begins_is_drawn_by_the_seed():
    assert sides(arrivals(5)) == sides(arrivals(5))
    assert sides(arrivals(5)) != sides(arrivals(5, seed=2))


def test_the_same_turn_of_both_sides_is_the_same_operation():
    found = arrivals(7)
    by_side = {side: {a.turn: a.operation["id"] for a in found if a.side == side} for side in ("baseline", "candidate")}
    shared = by_side["baseline"].keys() & by_side["candidate"].keys()
    assert len(shared) >= 190
    assert all(by_side["baseline"][turn] == by_side["candidate"][turn] for turn in shared)


def test_shares_of_workers_are_the_whole_in_turns():
    whole = arrivals(5)
    parts = [arrivals(5, share=(index, 3)) for index in range(3)]
    assert sorted((each for part in parts for each in part), key=lambda each: each.number) == whole
    assert {each.turn % 3 for each in parts[2]} == {2}


@pytest.mark.parametrize("block", [None, 5], ids=["turns", "blocks"])
@pytest.mark.parametrize("of", [2, 3, 4])
def test_every_worker_sends_both_sides_the_same_turns(of, block):
    for index in range(of):
        found = arrivals(block, share=(index, of))
        turns = {side: {each.turn for each in found if each.side == side} for side in ("baseline", "candidate")}
        assert turns["baseline"] == turns["candidate"]


def test_a_steady_rate_has_no_seam_at_the_end_of_the_warm_up():
    found = arrivals(None, warmup_s=0.7, duration_s=1.3)
    assert [each.at_s for each in found] == [number / 100 for number in range(200)]
    assert [each.number for each in found if each.measured] == list(range(70, 200))


@pytest.mark.parametrize(
    ("segments", "total"),
    [
        pytest.param([(10, 0, 100)], 500, id="ramp"),
        pytest.param([(5, 10, 10), (1, 200, 200), (5, 10, 10)], 300, id="spike"),
        pytest.param([(4, 50, 10), (2, 0, 0), (4, 10, 50)], 240, id="with a pause"),
        pytest.param([(2, 0, 30), (3, 30, 0)], 75, id="up and down"),
    ],
)
def test_arrivals_follow_the_rate(segments, total):
    rate = loads().Rate(segments)
    times = [rate.at_s(number) for number in range(rate.total)]
    assert rate.total == total
    assert times == sorted(times)
    for at_s, number in ((time, number) for number, time in enumerate(times)):
        assert passed_by(segments, at_s) == pytest.approx(number, abs=1e-6)


def passed_by(segments, at_s):
    """The area under the rate, counted piece by piece."""
    area, begin_s = 0.0, 0.0
    for seconds, begin, end in segments:
        inside = min(max(at_s - begin_s, 0.0), seconds)
        area += begin * inside + (end - begin) / seconds * inside**2 / 2
        begin_s += seconds
    return area


def test_the_rate_at_a_moment_lies_on_its_line():
    rate = loads().Rate([(10, 0, 100), (5, 20, 20)])
    assert [rate.rate_at(at_s) for at_s in (-1, 0, 5, 10, 14, 99)] == [0, 0, 50, 20, 20, 20]


def test_segments_are_measured_after_a_warm_up_at_their_first_rate():
    segments = [{"seconds": 2, "from": 50, "to": 150}]
    found = arrivals(None, warmup_s=1.0, segments=segments)
    assert sum(not each.measured for each in found) == 50
    assert sum(each.measured for each in found) == 200


@pytest.mark.parametrize("segments", [[], [(0, 1, 1)], [(1, -1, 1)]], ids=["none", "no time", "less than none"])
def test_a_rate_that_cannot_be_is_refused(segments):
    with pytest.raises(ValueError, match="a rate needs segments"):
        loads().Rate(segments)
