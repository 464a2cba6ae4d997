"""Judges whether there is enough data to test with; too little is no failure of the candidate, but never a pass."""

from collections.abc import Mapping

from godwit.verdict import Finding, Judgement, inconclusive, passed


def judge_floor(counts: Mapping[str, int], floor: Mapping[str, int]) -> Judgement:
    """Judge that each table of `floor` has at least so many rows; fewer, or no floor at all, is inconclusive."""
    short = tuple(
        Finding("too few rows", table, f"at least {least}", str(counts.get(table, 0)))
        for table, least in floor.items()
        if counts.get(table, 0) < least
    )
    if short:
        first = short[0]
        return inconclusive(f"{first.where} has {first.candidate} rows, {first.baseline} are needed", findings=short)
    if not floor:
        return inconclusive("no floor says how many rows are enough")
    return passed(f"{sum(counts[table] for table in floor)} rows in {len(floor)} table(s), each above its floor")
