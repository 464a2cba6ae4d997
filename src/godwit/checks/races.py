"""Judges requests that were sent at once: how they ended on either side and what they left; sends nothing itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from godwit.checks.answers import compare_answers
from godwit.checks.bodies import read_body
from godwit.checks.differences import verdict_on
from godwit.checks.json_text import kind_of
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, Finding, Judgement, Outcome, all_of, inconclusive, passed


@dataclass(frozen=True, slots=True)
class Round:
    """One race on one side: the answers before it, those of the contenders, and those that show what it left."""

    before: tuple[Answer, ...]
    contenders: tuple[Answer, ...]
    after: tuple[Answer, ...]


def judge_race(
    race: str,
    baseline: Sequence[Round],
    candidate: Sequence[Round],
    normalisers: Sequence[Normaliser],
    allowances: Sequence[Allowance],
    headers: Sequence[str],
) -> Judgement:
    """Judge the rounds of both sides: how many contenders ended in which way, and the state before and after.

    A way is a status and the shape of the body. Where the baseline's own rounds end in several ways, the candidate's have
    to end in one of these; another one is then inconclusive, for the baseline might have ended so, too.
    """
    if not baseline or not candidate:
        return inconclusive("no round was run")
    silent = next((answer for each in baseline for answer in each.contenders if answer.status == 0), None)
    if silent is not None:
        return inconclusive(f"the baseline did not answer {silent.request}: {silent.error}")
    down = next((answer for each in baseline for answer in each.contenders if answer.status >= 500), None)
    if down is not None:
        return inconclusive(f"the baseline itself answered {down.status} to {down.request}")
    known = list(dict.fromkeys(ending(each) for each in baseline))
    strange = list(dict.fromkeys(each for each in map(ending, candidate) if each not in known))
    if strange and len(known) > 1:
        return inconclusive(
            f"the baseline's {len(baseline)} rounds end in {len(known)} ways, the candidate's in another"
        )
    if strange:
        found = [Finding("ends of the race", "contenders", known[0], each) for each in strange]
        return verdict_on(found, len(candidate), "round(s)")
    parts = []
    for one, other in _matched(baseline, candidate):
        answers = [*one.before, *one.after], [*other.before, *other.after]
        if answers[0]:
            parts.append(compare_answers(race, *answers, normalisers, allowances, headers))
    judgement = all_of(parts) if parts else passed("")
    if judgement.outcome is not Outcome.PASSED:
        # What every round shows is one finding.
        return replace(judgement, findings=tuple(dict.fromkeys(judgement.findings)))
    said = f"{len(baseline)} round(s) of {len(baseline[0].contenders)} requests at once end alike: {known[0]}"
    return passed(f"{said}; what they left is alike" if parts else said)


def ending(each: Round) -> str:
    """How the contenders of a round ended, whoever was first: `1 x 201 {id: string}; 2 x 409 {error: string}`."""
    ways = Counter(f"{answer.status or 'no answer'} {_shape_of(answer)}".rstrip() for answer in each.contenders)
    return "; ".join(f"{count} x {way}" for way, count in sorted(ways.items()))


def _matched(baseline: Sequence[Round], candidate: Sequence[Round]) -> list[tuple[Round, Round]]:
    """Each round of the candidate beside the baseline's same round, or else one that ended the same way.

    The same round comes first, because what rounds leave behind adds up.
    """
    by_ending = {ending(each): each for each in reversed(baseline)}
    pairs = zip(baseline, candidate, strict=True)
    return [(one if ending(one) == ending(other) else by_ending[ending(other)], other) for one, other in pairs]


def _shape_of(answer: Answer) -> str:
    read = read_body(answer)
    return _shape(read[0]) if read is not None else ("" if not answer.body else "(no JSON)")


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shape(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(sorted({_shape(item) for item in value})) + "]"
    return kind_of(value)
