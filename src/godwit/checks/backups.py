"""Whether damaged backups are noticed: by the tool that verifies them, and by the one that restores; it reads no file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from godwit.checks.differences import cut, grouped, verdict_on
from godwit.plan import Backup
from godwit.verdict import Ended, Finding, Judgement, inconclusive

DamageKind = Literal[
    "changed", "truncated", "emptied", "missing", "swapped", "foreign", "linked", "manifest-missing", "manifest-cut",
    "manifest-changed",
]  # fmt: skip
"""What happens to a backup: one byte of a file is changed, a file is cut, emptied, gone, has the content of another, is
there though nobody named it, leads out of the backup; the manifest is gone, cut, or states another checksum of a file."""


@dataclass(frozen=True, slots=True)
class BackupDamage:
    """One kind of damage to one of the plan's backups."""

    id: str
    backup: Backup
    kind: DamageKind


@dataclass(frozen=True, slots=True)
class DamageTry:
    """How a tool took a backup: the file that was damaged (empty: none), how it ended, and what a restore left behind."""

    file: str
    ended: Ended
    left: int = 0


def damages(backups: Sequence[Backup], *, restored: bool) -> list[BackupDamage]:
    """Every kind of damage to every backup that can be verified, or (`restored`) that must not be restored then.

    A file too many, or one that is a link to the same content, need not keep a backup from being restored.
    """
    kinds: tuple[DamageKind, ...] = get_args(DamageKind)
    asked = [it for it in backups if (it.damage if restored else it.verify is not None)]
    left_out = ("foreign", "linked") if restored else ()
    return [BackupDamage(f"{it.id}.{kind}", it, kind) for it in asked for kind in kinds if kind not in left_out]


def judge_verified(ended: Ended, same: bool) -> Judgement:
    """Judge that a whole backup is taken for whole, and that looking at it left it as it was."""
    wrong = []
    if ended.timed_out or ended.exit != 0:
        wrong.append(Finding("whole backup is refused", "backup", "exit code 0", _end(ended)))
    if not same:
        wrong.append(Finding("backup is changed by verifying it", "backup"))
    return verdict_on(wrong, 2, "things about the whole backup")


def judge_noticed(kind: str, whole: Ended, tries: Sequence[DamageTry]) -> Judgement:
    """Judge that a tool refuses each damaged backup, with a word; one that refuses whole ones too tells nothing."""
    if whole.timed_out or whole.exit != 0:
        return inconclusive(f"the tool refuses a whole backup too: {_end(whole)}")
    wrong = []
    for it in tries:
        if it.ended.timed_out:
            wrong.append(("late", Finding("did not end", it.file, "refused", "killed after its time")))
        elif it.ended.exit == 0:
            wrong.append(("taken", Finding("damage goes unnoticed", it.file, "refused", _end(it.ended), kind)))
        elif not (it.ended.stderr + it.ended.stdout).strip():
            wrong.append(("mute", Finding("refused without a word", it.file, "a reason", _end(it.ended), kind)))
        if it.left and it.ended.exit != 0:
            wrong.append(("left", Finding("left a half result", it.file, "nothing", f"{it.left} file(s)", kind)))
    return verdict_on(grouped(wrong), len(tries), f"damaged backups ({kind})")


def _end(ended: Ended) -> str:
    last = (ended.stderr or ended.stdout).strip().splitlines()[-1:]
    return cut(f"exit code {ended.exit}{f': {last[0]}' if last else ''}")
