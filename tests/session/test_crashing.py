"""Commands that change state, struck at each step: what is safe passes, and each way of being unsafe is found."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from godwit.faults import untraceable
from godwit.plan import Crash
from godwit.session.crashing import Crashes
from godwit.session.expansion import CrashTrouble
from godwit.verdict import HarnessError, Judgement, Outcome

MOVER = str(Path(__file__).with_name("mover.py"))

PREPARES_ELSEWHERE = (
    "{python}", "-S", "-c", "import pathlib; pathlib.Path('{folder}/other').write_text('a')",
)  # fmt: skip

traced_only = pytest.mark.skipif(bool(untraceable()), reason="this machine does not let commands be traced")


class Mover:
    """Sweeps over the mover with some faults."""

    def __init__(self, folder: Path, untraceable: Any = untraceable) -> None:
        self.said: list[str] = []
        self.world: Any = SimpleNamespace(
            work=folder / "work",
            out=folder,
            places=SimpleNamespace(outside={"python": sys.executable}),
            plan=SimpleNamespace(directory=folder),
            environ=lambda role: dict(os.environ),
            mask=str,
            events=SimpleNamespace(emit=lambda kind, subject, text: self.said.append(f"{kind} {subject} {text}")),
        )
        self.crashes = Crashes(self.world, untraceable)

    def crash(self, *faults: str, kind: str = "tree", **words: Any) -> Crash:
        """The plan's words for it."""

        def command(deed: str) -> list[str]:
            return ["{python}", "-S", MOVER, deed, "{source}", "{target}", *faults]

        given = {"prepare": command("prepare"), "run": command("move"), "done": command("done"), **words}
        if words.get("restore"):
            given["restore"] = command("restore")
        return Crash.model_validate({"id": "mover", "sentence": "It moves", "kind": kind, **given})

    def judge(self, *faults: str, **words: Any) -> tuple[Judgement, Judgement]:
        """What becomes of kills: made good, never half."""
        crash = self.crash(*faults, **words)
        return self.crashes.made_good(crash), self.crashes.never_half(crash)

    def trouble(self, trouble: Any, *faults: str, **words: Any) -> Judgement:
        """What becomes of a trouble."""
        return self.crashes.trouble_survived(CrashTrouble(self.crash(*faults, **words), trouble))


@pytest.fixture
def mover(tmp_path: Path) -> Mover:
    return Mover(tmp_path)


def outcomes(judgements: tuple[Judgement, Judgement]) -> list[Outcome]:
    return [it.outcome for it in judgements]


@traced_only
@pytest.mark.parametrize("kind", ["tree", "store"])
def test_what_is_safe_survives_a_kill_at_every_step(mover: Mover, kind: str) -> None:
    judgements = mover.judge(kind=kind)
    assert outcomes(judgements) == [Outcome.PASSED] * 2, judgements
    assert judgements[0].reason.startswith(f"{len(_lines(mover))} point(s) of kill compared")
    assert len(_lines(mover)) >= 12


@traced_only
@pytest.mark.parametrize(
    ("kind", "fault", "made_good", "never_half", "word"),
    [
        ("tree", "in-place", Outcome.FAILED, Outcome.FAILED, "resumed is not as it should be"),
        ("tree", "marker-first", Outcome.PASSED, Outcome.FAILED, "half is taken for done"),
        ("store", "commits-each", Outcome.FAILED, Outcome.FAILED, "resumed is not as it should be"),
    ],
    ids=["in-place", "marker-first", "commits-each"],
)
def test_what_is_unsafe_is_found_by_a_kill(
    mover: Mover, kind: str, fault: str, made_good: Outcome, never_half: Outcome, word: str
) -> None:
    judgements = mover.judge(fault, kind=kind, points_at_most=16)
    assert outcomes(judgements)[0] is made_good, judgements
    if fault != "in-place":
        assert outcomes(judgements)[1] is never_half, judgements
    found = [finding for it in judgements for finding in it.findings]
    assert word in [it.what for it in found], found


@traced_only
def test_a_store_that_nobody_can_read_undisturbed_proves_nothing(mover: Mover) -> None:
    code = "import pathlib, sys; pathlib.Path(sys.argv[1] + '.db').write_bytes(b'SQLite format 3\\0' + b'?' * 4096)"
    crash = mover.crash(run=["{python}", "-S", "-c", code, "{target}"], points_at_most=2)
    with pytest.raises(HarnessError, match=r"state\.crashes mover: undisturbed, target\.db cannot be read"):
        mover.crashes.made_good(crash)


@traced_only
def test_what_was_taken_is_brought_back_after_a_kill(mover: Mover) -> None:
    good, _ = mover.judge("takes", restore=True, points_at_most=16)
    assert good.outcome is Outcome.PASSED, good


@traced_only
def test_what_was_taken_and_cannot_be_brought_back_is_found(mover: Mover) -> None:
    good, _ = mover.judge("takes", "careless", restore=True, points_at_most=8)
    assert good.outcome is Outcome.FAILED, good
    assert good.findings[0].what == "restored is not as it should be"


@traced_only
@pytest.mark.parametrize("trouble", ["disk-full", "permission-denied", "power-loss"])
@pytest.mark.parametrize("kind", ["tree", "store"])
def test_what_is_safe_survives_other_troubles(mover: Mover, kind: str, trouble: str) -> None:
    judgement = mover.trouble(trouble, kind=kind, points_at_most=6)
    assert judgement.outcome is Outcome.PASSED, judgement


@traced_only
@pytest.mark.parametrize(
    ("kind", "trouble", "fault"),
    [("tree", "disk-full", "swallows"), ("tree", "power-loss", "no-fsync"), ("store", "power-loss", "no-fsync")],
    ids=["swallows", "no-fsync", "no-fsync-of-a-store"],
)
def test_what_is_unsafe_is_found_by_other_troubles(mover: Mover, kind: str, trouble: str, fault: str) -> None:
    judgement = mover.trouble(trouble, fault, kind=kind, points_at_most=8)
    assert judgement.outcome is Outcome.FAILED, judgement


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            {"view": ["{python}", "-S", "-c", "raise SystemExit('no')"]},
            "undisturbed, the view was refused: .*no",
            id="view",
        ),
        pytest.param({"ignore": [{"what": "*", "reason": "All of it"}]}, "nothing is left to compare", id="ignore"),
        pytest.param(
            {
                "restore": ["{python}", "-S", "-c", "pass"],
                "prepare": [*PREPARES_ELSEWHERE],
                "run": [*PREPARES_ELSEWHERE],
            },
            "there is no source to restore",
            id="no-source",
        ),
    ],
)
def test_a_comparison_that_would_see_nothing_cannot_be_tested(tmp_path: Path, words: dict[str, Any], said: str) -> None:
    mover = Mover(tmp_path, lambda: "this is a test")
    with pytest.raises(HarnessError, match=f"state.crashes mover: {said}"):
        mover.judge(points_at_most=1, **words)


def test_without_tracing_points_are_guessed_by_the_clock(tmp_path: Path) -> None:
    mover = Mover(tmp_path, lambda: "this is a test")
    good, _ = mover.judge(points_at_most=6)
    assert "by the clock, because this is a test" in good.reason
    assert mover.trouble("disk-full").outcome is Outcome.INCONCLUSIVE


def _lines(mover: Mover) -> list[str]:
    return (mover.world.out / "crashes" / "mover-kill.jsonl").read_text(encoding="utf-8").splitlines()
