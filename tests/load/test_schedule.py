"""The schedule of a load: sides in turn or in blocks, the same operations on each, the same for a seed."""

import importlib.util
from pathlib import Path
from typing import Any

SCHEDULE = Path(__file__).resolve().parents[2] / "loadtests" / "schedule.py"
OPERATIONS = [{"id": "read", "path": "/r", "share": 70.0}, {"id": "write", "path": "/w", "share": 30.0}]


def arrivals(block: int | None, seed: int = 1) -> list[Any]:
    spec = importlib.util.spec_from_file_location("schedule_of_loads", SCHEDULE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    profile = {
        "id": "p",
        "rate_per_s": 100.0,
        "warmup_s": 0.0,
        "duration_s": 4.0,
        "operations": OPERATIONS,
        "block": block,
    }
    load = module.Load({"profile": profile, "targets": {"baseline": "http://b", "candidate": "http://c"}, "seed": seed})
    return list(load.arrivals())


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
