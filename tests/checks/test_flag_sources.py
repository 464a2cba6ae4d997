"""What flags are worth by their sources, which values are tried, and what may be said of what showed."""

import pytest

from godwit.checks import (
    Glimpse,
    SourcePair,
    controls_of,
    effective,
    flag_sources,
    judge_glimpses,
    malformed_values,
    other_value,
    required_on,
    source_pairs,
    troubles,
    value_pairs,
    ways_of,
)
from godwit.plan import Flag, Flags
from godwit.plan.sections.flags import misfit
from godwit.verdict import Outcome

SETTERS = {
    "override": {"control": "file", "key": "o.fast"},
    "env": {"control": "env", "key": "FAST"},
    "file": {"control": "file", "key": "f.fast"},
}
BASE = {"type": "bool", "default": False, "baseline_value": False, "values": [False, True]}
FLAGS = Flags.model_validate(
    {
        "control": {"kind": "http", "path": "/admin"},
        "controls": [
            {"id": "env", "kind": "env", "on": "candidate"},
            {"id": "file", "kind": "file", "on": "candidate", "path": "a.yaml"},
        ],
        "flags": [
            {**BASE, "name": "fast", "sources": ["override", "env", "file", "default"], "set_by": SETTERS},
            {**BASE, "name": "deep", "requires": ["fast"]},
            {**BASE, "name": "deepest", "requires": ["deep"]},
        ],
    }
)
FAST = FLAGS.flags[0]


@pytest.mark.parametrize(
    ("held", "value"),
    [
        ({}, False),
        ({"file": True}, True),
        ({"file": True, "env": False}, False),
        ({"file": False, "env": True}, True),
        ({"override": False, "env": True}, False),
        ({"override": True, "env": False, "file": False}, True),
    ],
    ids=["default", "file", "env-off", "env-on", "override-off", "override-on"],
)
def test_the_strongest_source_decides(held, value):
    assert effective(FLAGS, {"fast": held})["fast"] is value


def test_a_flag_acts_only_while_everything_is_on_that_it_requires():
    given = {"deepest": {"http": True}, "deep": {"http": True}}
    assert effective(FLAGS, given) == {"fast": False, "deep": False, "deepest": False}
    assert effective(FLAGS, {**given, "fast": {"env": True}}) == {"fast": True, "deep": True, "deepest": True}


def test_everything_that_a_flag_requires_is_switched_on_for_it():
    assert required_on(FLAGS, FLAGS.flags[2]) == {"deep": True, "fast": True}


def test_neighbouring_sources_that_can_be_set_are_pairs():
    assert [pair.id for pair in source_pairs(FLAGS)] == [
        "fast.override-over-env",
        "fast.env-over-file",
        "fast.file-over-default",
        "deep.http-over-default",
        "deepest.http-over-default",
    ]


def test_a_flag_without_a_setter_is_set_through_the_control_of_all():
    assert {source: way.key for source, way in ways_of(FLAGS, FLAGS.flags[1]).items()} == {"http": "deep"}
    assert set(controls_of(FLAGS)) == {"control", "env", "file"}
    assert [each.id for each in flag_sources(FLAGS)][:3] == ["fast.override", "fast.env", "fast.file"]


def test_without_any_control_nothing_can_be_set():
    flags = Flags(flags=(Flag.model_validate({**BASE, "name": "alone"}),))
    assert (source_pairs(flags), flag_sources(flags), troubles(flags)) == ((), (), ())


def test_both_ways_round_are_tried_where_the_weaker_can_be_set():
    assert value_pairs(SourcePair(FAST, "env", "file")) == [(False, True), (True, False)]
    assert value_pairs(SourcePair(FAST, "file", "default")) == [(True, False)]


def test_a_file_may_be_gone_or_half_there():
    assert [trouble.id for trouble in troubles(FLAGS)] == ["file.missing", "file.half-written"]


@pytest.mark.parametrize("kind", ["bool", "percent", "list", "number"])
def test_malformed_values_fit_no_flag_of_their_type(kind):
    good = {"bool": True, "percent": 5, "list": [], "number": 3}[kind]
    words = {"name": "x", "type": kind, "default": good, "baseline_value": good, "values": [good]}
    tried = malformed_values(Flag.model_validate(words), as_text=False)
    taken = [value for value in tried if misfit(kind, value) is None]
    assert (len(tried) > 3, taken) == (True, [])


def test_a_value_that_is_another_is_found_and_true_is_not_one():
    assert other_value(FAST, False) is True
    assert other_value(FAST, False, True) is None


def test_what_showed_as_it_had_to_passes():
    shots = [("on", {"fast": True}, Glimpse({"fast": True})), ("off", {"fast": False}, Glimpse({"fast": False}))]
    assert judge_glimpses(shots).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        ({"fast": True}, Glimpse({"fast": False})),
        ({"fast": True}, Glimpse({"fast": 1})),
        ({"fast": True}, Glimpse({})),
        ({"fast": True}, Glimpse({"fast": True}, healthy=False)),
    ],
    ids=["another", "one-is-not-true", "not-shown", "unhealthy"],
)
def test_what_showed_otherwise_fails(wanted, seen):
    assert judge_glimpses([("on", wanted, seen)]).outcome is Outcome.FAILED


@pytest.mark.parametrize("shots", [[], [("on", {}, Glimpse({}))]], ids=["nothing", "no-value"])
def test_nothing_looked_at_is_inconclusive(shots):
    assert judge_glimpses(shots).outcome is Outcome.INCONCLUSIVE
