"""Judges whether users stay where they were put: asked again, by another evaluator, beside an override; lists who moved."""

from collections.abc import Callable, Mapping

import numpy as np

from godwit.checks.differences import verdict_on
from godwit.checks.sweeps import Moved, named
from godwit.verdict import Finding, Judgement, all_of, inconclusive

Levels = Mapping[float, Moved]
"""Who was on the candidate at each percentage."""


def judge_same_place(
    first: Levels, again: Levels, name: Callable[[int], str], *, by: str, may_move: float = 0.0
) -> Judgement:
    """Judge that at most `may_move` percent of the users are placed otherwise, at any level; `by` says by whom."""
    if first.keys() != again.keys() or not first:
        return inconclusive(f"{by} was not asked for the same percentages")
    if not any(moved.any() for moved in first.values()) or all(moved.all() for moved in first.values()):
        return inconclusive("at no level were there users on both sides, so nobody could have moved")
    findings = [found for level in sorted(first) for found in _moved(first[level], again[level], name, level, may_move)]
    n = len(next(iter(first.values())))
    share = max(float((first[level] != again[level]).mean()) for level in first) * 100
    note = f"at most {share:.3g} % placed otherwise by {by}, {may_move:g} % allowed"
    return verdict_on(findings, n, f"user(s) at {len(first)} percentage(s)", note=note)


def _moved(first: Moved, again: Moved, name: Callable[[int], str], level: float, may_move: float) -> list[Finding]:
    if len(first) != len(again):
        said = str(len(first)), str(len(again))
        return [Finding("users were not answered for", f"{level:g} %", *said, "", abs(len(first) - len(again)))]
    users = np.flatnonzero(first != again)
    if 100 * len(users) <= may_move * len(first):
        return []
    away, towards = int((first & ~again).sum()), int((again & ~first).sum())
    seen = f"{100 * len(users) / len(first):.3g} % moved: {towards} to the candidate, {away} to the baseline"
    where = f"{level:g} %"
    return [
        Finding(
            "users are placed otherwise",
            where,
            f"{int(first.sum())} on the candidate",
            seen,
            "",
            len(users),
            named(name, users),
        )
    ]


def judge_override(
    without: Levels, over: Levels, members: Moved, name: Callable[[int], str], served_by: str
) -> Judgement:
    """Judge that an override puts all its members on a side at every percentage, and nobody else anywhere else.

    So a team and a percentage together move the union of both: nobody is counted twice, nobody makes room.
    """
    if without.keys() != over.keys() or not without:
        return inconclusive("the override was not looked at with and without it")
    if not members.any() or members.all():
        return inconclusive(
            f"{int(members.sum())} of {len(members)} users are meant; an override needs members and others"
        )
    return all_of(
        _overridden(level, without[level], over[level], members, name, served_by) for level in sorted(without)
    )


def _overridden(
    level: float, without: Moved, over: Moved, members: Moved, name: Callable[[int], str], served_by: str
) -> Judgement:
    left = np.flatnonzero(members & (over != (served_by == "candidate")))
    others = np.flatnonzero(~members & (over != without))
    findings = []
    if len(left):
        other = "baseline" if served_by == "candidate" else "candidate"
        said = f"{level:g} %, user {name(int(left[0]))}", served_by, other
        findings.append(Finding("member is not where the override puts them", *said, "", len(left), named(name, left)))
    if len(others):
        said = f"{level:g} %", f"{int((without & ~members).sum())} on the candidate", f"{int((over & ~members).sum())}"
        findings.append(Finding("override moves somebody else", *said, "", len(others), named(name, others)))
    return verdict_on(findings, len(members), f"user(s) at {level:g} %")
