"""Judges how two databases mean to answer a query: an index that the baseline uses must not have become a whole read."""

from collections.abc import Sequence

from godwit.plan import QueryPlan
from godwit.verdict import Access, Finding, Judgement, failed, inconclusive, passed

_WHOLE = ("walk", "scan")


def judge_query_plan(query: QueryPlan, baseline: Sequence[Access], candidate: Sequence[Access]) -> Judgement:
    """Judge the accesses of both plans: more tables read whole, or more sorting, than on the baseline is a finding.

    Inconclusive where the baseline's plan uses no index either, because then none can be lost, or where a plan says
    nothing.
    """
    if not baseline or not candidate:
        return inconclusive(f"the {'candidate' if baseline else 'baseline'}'s plan names no table")
    if not _uses_an_index(query.baseline, baseline):
        return inconclusive(f"the baseline's own plan uses no index, so none can be lost: {_told(baseline)}")
    findings = [
        *_more("reads a whole table", query.id, _those(baseline, _WHOLE), _those(candidate, _WHOLE)),
        *_more("sorts what came in order", query.id, _those(baseline, ("sort",)), _those(candidate, ("sort",))),
    ]
    said = f"baseline: {_told(baseline)}; candidate: {_told(candidate)}"
    return failed(said, findings) if findings else passed(said)


def _uses_an_index(sql: str, accesses: Sequence[Access]) -> bool:
    in_order = "order by" in " ".join(sql.lower().split()) and not _those(accesses, ("sort",))
    return any(it.how == "search" or (it.how == "walk" and in_order) for it in accesses)


def _those(accesses: Sequence[Access], ways: Sequence[str]) -> list[Access]:
    return [it for it in accesses if it.how in ways]


def _more(what: str, where: str, baseline: Sequence[Access], candidate: Sequence[Access]) -> list[Finding]:
    """One finding where the candidate has more of them; tables may have other names there, so they are counted."""
    if len(candidate) <= len(baseline):
        return []
    known = {it.table for it in baseline}
    added = [it for it in candidate if it.table not in known] or list(candidate)
    return [Finding(what, where, _told(baseline) or "none", _told(added), count=len(candidate) - len(baseline))]


def _told(accesses: Sequence[Access]) -> str:
    return "; ".join(it.told for it in accesses)
