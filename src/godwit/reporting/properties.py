"""Small properties of a check for reports that other tools make (JUnit XML, Allure); it writes no file itself."""

from godwit.plan import Phase, Plan
from godwit.reporting.plain import one_line
from godwit.session import Check, asked_of
from godwit.verdict import CheckRecord

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


def labels(check: Check, plan: Plan) -> dict[str, str]:
    """Allure's labels of a check; its severity is the highest of the criteria that it answers, if there is one."""
    phase = _phase(plan, check.phase)
    severities = [criterion.severity for criterion in asked_of(plan, check.phase, check.id)]
    severity = next((word for word in _STRONGEST_FIRST if word in severities), "")
    told = {
        "epic": plan.migration.id,
        "feature": check.promise.suite,
        "story": check.promise.sentence,
        "phase": phase.id,
        "gate": phase.exit,
        "check": check.id,
        "severity": severity,
        "parentSuite": plan.migration.id,
        "suite": phase.id,
        "subSuite": check.promise.suite,
    }
    return {name: text for name, text in told.items() if text}


def _phase(plan: Plan, name: str) -> Phase:
    return next(phase for phase in plan.phases if phase.id == name)
