"""What every output counts alike: what holds, which failures are accepted, how rows were answered."""

from collections import Counter
from collections.abc import Collection, Sequence

from godwit.verdict import CheckRecord, Outcome, RowRecord, Verdict

HOLDS = (Outcome.PASSED, Outcome.WAIVED)


def accepted_checks(verdict: Verdict) -> frozenset[str]:
    """The ids of the checks whose failure a waiver accepts."""
    asked = [item for gate in verdict.gates for item in gate.criteria if item.outcome is Outcome.WAIVED]
    return frozenset(check for item in asked for check in item.checks)


def shown_outcome(check: CheckRecord, accepted: Collection[str]) -> str:
    """The outcome of a check; an accepted failure is shown as waived."""
    return str(Outcome.WAIVED if check.outcome is Outcome.FAILED and check.id in accepted else check.outcome)


def counted_rows(rows: Sequence[RowRecord]) -> str:
    """How many rows ended how, such as `104 passed, 7 waived`."""
    return ", ".join(f"{n} {outcome}" for outcome, n in Counter(row.outcome for row in rows).items())
