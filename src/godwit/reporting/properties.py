"""Small properties of a check for reports that other tools make (JUnit XML, Allure); it writes no file itself."""

from collections.abc import Callable, Collection

from godwit.plan import Plan
from godwit.reporting.plain import one_line
from godwit.session import Check, asked_of
from godwit.verdict import CheckRecord, Verdict

_MOST = 300
_STRONGEST_FIRST = ("blocker", "critical", "normal", "minor")


def properties(record: CheckRecord, plan: Plan) -> list[tuple[str, str]]:
    """What a JUnit file says of a check besides its own words: id, outcome, reason, criterion, limit; empty ones are left out."""
    asked = [criterion.id for criterion in asked_of(plan, record.phase, record.id)]
    told = {
        "check": record.id,
        "outcome": str(record.outcome),
        "reason": record.reason,
        "criterion": ", ".join(asked),
        "limit": record.limit,
    }
    return [(f"godwit.{name}", one_line(text, _MOST)) for name, text in told.items() if text]


def labels(record: CheckRecord, gate: str, severities: Collection[str]) -> dict[str, str]:
    """Allure's labels of a check of a gate; its severity is the highest of the criteria that it answers, if there is one."""
    migration = record.id.partition("/")[0]
    told = {
        "epic": migration,
        "feature": record.suite,
        "story": record.sentence,
        "phase": record.phase,
        "gate": gate,
        "check": record.id,
        "severity": next((word for word in _STRONGEST_FIRST if word in severities), ""),
        "parentSuite": migration,
        "suite": record.phase,
        "subSuite": record.suite,
    }
    return {name: text for name, text in told.items() if text}


def planned_labels(check: Check, plan: Plan) -> dict[str, str]:
    """The labels of a check by the plan, while nobody knows yet how it ends."""
    gate = next(phase.exit for phase in plan.phases if phase.id == check.phase)
    return labels(check.placeholder, gate, [asked.severity for asked in asked_of(plan, check.phase, check.id)])


def decided_labels(verdict: Verdict) -> Callable[[CheckRecord], dict[str, str]]:
    """The labels of every check by the verdict: the same that the plan gives."""
    gates = {gate.phase: gate.id for gate in verdict.gates}
    severities: dict[str, set[str]] = {}
    for criterion in (criterion for gate in verdict.gates for criterion in gate.criteria):
        for check in criterion.checks:
            severities.setdefault(check, set()).add(criterion.severity)
    return lambda record: labels(record, gates.get(record.phase, ""), severities.get(record.id, ()))
