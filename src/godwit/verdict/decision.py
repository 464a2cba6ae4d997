"""From check records to gates and the verdict: one pure function decides; what did not run is counted, never forgotten."""

from collections.abc import Collection, Mapping, Sequence

from godwit.verdict.causes import causes_of
from godwit.verdict.evidence import Judgement, inconclusive
from godwit.verdict.outcome import Outcome, Word, checked, fold, settled, word_for
from godwit.verdict.patterns import is_meant
from godwit.verdict.records import (
    Ask,
    CheckRecord,
    CriterionRecord,
    GateAsk,
    GateRecord,
    RowAsk,
    RowRecord,
    RuleRecord,
    Verdict,
    WayBack,
)
from godwit.verdict.rows import answer_rows

EXIT_CODES = {Word.GO: 0, Word.NO_GO: 10, Word.INCONCLUSIVE: 11}
EXIT_ROLLBACK = 12
"""NO-GO of a gate whose failure calls for a rollback."""


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
        worse = checked(record.outcome)
        if other is None or fold([checked(other.outcome), worse]) == worse:
            found[record.id] = record
    ordered = [found.pop(check.id, check) for check in expected]
    return (*ordered, *found.values())


def decide(
    run_id: str,
    gates: Sequence[GateAsk],
    checks: Sequence[CheckRecord],
    *,
    rows: Sequence[RowAsk] = (),
    trouble: Sequence[str] = (),
    not_applicable: Sequence[str] = (),
    run: Mapping[str, object] | None = None,
    rules: Sequence[str] = (),
    way_back: WayBack | None = None,
) -> Verdict:
    """Decide every gate, every row and the run.

    `checks` are complete (see `complete`); `trouble` are sentences about what went wrong outside any check (a worker
    died, a module could not be collected): with trouble there is no GO, and neither with a row that nothing answers.
    `rules` are the plan's rules for noise: how often each fired is told and decides nothing, nor does
    `way_back`.
    """
    decided = tuple(_gate(gate, [check for check in checks if check.phase == gate.phase]) for gate in gates)
    orphans = [check for check in checks if check.phase not in {gate.phase for gate in gates}]
    answered = answer_rows(rows, decided, checks)
    parts = [(_OUTCOME_OF[gate.word], f"gate {gate.id}: {gate.reason}") for gate in decided]
    parts += [(checked(check.outcome), f"{check.id}: {check.reason}") for check in orphans]
    parts += [(row.outcome, f"row {row.id}: {row.reason}") for row in answered if row.outcome is not Outcome.PASSED]
    parts += [(Outcome.INCONCLUSIVE, text) for text in trouble]
    word = word_for(fold(outcome for outcome, _ in parts))
    rollback = word is Word.NO_GO and any(gate.rolls_back for gate in decided if gate.word is Word.NO_GO)
    code = EXIT_ROLLBACK if rollback else EXIT_CODES[word]
    reason = _reason(word, parts, len(decided), answered)
    return Verdict(
        run_id, word, reason, code, decided, tuple(checks), tuple(trouble), tuple(not_applicable), answered, run or {},
        causes_of(checks), _fired(rules, checks), way_back=way_back,
    )  # fmt: skip


_OUTCOME_OF = {Word.GO: Outcome.PASSED, Word.NO_GO: Outcome.FAILED, Word.INCONCLUSIVE: Outcome.INCONCLUSIVE}
_NEUTRAL = (Outcome.WAIVED, Outcome.SKIPPED)


def _reason(word: Word, parts: Sequence[tuple[Outcome, str]], gates: int, rows: Sequence[RowRecord]) -> str:
    """Why the run says this word: the first part that says the same."""
    if word is Word.GO:
        answered = sum(row.outcome is not Outcome.SKIPPED for row in rows)
        return f"{gates} gate(s) hold" + (f", {answered} row(s) answered" if rows else "")
    weighed = [(outcome, text) for outcome, text in parts if outcome not in _NEUTRAL]
    return next((text for outcome, text in weighed if word_for(outcome) is word), "no gate was decided")


def _fired(rules: Sequence[str], checks: Sequence[CheckRecord]) -> tuple[RuleRecord, ...]:
    """How often each rule of the plan fired; nothing where no check compared anything under rules."""
    counts = [check.rules for check in checks if check.rules is not None]
    if not counts:
        return ()
    return tuple(RuleRecord(rule, sum(count.get(rule, 0) for count in counts)) for rule in dict.fromkeys(rules))


def _gate(gate: GateAsk, checks: Sequence[CheckRecord]) -> GateRecord:
    criteria = tuple(_criterion(ask, checks) for ask in gate.criteria)
    waived = {check for criterion in criteria if criterion.outcome is Outcome.WAIVED for check in criterion.checks}
    loose = [check for check in checks if check.id not in waived or check.outcome is not Outcome.FAILED]
    outcomes = [settled(criterion.outcome) for criterion in criteria] + [checked(check.outcome) for check in loose]
    outcome = fold(outcomes)
    everything: list[CriterionRecord | CheckRecord] = [*criteria, *loose]
    lines = list(zip(outcomes, (f"{item.id}: {item.reason}" for item in everything), strict=True))
    first = next((line for of, line in lines if of == outcome), "nothing was checked")
    ran = sum(1 for check in checks if check.outcome in (Outcome.PASSED, Outcome.FAILED))
    held = f"{len(criteria)} criteria and {len(checks)} checks hold"
    reason = held if outcome is Outcome.PASSED else first
    return GateRecord(
        gate.id, gate.title, gate.phase, word_for(outcome), reason, criteria, len(checks), ran, gate.rolls_back
    )


def _criterion(ask: Ask, checks: Sequence[CheckRecord]) -> CriterionRecord:
    matched = [check for check in checks if is_meant(check.id, ask.checks)]
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
        judgement.actual, judgement.baseline, judgement.limit, ask.waiver, ask.asked, ask.link, ask.waiver_link,
    )  # fmt: skip


def _answer(ask: Ask, matched: Sequence[CheckRecord]) -> Judgement:
    if not matched:
        return inconclusive(f"no check answers it in this run (asked: {', '.join(ask.checks) or 'none'})")
    outcome = fold(checked(check.outcome) for check in matched)
    worst = next(check for check in matched if checked(check.outcome) == outcome)
    counted = f"{len(matched)} check(s) passed" if len(matched) > 1 else worst.reason
    reason = counted if outcome is Outcome.PASSED else f"{worst.id}: {worst.reason}"
    return Judgement(outcome, reason, worst.findings, worst.actual, worst.baseline, worst.limit, worst.n_needed)
