"""Judges how users are spread over the sides: sticky, monotone, in the right share, whole cohorts."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from itertools import pairwise

from godwit.checks.differences import EXAMPLES_AT_MOST, grouped, verdict_on
from godwit.checks.intervals import binomial_range
from godwit.verdict import Finding, Interval, Judgement, Measurement, failed, inconclusive, passed


def judge_sticky(first: Mapping[str, str], again: Mapping[str, str]) -> Judgement:
    """Judge that each user is served by the same side when asked again; both map users to sides."""
    both = first.keys() & again.keys()
    moved = [
        (
            (first[user], again[user]),
            Finding("user changed sides", f"user {user}", first[user], again[user], "first against again"),
        )
        for user in sorted(both)
        if first[user] != again[user]
    ]
    unasked = len(first.keys() ^ again.keys())
    if unasked and not moved:
        return inconclusive(f"{unasked} user(s) were asked only once")
    return verdict_on(grouped(moved), len(both), "user(s)")


def judge_monotone(levels: Sequence[tuple[float, Set[str]]]) -> Judgement:
    """Judge that a rising percentage moves nobody back; each level is a percentage and the users on the candidate."""
    rising = sorted(levels, key=lambda level: level[0])
    if len(rising) < 2:
        return inconclusive(f"{len(rising)} level(s) cannot show a rise")
    if not any(users for _, users in rising):
        return inconclusive("nobody was on the candidate at any level")
    findings = []
    for (low, before), (high, after) in pairwise(rising):
        back = sorted(before - after)
        if back:
            where = f"{low:g} % to {high:g} %"
            said = f"{len(before)} user(s)", f"{len(before & after)} of them"
            findings.append(Finding("users moved back", where, *said, "before against after", len(back), _some(back)))
    return verdict_on(findings, len(rising), "levels")


def judge_share(percent: float, on_candidate: int, n: int, confidence: float = 0.999) -> Judgement:
    """Judge that `on_candidate` of `n` users is `percent` of them, as chance by a hash allows.

    0 % means nobody and 100 % everybody, exactly. Otherwise the count must lie within the exact binomial range at
    `confidence`; where that range holds nobody or everybody, n is too small to tell.
    """
    if not 0 <= on_candidate <= n or not 0 <= percent <= 100:
        return inconclusive(f"{on_candidate} of {n} users at {percent:g} % is no observation")
    if n == 0:
        return inconclusive("no user was asked")
    share = percent / 100
    low, high = binomial_range(n, share, confidence)
    half_width = max(share * n - low, high - share * n) / n * 100
    seen = 100 * on_candidate / n
    limit = f"{percent:g} % ± {half_width:.2f}" if 0 < share < 1 else f"exactly {percent:g} %"
    interval = Interval(100 * low / n, 100 * high / n, confidence)
    actual = Measurement("share_on_candidate", seen, "%", n, None, "assignments")
    said = f"{on_candidate} of {n} users ({seen:.2f} %) on the candidate, allowed {limit}"
    if not low <= on_candidate <= high:
        where = f"{percent:g} %"
        finding = Finding(
            "share is off", where, f"{low} to {high}", str(on_candidate), f"range at {interval.level:g} confidence"
        )
        return failed(said, [finding], actual=actual, limit=limit)
    if 0 < share < 1 and (low == 0 or high == n):
        needed = math.ceil(math.log((1 - confidence) / 2) / math.log(1 - min(share, 1 - share)))
        reason = f"{n} users are too few to tell {percent:g} % from {0 if low == 0 else 100} %; {needed} are needed"
        return inconclusive(reason, actual=actual, limit=limit, n_needed=needed)
    return passed(said, actual=actual, limit=limit)


def judge_cohort(members: Collection[str], on_candidate: Collection[str]) -> Judgement:
    """Judge that every member of a cohort is on the candidate."""
    left = sorted(set(members) - set(on_candidate))
    return verdict_on(
        _strays("member is not on the candidate", left, "candidate", "baseline"), len(set(members)), "member(s)"
    )


def _strays(what: str, users: Sequence[str], expected: str, seen: str) -> list[Finding]:
    if not users:
        return []
    return [Finding(what, f"user {users[0]}", expected, seen, "expected against seen", len(users), _some(users))]


def _some(users: Iterable[str]) -> tuple[str, ...]:
    return tuple(list(users)[:EXAMPLES_AT_MOST])
