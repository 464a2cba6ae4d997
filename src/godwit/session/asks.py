"""What the gates of a run ask, drawn from the plan: criteria with the checks, attestations and waivers that answer them."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from godwit.plan import Attestation, Criterion, Gate, Phase, Plan, asked_in_words, read_signed
from godwit.verdict import Ask, GateAsk, GodwitError, Judgement, failed, inconclusive, is_meant, passed


def gate_asks(plan: Plan, only: Sequence[str], attestations: Path, today: dt.date) -> tuple[GateAsk, ...]:
    """The exit gates of the phases (`only` those named, if any) in order; signatures are read from `attestations`."""
    gates = {gate.id: gate for gate in plan.gates}
    phases = [phase for phase in plan.phases if not only or phase.id in only]
    return tuple(_gate(plan, phase, gates[phase.exit], attestations, today) for phase in phases)


def _gate(plan: Plan, phase: Phase, gate: Gate, attestations: Path, today: dt.date) -> GateAsk:
    criteria = {criterion.id: criterion for criterion in plan.criteria}
    can = plan.stacks.candidate.capabilities
    asked = [criteria[name] for name in gate.criteria if criteria[name].needs <= can]
    asks = tuple(_ask(plan, phase, criterion, attestations, today) for criterion in asked)
    return GateAsk(gate.id, gate.title, phase.id, asks, gate.on_failure == "roll-back")


def _ask(plan: Plan, phase: Phase, criterion: Criterion, attestations: Path, today: dt.date) -> Ask:
    waiver = next((item for item in plan.waivers if criterion.id in item.criteria), None)
    late = waiver is not None and waiver.expires < today
    signed = next((item for item in plan.attestations.items if item.id == criterion.attestation), None)
    return Ask(
        criterion.id,
        criterion.sentence,
        criterion.severity,
        criterion.covers,
        _patterns(phase, criterion),
        judge_attestation(signed, attestations, today) if signed else None,
        f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}" if waiver and not late else "",
        f"waiver {waiver.id} expired on {waiver.expires}" if waiver and late else "",
        asked_in_words(criterion),
        criterion.link or "",
        waiver.link or "" if waiver else "",
    )


def asked_of(plan: Plan, phase_id: str, check_id: str) -> tuple[Criterion, ...]:
    """The criteria of a phase's gate that a check of it answers, in the gate's order."""
    # Plans are compared by value, which takes longer than the whole answer: they are told apart by where they lie.
    known = _ASKED.get(phase_id)
    if known is None or known[0] is not plan:
        phase = next(phase for phase in plan.phases if phase.id == phase_id)
        gate = next(gate for gate in plan.gates if gate.id == phase.exit)
        asked = [criterion for name in gate.criteria for criterion in plan.criteria if criterion.id == name]
        known = plan, [(criterion, _patterns(phase, criterion)) for criterion in asked]
        _ASKED[phase_id] = known
    return tuple(criterion for criterion, patterns in known[1] if is_meant(check_id, patterns))


_ASKED: dict[str, tuple[Plan, list[tuple[Criterion, tuple[str, ...]]]]] = {}
"""What the gate of a phase asks, of the plan that was asked about last."""


def _patterns(phase: Phase, criterion: Criterion) -> tuple[str, ...]:
    if not criterion.metric:
        return criterion.checks
    stepped = any(criterion.id in step.criteria for step in phase.rollout)
    case = f"the-step-holds-its-criterion/*.{criterion.id}" if stepped else f"the-budget-holds/{criterion.id}"
    return (f"{phase.id}/{case}",)


def judge_attestation(asked: Attestation, directory: Path, today: dt.date) -> Judgement:
    """Judge what a person signed: there, of this id, not dated in the future and not too old; else inconclusive."""
    path = directory / f"{asked.id}.yaml"
    try:
        signed = read_signed(path)
    except FileNotFoundError:
        return inconclusive(f"nobody has signed {asked.id}: {path.name} is not in {directory}")
    except GodwitError as error:
        return inconclusive(str(error))
    age_days = (today - signed.date).days
    if signed.id != asked.id:
        return inconclusive(f"{path.name} signs {signed.id}, not {asked.id}")
    if age_days < 0 or age_days * 86400 > asked.max_age_s:
        return inconclusive(f"signed on {signed.date}, which is not within the last {asked.max_age_s / 86400:g} days")
    if asked.score_over is not None and signed.score is None:
        return inconclusive(f"{path.name} states no score, and over {asked.score_over:g} is asked")
    if asked.score_over is not None and signed.score is not None and signed.score <= asked.score_over:
        return failed(f"the signed score is {signed.score:g}, not over {asked.score_over:g}")
    sample = " (a SAMPLE signature)" if signed.sample else ""
    return passed(f"signed by {signed.by}, {signed.role}, on {signed.date}{sample}: {signed.evidence}")
