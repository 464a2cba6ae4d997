"""From check records to gates and the verdict: one pure function decides; what did not run is counted, never forgotten."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from godwit.verdict.evidence import Finding, Judgement, Measurement, inconclusive
from godwit.verdict.outcome import Outcome, Word, fold, word_for

EXIT_CODES = {Word.GO: 0, Word.NO_GO: 10, Word.INCONCLUSIVE: 11}
EXIT_ROLLBACK = 12
"""NO-GO of a gate whose failure calls for a rollback."""


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What one expected check ended with. `id` is `<migration>/<phase>/<promise>[/<case>]`, the same wherever it runs."""

    id: str
    suite: str
    sentence: str
    phase: str
    outcome: Outcome
    reason: str
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    actual: Measurement | None = None
    baseline: Measurement | None = None
    limit: str = ""
    n_needed: int | None = None
    repeat: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a gate asks of one criterion.

    `checks` are patterns over check ids without the migration (`*` stands for anything). `judgement` is the answer of
    an attestation, which needs no check. `waiver` is why a failure is accepted, `waiver_fault` why the waiver itself
    no longer holds.
    """

    id: str
    sentence: str
    severity: str
    covers: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    judgement: Judgement | None = None
    waiver: str = ""
    waiver_fault: str = ""


@dataclass(frozen=True, slots=True)
class GateAsk:
    """One gate of the run: its phase, its criteria, and whether its failure calls for a rollback."""

    id: str
    title: str
    phase: str
    criteria: tuple[Ask, ...]
    rolls_back: bool


@dataclass(frozen=True, slots=True)
class CriterionRecord:
    """One line of the verdict table."""

    id: str
    sentence: str
    severity: str
    outcome: Outcome
    reason: str
    covers: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    actual: Measurement | None = None
    baseline: Measurement | None = None
    limit: str = ""
    waiver: str = ""


@dataclass(frozen=True, slots=True)
class GateRecord:
    """What a gate says, and how much of what it asks was measured."""

    id: str
    title: str
    phase: str
    word: Word
    reason: str
    criteria: tuple[CriterionRecord, ...]
    checks_expected: int
    checks_ran: int
    rolls_back: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision of a run and everything it rests on. `run` identifies it: versions, seed, machine, hashes, command."""

    run_id: str
    word: Word
    reason: str
    exit_code: int
    gates: tuple[GateRecord, ...]
    checks: tuple[CheckRecord, ...]
    trouble: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    run: Mapping[str, object] = field(default_factory=dict)


def not_run(check_id: str, why: str) -> CheckRecord:
    """The record of an expected check that left none."""
    phase = check_id.split("/")[1] if "/" in check_id else ""
    return CheckRecord(check_id, "", "", phase, Outcome.INCONCLUSIVE, why)


def complete(expected: Sequence[CheckRecord], records: Collection[CheckRecord]) -> tuple[CheckRecord, ...]:
    """Put the records in the order of `expected`, each missing one as inconclusive; of two for one id the worse counts.

    A record that nobody expected is kept at the end: it cannot help, but it can fail.
    """
    found: dict[str, CheckRecord] = {}
    for record in records:
        other = found.get(record.id)
        if other is None or fold([other.outcome, record.outcome]) == record.outcome:
            found[record.id] = record
    ordered = [found.pop(check.id, check) for check in expected]
    return (*ordered, *found.values())


def decide(
    run_id: str,
    gates: Sequence[GateAsk],
    checks: Sequence[CheckRecord],
    *,
    trouble: Sequence[str] = (),
    not_applicable: Sequence[str] = (),
    run: Mapping[str, object] | None = None,
) -> Verdict:
    """Decide every gate and the run.

    `checks` are complete (see `complete`); `trouble` are sentences about what went wrong outside any check (a worker
    died, a module could not be collected): with trouble there is no GO.
    """
    decided = tuple(_gate(gate, [check for check in checks if check.phase == gate.phase]) for gate in gates)
    outcomes = [_OUTCOME_OF[gate.word] for gate in decided]
    orphans = [check for check in checks if check.phase not in {gate.phase for gate in gates}]
    outcomes += [_settled(check.outcome) for check in orphans]
    if trouble:
        outcomes.append(Outcome.INCONCLUSIVE)
    word = word_for(fold(outcomes))
    reason = next(
        (f"gate {gate.id}: {gate.reason}" for gate in decided if gate.word is word and word is not Word.GO), ""
    )
    reason = reason or (trouble[0] if trouble else _said(orphans, word, len(decided)))
    rollback = word is Word.NO_GO and any(gate.rolls_back for gate in decided if gate.word is Word.NO_GO)
    code = EXIT_ROLLBACK if rollback else EXIT_CODES[word]
    return Verdict(run_id, word, reason, code, decided, tuple(checks), tuple(trouble), tuple(not_applicable), run or {})


_OUTCOME_OF = {Word.GO: Outcome.PASSED, Word.NO_GO: Outcome.FAILED, Word.INCONCLUSIVE: Outcome.INCONCLUSIVE}


def _settled(outcome: Outcome) -> Outcome:
    """A skipped check was expected to run: that is inconclusive, not neutral."""
    return Outcome.INCONCLUSIVE if outcome is Outcome.SKIPPED else outcome


def _said(orphans: Sequence[CheckRecord], word: Word, gates: int) -> str:
    worst = next(
        (check for check in orphans if word_for(_settled(check.outcome)) is word and word is not Word.GO), None
    )
    if worst:
        return f"{worst.id}: {worst.reason}"
    return f"{gates} gate(s) hold" if word is Word.GO else "no gate was decided"


def _gate(gate: GateAsk, checks: Sequence[CheckRecord]) -> GateRecord:
    criteria = tuple(_criterion(ask, checks) for ask in gate.criteria)
    waived = {check for criterion in criteria if criterion.outcome is Outcome.WAIVED for check in criterion.checks}
    loose = [check for check in checks if check.id not in waived]
    outcomes = [_settled(criterion.outcome) for criterion in criteria] + [_settled(check.outcome) for check in loose]
    outcome = fold(outcomes)
    everything: list[CriterionRecord | CheckRecord] = [*criteria, *loose]
    lines = [(_settled(item.outcome), f"{item.id}: {item.reason}") for item in everything]
    first = next((line for of, line in lines if of == outcome), "nothing was checked")
    ran = sum(1 for check in checks if check.outcome in (Outcome.PASSED, Outcome.FAILED))
    held = f"{len(criteria)} criteria and {len(checks)} checks hold"
    reason = held if outcome is Outcome.PASSED else first
    return GateRecord(
        gate.id, gate.title, gate.phase, word_for(outcome), reason, criteria, len(checks), ran, gate.rolls_back
    )


def _criterion(ask: Ask, checks: Sequence[CheckRecord]) -> CriterionRecord:
    matched = [check for check in checks if any(_matches(pattern, check.id) for pattern in ask.checks)]
    judgement = ask.judgement or _answer(ask, matched)
    outcome, reason = judgement.outcome, judgement.reason
    if ask.waiver_fault:
        outcome, reason = Outcome.FAILED, ask.waiver_fault
    elif ask.waiver and outcome is Outcome.FAILED:
        outcome, reason = Outcome.WAIVED, f"{ask.waiver} (was: {reason})"
    elif ask.waiver and outcome is Outcome.PASSED:
        outcome, reason = Outcome.FAILED, f"stale waiver: the failure it accepts is gone ({ask.waiver})"
    ids = tuple(check.id for check in matched)
    return CriterionRecord(
        ask.id, ask.sentence, ask.severity, outcome, reason, ask.covers, ids,
        judgement.actual, judgement.baseline, judgement.limit, ask.waiver,
    )  # fmt: skip


def _matches(pattern: str, check_id: str) -> bool:
    """Whether a pattern without the migration means this check; a pattern without a case means all its cases."""
    _, _, rest = check_id.partition("/")
    return fnmatchcase(rest, pattern) or fnmatchcase(rest, f"{pattern}/*")


def _answer(ask: Ask, matched: Sequence[CheckRecord]) -> Judgement:
    if not matched:
        return inconclusive(f"no check answers it in this run (asked: {', '.join(ask.checks) or 'none'})")
    outcome = fold(_settled(check.outcome) for check in matched)
    worst = next(check for check in matched if _settled(check.outcome) == outcome)
    counted = f"{len(matched)} check(s) passed" if len(matched) > 1 else worst.reason
    reason = counted if outcome is Outcome.PASSED else f"{worst.id}: {worst.reason}"
    return Judgement(outcome, reason, worst.findings, worst.actual, worst.baseline, worst.limit, worst.n_needed)
