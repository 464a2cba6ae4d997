"""Whether a command that was stopped at many points can be carried on or taken back, and is never taken for done too early."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from godwit.checks.differences import cut, grouped, verdict_on
from godwit.checks.rows import judge_same
from godwit.verdict import Finding, Judgement, inconclusive

Picture = Mapping[str, Sequence[Mapping[str, Any]]]
_LEAST_STRUCK = 0.9


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a crash, `resumed` or `restored`: how its command ended and what differs from what should be there."""

    how: str
    exit: int
    timed_out: bool
    said: str
    differences: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Struck:
    """A run that was struck at one point.

    `done` is whether it was taken for complete then (by its own exit code 0, or by who is to say; None if nobody was
    asked), `half` how it then differed from the whole. `ways` are empty where it had ended well by itself.
    """

    number: int
    point: str
    took_effect: bool
    exit: int
    timed_out: bool
    said: str
    done: bool | None = None
    half: tuple[Finding, ...] = ()
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class CrashSweep:
    """Everything that a sweep over the points of one command showed.

    `points` are those that an undisturbed run has, `chosen` how many were to be struck. `unlike` is what differs between
    two undisturbed runs. `asked` is what the one who says whether it is done said before and after an undisturbed run.
    `timed` is why points were guessed by the clock, `trouble` why nothing could be struck at all.
    """

    deed: str
    points: int = 0
    chosen: int = 0
    struck: tuple[Struck, ...] = ()
    unlike: tuple[Finding, ...] = ()
    asked: tuple[bool, bool] | None = None
    timed: str = ""
    trouble: str = ""


def choose_points(kinds: Sequence[str], at_most: int) -> list[int]:
    """Numbers (from 1) of at most so many points: spread over the whole run, the rarest kinds first of all."""
    by_kind: dict[str, list[int]] = {}
    for number, kind in enumerate(kinds, start=1):
        by_kind.setdefault(kind, []).append(number)
    rarest_first = sorted(by_kind.values(), key=len)
    turns = zip_longest(*map(_spread, rarest_first))
    return sorted([number for turn in turns for number in turn if number is not None][:at_most])


def differences(wanted: Picture, found: Picture) -> tuple[Finding, ...]:
    """How one picture of a folder differs from another one."""
    return judge_same(wanted, found, "").findings


def judge_made_good(sweep: CrashSweep) -> Judgement:
    """Judge that after every blow each way out leads to where it should; a run that is refused something must say so."""
    if unfit := _unfit(sweep):
        return unfit
    found = [(_kind_of(finding), finding) for it in sweep.struck if it.took_effect for finding in _wrong(it)]
    return _verdict(sweep, sweep.struck, grouped(found))


def judge_never_half(sweep: CrashSweep) -> Judgement:
    """Judge that nothing but the whole is ever taken for done."""
    if unfit := _unfit(sweep):
        return unfit
    if sweep.asked != (False, True):
        return inconclusive(
            "who says whether it is done does not tell: it must say no before an undisturbed run and yes after it"
        )
    struck = [it for it in sweep.struck if it.done is not None]
    found = [(_kind_of(finding), finding) for it in struck if it.took_effect for finding in _half(it)]
    return _verdict(sweep, struck, grouped(found))


def _unfit(sweep: CrashSweep) -> Judgement | None:
    if sweep.trouble:
        return inconclusive(sweep.trouble)
    if sweep.unlike:
        said = f"two undisturbed runs differ ({_told(sweep.unlike[0])}); name what changes by itself in ignore"
        return inconclusive(said, findings=sweep.unlike)
    if not sweep.points and not sweep.timed:
        return inconclusive("an undisturbed run changes nothing in its folder, so there is no point to strike at")
    return None


def _verdict(sweep: CrashSweep, struck: Sequence[Struck], found: Sequence[Finding]) -> Judgement:
    effective = sum(it.took_effect for it in struck)
    where = f"of {sweep.points} that a run has" if not sweep.timed else f"by the clock, because {sweep.timed}"
    note = f"{sweep.chosen} points chosen {where}"
    if not found and effective < max(1, _LEAST_STRUCK * sweep.chosen):
        return inconclusive(f"only {effective} of {sweep.chosen} points were struck ({where}); {_why_fewer(sweep)}")
    return verdict_on(found, effective, f"point(s) of {sweep.deed}", note=note)


def _why_fewer(sweep: CrashSweep) -> str:
    missing = sweep.chosen - len(sweep.struck)
    void = sum(not it.took_effect for it in sweep.struck)
    return f"{missing} were not reached in the time allowed, {void} took no effect"


def _wrong(it: Struck) -> list[Finding]:
    where = f"{it.point} (#{it.number})" if it.number else it.point
    if it.timed_out:
        return [Finding("does not end", where, "ends with an error", "killed after its time limit")]
    found = _half(it) if it.exit == 0 else []
    for way in it.ways:
        if way.timed_out:
            found.append(Finding(f"being {way.how} it does not end", where, "ends", "killed after its time limit"))
        elif way.exit != 0:
            said = f"exit code {way.exit}: {_last(way.said)}"
            found.append(Finding(f"cannot be {way.how}", where, "exit code 0", cut(said)))
        elif way.differences:
            found.append(_first(f"{way.how} is not as it should be", where, way.differences))
    return found


def _half(it: Struck) -> list[Finding]:
    if not it.done or not it.half:
        return []
    where = f"{it.point} (#{it.number})" if it.number else it.point
    return [_first("half is taken for done", where, it.half)]


def _first(what: str, where: str, different: Sequence[Finding]) -> Finding:
    first = different[0]
    more = f", and {len(different) - 1} more difference(s)" if len(different) > 1 else ""
    return Finding(what, where, first.baseline, first.candidate, _told(first) + more)


def _told(finding: Finding) -> str:
    count = f" ({finding.count})" if finding.count > 1 else ""
    rows = f": {', '.join(finding.examples)}" if finding.examples else ""
    return f"{finding.what} at {finding.where}{count}{rows}"


def _kind_of(finding: Finding) -> tuple[str, str]:
    """What findings have in common that are one: the same accident at the same kind of change to the same file."""
    return finding.what, re.sub(r"\d+", "*", finding.where)


def _last(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def _spread(numbers: Sequence[int]) -> list[int]:
    """The numbers in such an order that any beginning of it is spread over all: middle, ends, quarters, …"""
    order = [(len(numbers) - 1) // 2, len(numbers) - 1, 0]
    parts = 4
    while len(dict.fromkeys(order)) < len(numbers):
        order += [(len(numbers) - 1) * part // parts for part in range(1, parts)]
        if parts > len(numbers):
            order += range(len(numbers))
        parts *= 2
    return [numbers[index] for index in dict.fromkeys(order)]
