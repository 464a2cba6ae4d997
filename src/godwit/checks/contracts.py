"""Judges two OpenAPI documents, and what became of their changes on the running candidate; additions are free."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from godwit.checks.contract_changes import Contracts, contracts_of
from godwit.checks.contract_kinds import Change, Level
from godwit.checks.differences import EXAMPLES_AT_MOST, verdict_on
from godwit.checks.openapi import is_openapi
from godwit.checks.trial_readings import Felt, Tried, undecided
from godwit.verdict import Finding, Judgement, inconclusive

Causes = tuple[tuple[Change, ...], ...]
"""Changes joined by their cause, in the order of the baseline's document."""


def read_contracts(baseline: Any, candidate: Any) -> Contracts | Judgement:
    """Every change between two OpenAPI 3 documents, or why nothing can be told."""
    for side, content in (("baseline", baseline), ("candidate", candidate)):
        if not is_openapi(content):
            return inconclusive(f"the document of the {side} is no OpenAPI 3 document: {_looks(content)}")
    try:
        return contracts_of(baseline, candidate)
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        return inconclusive(f"an OpenAPI document has a part of the wrong shape: {error}")


def causes_of(contracts: Contracts) -> Causes:
    """The breaking and the risky changes, those of one cause together."""
    groups: dict[object, list[Change]] = {}
    for change in contracts.changes:
        if change.level is not Level.COMPATIBLE:
            groups.setdefault(change.cause, []).append(change)
    return tuple(tuple(group) for group in groups.values())


def joined(tried: Sequence[Tried]) -> Tried:
    """What several experiments on one cause say: one that confirms is enough, and to refute all have to."""
    for felt in (Felt.CONFIRMED, Felt.UNDECIDED, Felt.REFUTED):
        found = [each for each in tried if each.felt is felt]
        if found:
            return found[0]
    return undecided("it was not tried")


def judge_contracts(contracts: Contracts, causes: Causes, tried: Sequence[Tried]) -> Judgement:
    """Judge changes after they were tried: confirmed fails; undecided fails what the documents call breaking.

    What was refuted is said and fails nothing: there the candidate's document is wrong. References that lead nowhere
    are inconclusive unless something failed, and so is a baseline without operations.
    """
    findings = [_finding(group, end) for group, end in zip(causes, tried, strict=True) if _fails(group[0], end)]
    lost = contracts.baseline.lost | contracts.candidate.lost
    if not findings and lost:
        return inconclusive(f"references that lead nowhere: {', '.join(sorted(lost)[:5])}")
    return verdict_on(findings, len(contracts.operations), "operation(s)", note=_note(contracts, causes, tried))


def compare_contracts(baseline: Any, candidate: Any) -> Judgement:
    """Judge two OpenAPI documents by themselves, with nothing tried: every breaking change fails."""
    contracts = read_contracts(baseline, candidate)
    if isinstance(contracts, Judgement):
        return contracts
    causes = causes_of(contracts)
    return judge_contracts(contracts, causes, [undecided("nothing was tried") for _ in causes])


def _fails(change: Change, tried: Tried) -> bool:
    if tried.felt is Felt.CONFIRMED:
        return True
    return tried.felt is Felt.UNDECIDED and change.level is Level.BREAKING


def _finding(group: Sequence[Change], tried: Tried) -> Finding:
    first = group[0]
    places = tuple(dict.fromkeys(change.place.text for change in group))
    by = "confirmed" if tried.felt is Felt.CONFIRMED else "by the document alone, undecided"
    reason = f"{first.level}, {by}: {tried.why}"
    examples = places[:EXAMPLES_AT_MOST] if len(places) > 1 else ()
    return Finding(first.code, places[0], first.baseline, first.candidate, reason, len(places), examples)


def _note(contracts: Contracts, causes: Causes, tried: Sequence[Tried]) -> str:
    counts = Counter(f"{group[0].level} {end.felt}" for group, end in zip(causes, tried, strict=True))
    free = sum(change.level is Level.COMPATIBLE for change in contracts.changes)
    parts = [f"{count} {words}" for words, count in sorted(counts.items())]
    parts += [f"{free} compatible"] * bool(free)
    refuted = [
        f"{group[0].code} at {group[0].place.text or group[0].baseline}"
        for group, end in zip(causes, tried, strict=True)
        if end.felt is Felt.REFUTED
    ]
    wrong = f"; the candidate's document is wrong about {', '.join(refuted[:3])}" if refuted else ""
    return (", ".join(parts) + wrong) if parts else ""


def _looks(content: Any) -> str:
    if isinstance(content, Mapping):
        version = content.get("openapi") or content.get("swagger")
        return (
            f"version {version}" if version else f"an object without openapi, with {', '.join(map(str, content))[:60]}"
        )
    return f"{type(content).__name__} {str(content)[:40]!r}"
