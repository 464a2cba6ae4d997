"""Generated states are put to a real conversion, right and wrong, warm and cold, of stores and of folders."""

import json
import os
import shutil
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import strategies as st

from godwit.plan import load_plan
from godwit.session import Session, Setting
from godwit.session.conversions import PassedOver
from godwit.session.shipped import catalogue
from godwit.verdict import HarnessError, Outcome, passed

MOVING = Path(__file__).resolve().parent / "moving"
WARM = '      warm: "moving.mover:move"\n'
OWN_WORKER = '      warm: ["{python}", -S, moving/mover.py, worker]\n'
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


def test_a_loss_that_is_not_declared_is_found(moving):
    judgement = moving("", ("      - {column: entries.cents, reason: The sign is part of it}\n", "")).back()
    assert [(it.what, it.where) for it in judgement.findings] == [("cell changed", "entries.cents")]


def test_a_declared_loss_that_never_happens_is_told(moving):
    more = "      - {column: accounts.owner, reason: A mistake}\n"
    judgement = moving("", ("    generated:\n", more + "    generated:\n")).back()
    assert [(it.what, it.where) for it in judgement.findings] == [
        ("declared lossy, but it came back", "accounts.owner")
    ]


@pytest.mark.parametrize(
    "warm",
    [
        pytest.param(OWN_WORKER, id="worker-of-its-own"),
        pytest.param("", id="command-each-time"),
    ],
)
def test_a_conversion_may_be_any_program(moving, warm):
    noun = moving("loses-null", (WARM, warm), ("examples: 25", "examples: 8"))
    assert noun.total().outcome is Outcome.PASSED
    assert noun.mapped().outcome is Outcome.FAILED


def test_a_command_is_started_in_another_place_to_see_whether_its_result_hangs_on_it(moving):
    judgement = moving("zones", (WARM, ""), ("examples: 25", "examples: 3")).deterministic()
    assert [(it.what, it.where) for it in judgement.findings] == [("cell changed", "facts.value")]


ONE_ROW = ("rows_at_most: 3", "rows_at_most: 1")
SILVER = [
    ("source: {table: accounts, key: [id]}", "source: {table: accounts, key: [id], where: {kind: silver}}"),
    ("target: {table: people, key: [id]}", "target: {table: people, key: [id], where: {tier: silver}}"),
]


@pytest.mark.parametrize(
    ("wrong", "promise", "changes", "said"),
    [
        pytest.param("nothing", "total", [], "no conversion made a row", id="nothing-made"),
        pytest.param("nothing", "twice", [], "no conversion made a row", id="nothing-twice"),
        pytest.param("", "ordered", [ONE_ROW], "no table of a state had two rows", id="no-order"),
        pytest.param("", "halved", [ONE_ROW], "no state had rows in both halves", id="no-halves"),
        pytest.param("", "mapped", SILVER, "no state had a row for people", id="no-row-to-map"),
    ],
)
def test_states_that_tell_nothing_of_a_promise_do_not_keep_it(moving, wrong, promise, changes, said):
    judgement = getattr(moving(wrong, *changes), promise)()
    assert (judgement.outcome, said in judgement.reason) == (Outcome.INCONCLUSIVE, True), judgement.reason


def test_a_mapping_with_columns_in_sql_is_named_as_not_asked(moving):
    other = "    - {id: names, sentence: S, source: {table: accounts, key: [id]}, target: {table: people, key: [id]}, "
    other += "columns: [{to: name, sql: owner}]}\n"
    judgement = moving("", ("  mappings:\n", f"  mappings:\n{other}")).mapped()
    assert judgement.outcome is Outcome.PASSED
    assert judgement.reason.endswith("; not asked for their columns in SQL: names")


def test_rows_of_states_that_were_passed_over_do_not_count(moving):
    noun = moving()

    def look(state):
        if state["accounts"]:
            raise PassedOver("it was refused")
        return passed("converted")

    states = st.sampled_from([{"accounts": []}, {"accounts": [], "entries": []}, {"accounts": [{"id": 1}]}])
    judgement = noun._try("some", states, look, 10)
    assert (judgement.outcome, "no state had a row" in judgement.reason) == (Outcome.INCONCLUSIVE, True)


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


REFUSES = ("rows_at_most: 3", 'rows_at_most: 3\n      refuses: ["a balance below zero"]')


def test_a_rightful_refusal_is_passed_over(moving):
    assert moving("refuses", REFUSES).total().outcome is Outcome.PASSED


def test_too_many_rightful_refusals_are_inconclusive(moving):
    poor = ("        entries.sort: {", "        accounts.cents: {most: -1}\n        entries.sort: {")
    judgement = moving("refuses", REFUSES, poor).total()
    assert (judgement.outcome, judgement.reason[:5]) == (Outcome.INCONCLUSIVE, "only "), judgement.reason


def test_a_refusal_without_a_word_is_found(moving):
    judgement = moving("wordless", (WARM, OWN_WORKER)).refused()
    assert {(it.what, it.where) for it in judgement.findings} == {("refused without a word", "entries.sort")}


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
