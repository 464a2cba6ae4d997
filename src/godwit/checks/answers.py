"""Compares both sides' answers to one probe, typed, place by place; does not judge what the baseline did not answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from godwit.checks.bodies import BodyComparison, Difference
from godwit.checks.differences import cut, grouped, verdict_on
from godwit.checks.json_text import pointer, steps_of
from godwit.checks.normalising import Rules, compiled, matches
from godwit.checks.reshaping import joined
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, Finding, Judgement, inconclusive


def compare_answers(
    probe: str,
    baseline: Sequence[Answer],
    candidate: Sequence[Answer],
    normalisers: Sequence[Normaliser],
    allowances: Sequence[Allowance],
    headers: Sequence[str],
) -> Judgement:
    """Compare two sequences of answers to the requests of `probe`, request by request.

    A place is a JSON Pointer into the body, after the index of the request when there are several; status and headers
    are `@status`, `@headers/<name>` and `@cookies/<name>/<attribute>`. Normalisers point into the body. `headers` are the
    names compared, each by what it says, after ids were matched. An allowance points to one such place (with or without
    the request's index). A baseline that did not answer (status 0), or both sides failing alike (5xx), is inconclusive.
    """
    if len(baseline) != len(candidate):
        return inconclusive(f"{len(baseline)} baseline answer(s) stand against {len(candidate)} of the candidate")
    silent = next((index for index, answer in enumerate(baseline) if answer.status == 0), None)
    # After a request that the baseline missed, its state is another one: later differences would prove nothing.
    upto = len(baseline) if silent is None else silent
    several = len(baseline) > 1
    rules = compiled(normalisers)
    fired: Counter[str] | None = Counter() if normalisers else None
    differences = differences_between(
        baseline[:upto], candidate[:upto], rules, headers, several, whole_order=True, fired=fired
    )
    findings, note = findings_of(probe, differences, allowances, several)
    told = None if findings else unsettled(baseline)
    judgement = told or verdict_on(findings, upto, "answer(s)", note=note)
    return judgement if fired is None else replace(judgement, rules=fired)


def differences_between(
    baseline: Sequence[Answer],
    candidate: Sequence[Answer],
    rules: Rules,
    headers: Sequence[str],
    several: bool,
    *,
    whole_order: bool = False,
    fired: Counter[str] | None = None,
) -> list[Difference]:
    """Every difference that no rule explains; places begin with the request's index where there are `several`.

    With `whole_order` a list of the same items in another order is one difference, else one for each item that moved.
    `fired` is given what each rule let through.
    """
    body = BodyComparison(rules, whole_order=whole_order)
    for index, (one, other) in enumerate(zip(baseline, candidate, strict=True)):
        _exchange(body, one, other, (str(index),) if several else (), headers)
    if fired is not None and body.fired:
        fired.update(body.fired)
    return body.differences()


def findings_of(
    probe: str, differences: Sequence[Difference], allowances: Sequence[Allowance], several: bool
) -> tuple[list[Finding], str]:
    """Findings of the differences that no allowance of the probe covers, and what is to be said about the allowances."""
    mine = [allowance for allowance in allowances if allowance.probe == probe]
    left, note = _allow(differences, mine, several) if mine else (differences, "")
    apart = joined(left)
    if len(apart) == 1:
        return [_finding(apart[0])], note
    return grouped(map(_keyed, apart)), note


def unsettled(baseline: Sequence[Answer]) -> Judgement | None:
    """Why equal answers prove nothing: the baseline was silent or failed itself; None where they do."""
    silent = next((answer for answer in baseline if answer.status == 0), None)
    if silent is not None:
        return inconclusive(f"the baseline did not answer {_name(silent)}: {silent.error or 'no answer'}")
    down = next((answer for answer in baseline if answer.status >= 500), None)
    if down is not None:
        return inconclusive(f"both sides answered {down.status} to {_name(down)}: equal failures prove nothing")
    return None


def _name(answer: Answer) -> str:
    return answer.request or "the request"


def _exchange(
    body: BodyComparison, baseline: Answer, candidate: Answer, prefix: tuple[str, ...], headers: Sequence[str]
) -> None:
    if candidate.status == 0:
        why = candidate.error or "no answer"
        body.note(Difference("no answer", (*prefix, "@status"), str(baseline.status), "none", cut(why)))
        return
    if baseline.status != candidate.status:
        reason = f"to {_name(baseline)}"
        statuses = str(baseline.status), str(candidate.status)
        body.note(Difference("status", (*prefix, "@status"), *statuses, reason))
    # What goes with another class of status is another message; comparing it adds only noise.
    if baseline.status // 100 != candidate.status // 100:
        return
    body.headers(prefix, headers, baseline, candidate)
    body.bodies(prefix, baseline, candidate)


def _allow(
    differences: Sequence[Difference], allowances: Sequence[Allowance], several: bool
) -> tuple[list[Difference], str]:
    """The differences that no allowance covers, and what is to be said about the allowances."""
    left: list[Difference] = []
    fired: set[int] = set()
    for difference in differences:
        places = (difference.steps, difference.steps[1:]) if several else (difference.steps,)
        covering = {
            index
            for index, allowance in enumerate(allowances)
            if any(matches(steps_of(allowance.at), place) for place in places)
        }
        fired |= covering
        if not covering:
            left.append(difference)
    quiet = [allowance.at or "(whole body)" for index, allowance in enumerate(allowances) if index not in fired]
    allowed = len(differences) - len(left)
    notes = [f"{allowed} allowed"] * bool(allowed) + [f"allowance never needed: {', '.join(quiet)}"] * bool(quiet)
    return left, "; ".join(notes)


def _keyed(difference: Difference) -> tuple[object, Finding]:
    """A finding with a key that is equal for the same difference at the same place of different list items."""
    general = tuple("*" if step.isdigit() else step for step in difference.steps)
    return (difference.what, general, difference.baseline, difference.candidate), _finding(difference)


def _finding(it: Difference) -> Finding:
    return Finding(it.what, pointer(it.steps), cut(it.baseline), cut(it.candidate), it.reason)
