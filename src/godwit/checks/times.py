"""Judges durations and the gaps in which nobody was served; a time that was not taken is not within any limit."""

import math
from collections.abc import Sequence

from godwit.verdict import Finding, Judgement, Measurement, failed, inconclusive, passed

Attempt = tuple[float, bool, float]
"""When a request was sent (seconds on one clock), whether it was answered well, and how long that took."""


def judge_within(seconds: float, limit_s: float, what: str) -> Judgement:
    """Judge that `what` took at most `limit_s`; a time that is negative or none is inconclusive."""
    if math.isnan(seconds) or seconds < 0:
        return inconclusive(f"{what}: no time was taken")
    actual = Measurement("duration_s", seconds, "s", 1)
    limit = f"<= {limit_s:g} s"
    reason = f"{what} took {seconds:.2f} s, limit {limit_s:g} s"
    if seconds <= limit_s:
        return passed(reason, actual=actual, limit=limit)
    return failed(reason, [Finding("took too long", what, limit, f"{seconds:.2f} s")], actual=actual, limit=limit)


def judge_unavailability(requests: Sequence[Attempt], allowed_failures: int = 0) -> Judgement:
    """Judge that of all requests sent while something changed at most `allowed_failures` failed.

    Each stretch of failures is a finding with its length: from its first failure to the next good answer. Without one
    good answer after the last failure the stretch is open. No request, or none that was answered, is not available.
    """
    if not requests:
        return inconclusive("no request was sent")
    ordered = sorted(requests)
    lost = sum(not ok for _, ok, _ in ordered)
    slowest = max((seconds for _, ok, seconds in ordered if ok), default=math.nan)
    actual = Measurement("failed_requests", float(lost), "requests", len(ordered))
    limit = f"<= {allowed_failures} failed"
    said = f"{lost} of {len(ordered)} requests failed, slowest good answer {slowest:.2f} s"
    if lost == len(ordered) or lost > allowed_failures:
        gaps = _gaps(ordered)
        longest = max(length for _, length, _ in gaps)
        findings = [_finding(*gap) for gap in gaps[:20]]
        return failed(f"{said}, longest gap {longest:.2f} s", findings, actual=actual, limit=limit)
    return passed(said, actual=actual, limit=limit)


def _gaps(ordered: Sequence[Attempt]) -> list[tuple[float, float, int]]:
    """Start, length and number of failures of each stretch of failures, the longest first."""
    gaps: list[tuple[float, float, int]] = []
    began, count = 0.0, 0
    for at_s, ok, seconds in ordered:
        if not ok:
            began = at_s if count == 0 else began
            count += 1
        elif count:
            gaps.append((began, at_s + seconds - began, count))
            count = 0
    if count:
        gaps.append((began, math.inf, count))
    return sorted(gaps, key=lambda gap: -gap[1])


def _finding(began: float, length: float, count: int) -> Finding:
    told = "to the end" if math.isinf(length) else f"for {length:.2f} s"
    return Finding("nobody was served", f"at {began:.2f} s", "served", told, "", count)
