"""What is written while a real little stack is changed: what gets lost on the way is found, and a sound stack passes."""

import os
import shutil
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from godwit.plan import History, State, load_plan
from godwit.session import Session, Setting, expand, ledgers
from godwit.session.ledgers import LedgerKeeper
from godwit.session.shipped import catalogue
from godwit.session.writing import Writing
from godwit.state import Act
from godwit.verdict import Outcome

DESK = Path(__file__).resolve().parent / "desk"


@pytest.fixture
def desk(tmp_path):
    """Runs the desk's plan with something wrong; gives a function that judges a check by its promise and case."""
    with ExitStack() as opened:

        def start(wrong="", *changes):
            shutil.copytree(DESK, tmp_path / "desk")
            file = tmp_path / "desk" / "plan.yaml"
            for old, new in (('DESK_WRONG: ""', f'DESK_WRONG: "{wrong}"'), *changes):
                text = file.read_text(encoding="utf-8")
                assert text.count(old) >= 1, old
                file.write_text(text.replace(old, new), encoding="utf-8")
            plan = load_plan(file, os.environ, catalogue())
            session = opened.enter_context(closing(Session(Setting(plan, "process", tmp_path / "out", "run"))))
            checks = {check.id.removeprefix("desk/cutover/"): check for check in expand(plan).checks}
            nouns = {
                "the-writes-are-listed-once-and-in-order": session.writing.listed,
                "the-history-has-an-order": session.writing.history,
                "the-versions-fit-the-store": session.mixing.holds,
                "the-stores-agree-while-writes-go-on": session.living.agrees,
                "every-acknowledged-write-is-found": session.custody.writes_found,
            }

            def judge(name):
                check = checks[name]
                session.ready(check)
                return nouns[name.partition("/")[0]](*([] if check.element is None else [check.element]))

            return judge

        yield start


LISTED = "the-writes-are-listed-once-and-in-order"
CELLS = "the-history-has-an-order/cells"
NOTES = "the-history-has-an-order/notes"
BOTH = "the-versions-fit-the-store/both"
LATE = {"stale read", "write was lost"}
"""A write that no read shows to the end may be lost or only late."""
OLD_CODE = "the-versions-fit-the-store/old-code"


def test_a_sound_desk_passes(desk):
    judge = desk()
    judged = {name: judge(name) for name in (LISTED, CELLS, NOTES, BOTH, "every-acknowledged-write-is-found")}
    assert {name: one.findings or one.reason for name, one in judged.items() if one.outcome is not Outcome.PASSED} == {}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        pytest.param("loses", {LISTED: {"write was lost"}, NOTES: {"write was lost"}}, id="loses"),
        pytest.param("doubles", {LISTED: {"write was doubled"}, NOTES: {"write was doubled"}}, id="doubles"),
        pytest.param("shuffles", {LISTED: {"order was not kept"}, CELLS: set()}, id="shuffles"),
        pytest.param("stale", {CELLS: LATE, NOTES: LATE}, id="stale"),
        pytest.param("forgets", {CELLS: LATE, LISTED: set()}, id="forgets"),
        pytest.param("new-form", {BOTH: {"write was changed at /text"}, LISTED: set()}, id="new-form"),
        pytest.param("refuses", {BOTH: {"does not start"}}, id="does-not-start"),
    ],
)
def test_what_goes_wrong_is_found_by_its_name(desk, wrong, expected):
    changes = [("      - {id: start-candidate, start: candidate}\n", "")] if wrong == "refuses" else []
    if wrong == "refuses":  # the ledger has nobody to write to
        changes += [("on: candidate", "on: baseline")]
    judge = desk(wrong, *changes)
    found = {name: judge(name) for name in expected}
    for name, one in found.items():
        named = {it.what for it in one.findings}
        assert named == expected[name] or (expected[name] == LATE and named and named < LATE), one
    assert all((one.outcome is Outcome.FAILED) is bool(expected[name]) for name, one in found.items())


OWN = ("code: [baseline], store: candidate", "code: [candidate], store: candidate")
NO_CANDIDATE = ("      - {id: start-candidate, start: candidate}\n", "")
ON_BASELINE = ("on: candidate", "on: baseline")


@pytest.mark.parametrize(
    ("wrong", "changes", "outcome", "what"),
    [
        pytest.param("refuses", [OWN, NO_CANDIDATE, ON_BASELINE], Outcome.PASSED, set(), id="refuses"),
        pytest.param("touches", [OWN, NO_CANDIDATE, ON_BASELINE], Outcome.FAILED, {"rows are extra"}, id="touches"),
        pytest.param("", [], Outcome.FAILED, {"is not refused"}, id="starts"),
    ],
)
def test_a_version_that_must_refuse_a_store_leaves_it_alone(desk, wrong, changes, outcome, what):
    judgement = desk(wrong, *changes)(OLD_CODE)
    assert (judgement.outcome, {it.what for it in judgement.findings}) == (outcome, what), judgement.reason


APART = (
    'candidate, "{port}", "{store}"], store: "sqlite:///{work}/desk.db"',
    'candidate, "{port}", "{store}", "{work}/desk.db"], store: "sqlite:///{work}/other.db"',
)
SOON = ("within_s: 5s", "within_s: 3s")
LIVE = "the-stores-agree-while-writes-go-on/notes"


def test_stores_between_which_writes_are_on_their_way_agree(desk):
    judgement = desk("", APART)(LIVE)
    assert judgement.outcome is Outcome.PASSED, judgement


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        pytest.param("copies-nothing", "write is not in the baseline's store", id="nothing"),
        pytest.param("copies-empty", "cell changed in notes.text", id="empty"),
    ],
)
def test_what_stays_different_between_the_stores_is_found(desk, wrong, what):
    judgement = desk(wrong, APART, SOON)(LIVE)
    assert judgement.outcome is Outcome.FAILED
    assert what in {found.what for found in judgement.findings}, judgement


def test_stores_into_which_hardly_anybody_writes_prove_nothing(desk, monkeypatch):
    monkeypatch.setattr(ledgers, "_PATIENCE_S", 0.2)
    assert desk("", ("rate_per_s: 60", "rate_per_s: 0.01"))(LIVE).outcome is Outcome.INCONCLUSIVE


def test_rows_that_nobody_wrote_meanwhile_prove_nothing(desk, monkeypatch):
    monkeypatch.setattr(ledgers, "_PATIENCE_S", 0.2)
    everything = ("mapping: notes, for_s: 500ms", "mapping: notes, rows: all, for_s: 500ms")
    judgement = desk("", everything, ("rate_per_s: 60", "rate_per_s: 0.01"))(LIVE)
    assert judgement.outcome is Outcome.INCONCLUSIVE, judgement


def test_writes_that_did_not_reach_across_the_change_prove_nothing(desk, monkeypatch):
    monkeypatch.setattr(ledgers, "_PATIENCE_S", 0.2)
    judge = desk("", ("rate_per_s: 60", "rate_per_s: 0.01"), ("rate_per_s: 120", "rate_per_s: 0.01"))
    names = (LISTED, CELLS, NOTES, "every-acknowledged-write-is-found")
    assert {judge(name).outcome for name in names} == {Outcome.INCONCLUSIVE}


@pytest.fixture
def cells():
    """A history of two phases, the later one named first."""
    said = {"id": "cells", "sentence": "S", "kind": "register", "phases": ["later", "first"]}
    asked = {"write": {"path": "/"}, "read": {"path": "/", "capture": {"value": "/"}}}
    return History.model_validate({**said, **asked})


def test_a_history_over_two_phases_has_to_reach_across_both_of_them(cells):
    acts = tuple(Act("a", "0", does, "x", 3.0, 4.0, True, 200) for does in ("write", "read"))
    kept = SimpleNamespace(acts={"cells": acts}, around={"first": (1.0, 2.0), "later": (5.0, 6.0)})
    judgement = Writing(SimpleNamespace(), kept).history(cells)
    assert judgement.outcome is Outcome.INCONCLUSIVE, judgement


def test_each_phase_has_objects_of_its_own(cells, monkeypatch, tmp_path):
    names = set()

    class Quiet:
        def __init__(self, *words):
            names.add(words[3])

        start, stop, answered = (lambda self, *_: None), (lambda self: ()), (lambda self, _: 15)

    monkeypatch.setattr(ledgers, "Recorder", Quiet)
    plan = SimpleNamespace(state=State(parallel="shared", histories=(cells,)), migration=SimpleNamespace(seed=1))
    world = SimpleNamespace(
        out=tmp_path, plan=plan, setting=SimpleNamespace(run_id="run"), may_write=str, stack=lambda _: SimpleNamespace(url="")
    )  # fmt: skip
    for phase in ("first", "later"):
        with LedgerKeeper(world).writing(SimpleNamespace(id=phase)):
            pass
    assert len(names) == 2
