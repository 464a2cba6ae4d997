"""Whether the conversion of a configuration file went as a user may expect, and refuses what it cannot read."""

from collections.abc import Sequence
from dataclasses import dataclass

from godwit.checks.differences import cut, verdict_on
from godwit.verdict import Ended, Finding, Judgement


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a conversion went: how the command ended, what became of its source and of its target.

    `malformed` is why the target cannot be read, if it cannot. `again` is how converting what was converted ended;
    then `again_left` says whether it left a target, and `again_same` whether that says the same.
    """

    ended: Ended
    source_same: bool
    target_there: bool
    malformed: str = ""
    again: Ended | None = None
    again_left: bool = False
    again_same: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a command took a malformed file: what is wrong with the file, how it ended, whether it left something."""

    what: str
    ended: Ended
    left: bool


def judge_conversion(it: Conversion, timeout_s: float) -> Judgement:
    """Judge the way, not the keys: it ends well, leaves its source alone, and twice is once."""
    if it.ended.timed_out or it.ended.exit != 0 or not it.target_there or it.malformed:
        return verdict_on([_unconverted(it, timeout_s)], 1, "conversion(s)")
    findings = [] if it.source_same else [Finding("the old file was changed", "source", "as it was", "changed")]
    again = it.again
    if again is not None and again.timed_out:
        findings.append(Finding("did not end", "converting again", "", f"killed after {timeout_s:g} s"))
    elif again is not None and again.exit == 0 and not it.again_same:
        said = "says something else" if it.again_left else "left nothing"
        findings.append(Finding("converting again changes", "converting again", "same", said))
    elif again is not None and again.exit != 0 and it.again_left and not it.again_same:
        findings.append(Finding("refused, but left a half result", "converting again", "", _end(again)))
    return verdict_on(findings, 3, "thing(s) about the conversion")


def _unconverted(it: Conversion, timeout_s: float) -> Finding:
    if it.ended.timed_out:
        return Finding("did not end", "conversion", "ends", f"killed after {timeout_s:g} s")
    if it.ended.exit != 0:
        return Finding("conversion failed", "conversion", "exit code 0", _end(it.ended))
    if not it.target_there:
        return Finding("conversion left no file", "target", "a file", "none")
    return Finding("what was converted is malformed", "target", "readable", cut(it.malformed))


def judge_refusals(refusals: Sequence[Refusal], timeout_s: float) -> Judgement:
    """Judge how malformed files were taken: each is refused by exit code, with a word, and leaves nothing half done."""
    findings: list[Finding] = []
    for it in refusals:
        if it.ended.timed_out:
            findings.append(Finding("did not end", it.what, "refused", f"killed after {timeout_s:g} s"))
        elif it.ended.exit == 0:
            findings.append(Finding("malformed file accepted", it.what, "refused", _end(it.ended)))
        elif not (it.ended.stderr + it.ended.stdout).strip():
            findings.append(Finding("refused without a word", it.what, "a reason", _end(it.ended)))
        if it.left:
            findings.append(Finding("left a half result", it.what, "nothing", "a file"))
    note = f"refused: {', '.join(it.what for it in refusals)}" if not findings else ""
    return verdict_on(findings, len(refusals), "malformed file(s)", note=note)


def _end(ended: Ended) -> str:
    last = (ended.stderr or ended.stdout).strip().splitlines()[-1:]
    return cut(f"exit code {ended.exit}{f': {last[0]}' if last else ''}")
