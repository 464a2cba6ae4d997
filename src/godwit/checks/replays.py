"""Judges a replayed recording: the sides against each other, and the baseline against what was recorded of it."""

from collections.abc import Sequence
from dataclasses import replace

from godwit.checks.answers import compare_answers
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, Exchange, Judgement, Outcome, inconclusive


def judge_replay(
    recording: str,
    exchanges: Sequence[Exchange],
    baseline: Sequence[Answer],
    candidate: Sequence[Answer],
    normalisers: Sequence[Normaliser],
    allowances: Sequence[Allowance],
    headers: Sequence[str],
) -> Judgement:
    """Compare both sides' answers to a recording as those to a probe.

    A recording without exchanges is inconclusive, and so is one that finds no difference while the baseline answered most
    of it with another status than when it was recorded: it no longer exercises what it did.
    """
    if not exchanges:
        return inconclusive(f"the recording {recording} holds no exchange")
    judgement = compare_answers(recording, baseline, candidate, normalisers, allowances, headers)
    pairs = zip(exchanges, baseline, strict=False)
    stale = [(one, other) for one, other in pairs if other.status not in (0, one.answer.status)]
    if not stale:
        return judgement
    first, now = stale[0]
    note = (
        f"{len(stale)} of {len(exchanges)} answers of the baseline have another status than when they were recorded, "
        f"first {first.method} {first.path}: {now.status}, recorded {first.answer.status}"
    )
    if 2 * len(stale) > len(exchanges) and judgement.outcome is Outcome.PASSED:
        return inconclusive(f"the recording is stale: {note}")
    return replace(judgement, reason=f"{judgement.reason}; {note}")
