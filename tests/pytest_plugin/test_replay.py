"""A difference is repeated by one command: only the checks that did not hold, from the state that they need."""

from dataclasses import replace

import pytest

THIRD = "parity/the-candidate-answers-as-the-baseline/third-note"


def replay(tiny, ended, *words):
    out = tiny.home / f"again{len(list(tiny.home.iterdir()))}"
    again = tiny.run([tiny.words()[0], "replay", str(ended.out), *words, "--out", str(out)])
    return replace(again, out=out)


def test_only_what_was_broken_is_repeated_and_both_answers_are_shown(broken):
    again = replay(*broken)
    assert again.code == 10, again.said
    assert again.said.count("  now   failed") == 1
    assert "/text: value" in again.said
    assert 'candidate "thirt"' in again.said
    assert broken[1].verdict.run["seed"] == again.verdict.run["seed"] == 7


def test_a_check_that_held_is_repeated_by_its_id_and_holds(broken):
    again = replay(*broken, "parity/the-stack-is-healthy/candidate")
    assert again.code == 0, again.said
    assert "  now   passed" in again.said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("parity/no-such",), "that run has no check 'parity/no-such'", id="unknown-check"),
        pytest.param(("--out", "/dev/null/x"), "cannot be made", id="no-folder"),
    ],
)
def test_a_wrong_word_is_told_without_a_traceback(broken, words, said):
    tiny, ended = broken
    again = tiny.run([tiny.words()[0], "replay", str(ended.out), *words])
    assert again.code not in (0, 10, 11)
    assert said in again.said
    assert "Traceback" not in again.said


def test_a_run_with_nothing_broken_says_so(broken):
    tiny, _ = broken
    whole = tiny.run([*tiny.words()[:3], "--out", str(tiny.home / "sound"), "--check", THIRD])
    again = tiny.run([tiny.words()[0], "replay", str(tiny.home / "sound")])
    assert "INCONCLUSIVE" in whole.said
    assert "every check that ran in that run held" in again.said


def test_verify_refuses_a_check_that_no_phase_has(broken):
    tiny, _ = broken
    ended = tiny.run([*tiny.words()[:3], "--out", str(tiny.home / "none"), "--check", THIRD.replace("third", "thrid")])
    assert (ended.code, f"did you mean tiny/{THIRD}?" in ended.said) == (4, True), ended.said
