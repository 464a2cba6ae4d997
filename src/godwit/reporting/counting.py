"""What every output counts and words alike: what holds, which failures are accepted, how rows were answered, quantities."""

from collections import Counter
from collections.abc import Collection, Sequence

from godwit.verdict import CheckRecord, GateRecord, Measurement, Outcome, RowRecord, Verdict, Word

NOT_REACHED = "NOT REACHED"
HOLDS = (Outcome.PASSED, Outcome.WAIVED)


def accepted_checks(verdict: Verdict) -> frozenset[str]:
    """The ids of the checks whose failure a waiver accepts."""
    asked = [item for gate in verdict.gates for item in gate.criteria if item.outcome is Outcome.WAIVED]
    return frozenset(check for item in asked for check in item.checks)


def shown_outcome(check: CheckRecord, accepted: Collection[str]) -> str:
    """The outcome of a check; an accepted failure is shown as waived."""
    return str(Outcome.WAIVED if check.outcome is Outcome.FAILED and check.id in accepted else check.outcome)


def shown_word(gate: GateRecord, checks: Sequence[CheckRecord]) -> str:
    """The word of a gate; one that has checks of which none began was not reached."""
    own = [check for check in checks if check.phase == gate.phase]
    began = any(check.seconds or check.outcome is not Outcome.INCONCLUSIVE for check in own)
    return NOT_REACHED if own and not began and gate.word is Word.INCONCLUSIVE else str(gate.word)


def counted_rows(rows: Sequence[RowRecord]) -> str:
    """How many rows ended how, such as `104 passed, 7 waived`."""
    return ", ".join(f"{n} {outcome}" for outcome, n in Counter(row.outcome for row in rows).items())


def quantity(found: Measurement | None) -> str:
    """A value with its unit and its interval; nothing where nothing was measured."""
    if found is None:
        return ""
    around = f" ({found.interval.low:g} to {found.interval.high:g})" if found.interval else ""
    return f"{found.value:g} {found.unit}{around}"
