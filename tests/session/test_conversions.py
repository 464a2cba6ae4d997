"""Generated states are put to a real conversion, right and wrong, warm and cold, of stores and of folders."""

import json
import os
import shutil
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from godwit.plan import load_plan
from godwit.session import Session, Setting
from godwit.session.shipped import catalogue
from godwit.verdict import HarnessError, Outcome

MOVING = Path(__file__).resolve().parent / "moving"
WARM = '      warm: "moving.mover:move"\n'
TREE = """    generated:
      examples: 15
      warm: "moving.mover:move_tree"
      time_s: 120s
      files:
        - name: "notes/*.json"
          at_least: 1
          format: json
          keys: {title: {kind: text}, stars: [1, 2]}
          modes: ["0600", "0644"]
          spoiled: ["{", "{}"]
"""
LOSSY = """    lossy:
      - {column: entries.sort, reason: The sign says it}
      - {column: entries.cents, reason: The sign is part of it}
"""


@pytest.fixture
def moving(tmp_path):
    """Opens a session on the plan of the small conversion, its store made, which may be wrong; gives its conversions."""
    with ExitStack() as opened:

        def start(wrong="", *changes):
            shutil.copytree(MOVING, tmp_path / "moving")
            file = tmp_path / "moving" / "plan.yaml"
            for old, new in changes:
                text = file.read_text(encoding="utf-8")
                assert text.count(old) == 1, old
                file.write_text(text.replace(old, new), encoding="utf-8")
            plan = load_plan(file, os.environ, catalogue())
            setting = Setting(plan, "process", tmp_path / "out", "run", environ={**os.environ, "MOVER_WRONG": wrong})
            session = opened.enter_context(closing(Session(setting)))
            store = sqlite3.connect(str(session.world.stack("baseline").store).removeprefix("sqlite:///"))
            store.executescript(
                (MOVING / "mover.py").read_text(encoding="utf-8").split('SOURCE = """')[1].split('"""')[0]
            )
            store.close()
            return session.conversions

        yield start


def tree(*changes):
    """The changes that make the plan one of a folder."""
    text = (MOVING / "plan.yaml").read_text(encoding="utf-8")
    old = text[text.index("    generated:") : text.index("  mappings:")]
    return (old, TREE), ("mover.py, move,", "mover.py, tree,"), ("copy_run:", "kind: tree\n    copy_run:"), *changes


PROMISES = ("total", "mapped", "deterministic", "twice", "halved", "ordered", "fitting", "untouched", "refused", "back")


def test_a_right_conversion_keeps_every_promise(moving):
    noun = moving()
    judgements = {name: getattr(noun, name)() for name in PROMISES}
    assert {name: it.reason for name, it in judgements.items() if it.outcome is not Outcome.PASSED} == {}
    assert "the command itself makes the same" in judgements["total"].reason


@pytest.mark.parametrize(
    ("wrong", "promise", "what", "where"),
    [
        pytest.param("refuses", "total", "state refused", "conversion", id="refuses-some"),
        pytest.param("crashes", "total", "state refused", "conversion", id="crashes-on-some"),
        pytest.param("loses-null", "mapped", "cell changed", "people.remark", id="loses-null"),
        pytest.param("hashes", "deterministic", "cell changed", "facts.value", id="hangs-on-hashes"),
        pytest.param("adds", "twice", "rows are extra", "moves", id="adds-up"),
        pytest.param("keeps", "halved", "rows are missing", "people", id="keeps-the-first-half"),
        pytest.param("order", "ordered", "cell changed", "facts.value", id="hangs-on-order"),
        pytest.param("too-long", "fitting", "text longer than its column", "people.tier", id="too-long"),
        pytest.param("touches", "untouched", "cell changed", "accounts.note", id="touches-the-source"),
        pytest.param("accepts", "refused", "spoiled state accepted", "entries.sort", id="accepts"),
        pytest.param("half-result", "refused", "refused, but left a half result", "entries.sort", id="half-result"),
        pytest.param("back-forgets", "back", "cell changed", "accounts.note", id="back-forgets"),
    ],
)
def test_a_wrong_conversion_is_found_with_its_cause(moving, wrong, promise, what, where):
    judgement = getattr(moving(wrong), promise)()
    assert judgement.outcome is Outcome.FAILED
    assert (what, where) in {(it.what, it.where) for it in judgement.findings}


def test_a_failing_state_is_shrunk_and_lies_among_the_evidence(moving, tmp_path):
    judgement = moving("loses-null").mapped()
    state = json.loads((tmp_path / "out/states/mapped.json").read_text(encoding="utf-8"))
    assert {name: len(rows) for name, rows in state.items()} == {"accounts": 1, "entries": 0}
    assert state["accounts"][0]["note"] is None
    assert "states/mapped.json" in judgement.reason


def test_a_column_that_is_declared_lossy_and_comes_back_is_told(moving):
    judgement = moving("", ("column: entries.cents", "column: accounts.note")).back()
    assert judgement.outcome is Outcome.FAILED


def test_a_declared_loss_that_never_happens_is_told(moving):
    more = "      - {column: accounts.owner, reason: A mistake}\n"
    judgement = moving("", ("    generated:\n", more + "    generated:\n")).back()
    assert [(it.what, it.where) for it in judgement.findings] == [
        ("declared lossy, but it came back", "accounts.owner")
    ]


@pytest.mark.parametrize(
    "warm",
    [
        pytest.param('      warm: ["{python}", -S, moving/mover.py, worker]\n', id="worker-of-its-own"),
        pytest.param("", id="command-each-time"),
    ],
)
def test_a_conversion_may_be_any_program(moving, warm):
    noun = moving("loses-null", (WARM, warm), ("examples: 25", "examples: 8"))
    assert noun.total().outcome is Outcome.PASSED
    assert noun.mapped().outcome is Outcome.FAILED


def test_what_stays_up_must_make_what_the_command_makes(moving):
    judgement = moving("", ("mover.py, move,", "mover.py, back,")).total()
    assert judgement.outcome is Outcome.INCONCLUSIVE
    assert "does not make what the conversion's command makes" in judgement.reason


def test_a_name_that_cannot_be_called_is_no_broken_promise(moving):
    with pytest.raises(HarnessError, match=r"moving\.mover:nothing cannot be called"):
        moving("", (WARM, '      warm: "moving.mover:nothing"\n')).total()


def test_a_hint_of_no_column_is_told_with_the_nearest(moving):
    with pytest.raises(HarnessError, match=r"no column entries\.sorts; did you mean 'entries\.sort'"):
        moving("", ("entries.sort: {", "entries.sorts: {")).total()


def test_a_rightful_refusal_is_passed_over_and_too_many_are_inconclusive(moving):
    refuses = ("rows_at_most: 3", 'rows_at_most: 3\n      refuses: ["a balance below zero"]')
    judgement = moving("refuses", refuses).total()
    assert judgement.outcome is Outcome.PASSED or "only" in judgement.reason


def test_without_refused_others_there_is_nothing_to_spoil(moving):
    assert moving("", (", others: refused", "")).refused().outcome is Outcome.INCONCLUSIVE


def test_folders_are_converted_alike(moving):
    noun = moving("", *tree())
    judgements = {
        name: getattr(noun, name)()
        for name in ("total", "deterministic", "twice", "halved", "ordered", "untouched", "refused")
    }
    assert {name: it.reason for name, it in judgements.items() if it.outcome is not Outcome.PASSED} == {}


def test_a_folder_that_is_not_the_same_is_found(moving):
    back = (("mover.py, back,", "mover.py, tree,"), ("120s\n", '120s\n      back: "moving.mover:move_tree"\n'))
    judgement = moving("opens", *tree(*back, (LOSSY, ""))).back()
    assert {(it.what, it.where) for it in judgement.findings} == {("cell changed", "files.mode")}
