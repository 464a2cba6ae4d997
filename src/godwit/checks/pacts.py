"""Judges what consumers expect by their Pact files, once both sides were asked; an expectation the baseline breaks is stale."""

from collections.abc import Mapping, Sequence
from typing import Any

from godwit.checks.differences import cut, verdict_on
from godwit.verdict import Finding, Interaction, Judgement, inconclusive

_HTTP = "Synchronous/HTTP"


def pact_fault(content: Any, states: Sequence[str]) -> str:
    """Why a parsed Pact file cannot be verified with these states of the plan; empty if it can."""
    if not isinstance(content, Mapping) or not all(
        isinstance(content.get(it), Mapping) for it in ("consumer", "provider")
    ):
        return "it is no Pact file: it names no consumer and provider"
    rows = content.get("interactions")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        return "it has no HTTP interaction"
    if any(row.get("type", _HTTP) != _HTTP for row in rows) or content.get("messages"):
        return "it has messages besides HTTP interactions, which are not verified here; split the file"
    missing = sorted({name for row in rows for name in _states(row)} - set(states))
    return f"the plan says nothing of its state(s) {', '.join(map(repr, missing))}" if missing else ""


def pact_writes(content: Mapping[str, Any]) -> bool:
    """Whether an interaction of a Pact file may change state."""
    requests = [row.get("request") for row in content["interactions"]]
    methods = [str(it.get("method", "GET")).upper() for it in requests if isinstance(it, Mapping)]
    return any(method not in ("GET", "HEAD", "OPTIONS") for method in methods)


def judge_pact(baseline: Sequence[Interaction], candidate: Sequence[Interaction], expected: int) -> Judgement:
    """Judge the candidate by the interactions that the baseline keeps; `expected` is how many the file has.

    Those that the baseline breaks are stale and make an otherwise kept contract inconclusive.
    """
    if min(len(baseline), len(candidate)) < expected or expected == 0:
        seen = f"{len(baseline)} on the baseline and {len(candidate)} on the candidate"
        return inconclusive(f"of {expected} interaction(s) {seen} were verified")
    stale = [one for one in baseline if one.mismatches]
    broken = {_key(one) for one in stale}
    findings = [_finding(one, mismatch) for one in candidate if _key(one) not in broken for mismatch in one.mismatches]
    names = ", ".join(f"'{one.description}' ({one.mismatches[0].text})" for one in stale[:3])
    note = f"the baseline itself breaks {len(stale)} of them, so these are stale: {names}" if stale else ""
    if stale and not findings:
        return inconclusive(f"of {len(baseline)} interaction(s) {note}")
    return verdict_on(findings, len(candidate), "interaction(s)", note=note)


def _key(one: Interaction) -> tuple[str, str, tuple[str, ...]]:
    return one.consumer, one.description, one.states


def _finding(one: Interaction, mismatch: Any) -> Finding:
    where = " ".join(part for part in (f"{one.consumer}: {one.description}", mismatch.where) if part)
    return Finding(
        f"pact {mismatch.kind}",
        where,
        cut(mismatch.expected),
        cut(mismatch.actual),
        f"the consumer expects: {mismatch.text}",
    )


def _states(row: Mapping[str, Any]) -> list[str]:
    """The states of an interaction: one name in version 2, a list of objects since version 3."""
    named = row.get("providerStates")
    found = [str(it.get("name")) for it in named if isinstance(it, Mapping)] if isinstance(named, list) else []
    single = row.get("providerState", row.get("provider_state"))
    return [*found, single] if isinstance(single, str) and single else found
