"""Reads what both sides answered to an experiment: a change of the documents is confirmed, refuted or undecided."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from godwit.checks.contract_kinds import Change
from godwit.checks.trials import Trial
from godwit.verdict import Answer

Both = tuple[Answer, Answer]
"""The answers of baseline and candidate to one request."""

_GONE = (404, 405, 410, 501)
_REFUSED = range(400, 500)


class Felt(StrEnum):
    """Whether a change is felt on the running candidate."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Tried:
    """How an experiment ended, and what was seen."""

    felt: Felt
    why: str


def read_trial(change: Change, trial: Trial, answers: Sequence[Both]) -> Tried:
    """Read the answers to a trial's requests, in their order."""
    silent = next((one for pair in answers for one in pair if one.status == 0), None)
    if silent is not None:
        return Tried(Felt.UNDECIDED, f"no answer to {silent.request}: {silent.error}")
    if not answers:
        return Tried(Felt.UNDECIDED, "nothing was sent")
    return _READINGS[trial.reading](change, answers)


def undecided(why: str) -> Tried:
    """Nothing could be told."""
    return Tried(Felt.UNDECIDED, why)


def _said(pair: Both) -> str:
    return f"{pair[0].request}: baseline {pair[0].status}, candidate {pair[1].status}"


def _is_fine(answer: Answer) -> bool:
    return 200 <= answer.status < 400


def _gone(_: Change, answers: Sequence[Both]) -> Tried:
    baseline, candidate = answers[0]
    if baseline.status in _GONE:
        return undecided(f"{_said(answers[0])}: the baseline does not have what was asked for")
    if candidate.status in _GONE:
        return Tried(Felt.CONFIRMED, _said(answers[0]))
    return Tried(Felt.REFUTED if candidate.status < 500 else Felt.UNDECIDED, _said(answers[0]))


def _refused(_: Change, answers: Sequence[Both]) -> Tried:
    baseline, candidate = answers[0]
    if not _is_fine(baseline):
        return undecided(f"{_said(answers[0])}: the baseline refuses it, too")
    if _is_fine(candidate):
        return Tried(Felt.REFUTED, _said(answers[0]))
    known = candidate.status in _REFUSED and candidate.status not in (401, 403, 404, 429)
    return Tried(Felt.CONFIRMED if known else Felt.UNDECIDED, _said(answers[0]))


def _heeded(_: Change, answers: Sequence[Both]) -> Tried:
    """Whether a parameter that makes a difference on the baseline still makes one on the candidate."""
    (bare, bare_new), (again, again_new), (with_it, with_it_new) = answers
    if not _is_fine(bare) or not _is_fine(with_it):
        return undecided(f"{_said(answers[2])}: the baseline does not take it")
    if _is_fine(bare_new) and with_it_new.status in _REFUSED:
        return Tried(Felt.CONFIRMED, _said(answers[2]))
    if bare.body != again.body or bare_new.body != again_new.body:
        return undecided(f"{_said(answers[2])}: equal requests are answered differently, so nothing shows")
    if bare.body == with_it.body:
        return undecided(f"{_said(answers[2])}: it makes no difference on the baseline with this value")
    if bare_new.body == with_it_new.body:
        return Tried(Felt.CONFIRMED, f"{_said(answers[2])}: it makes a difference on the baseline only")
    return Tried(Felt.REFUTED, f"{_said(answers[2])}: it makes a difference on both")


def _default(_: Change, answers: Sequence[Both]) -> Tried:
    """Whether leaving a parameter out still means its old default."""
    (bare, bare_new), (again, again_new), (explicit, explicit_new) = answers
    if not all(map(_is_fine, (bare, bare_new, explicit, explicit_new))):
        return undecided(_said(answers[2]))
    if bare.body != again.body or bare_new.body != again_new.body or bare.body != explicit.body:
        return undecided(f"{_said(answers[2])}: the old default does not show on the baseline")
    if bare_new.body != explicit_new.body:
        return Tried(Felt.CONFIRMED, f"{_said(answers[2])}: leaving it out means something else on the candidate")
    return undecided(f"{_said(answers[2])}: this answer does not tell the defaults apart")


def _defaulted(change: Change, answers: Sequence[Both]) -> Tried:
    name = change.place.steps[-1:]
    found = [_values(_body(answer), name)[0] for answer in answers[0]]
    if not all(found) or found[0][0] != change.value:
        return undecided(f"{_said(answers[0])}: the default does not show in the answer")
    felt = Felt.REFUTED if found[0][0] == found[1][0] else Felt.CONFIRMED
    return Tried(felt, f"{_said(answers[0])}; {name[0]} is {found[0][0]!r} and {found[1][0]!r}")


def _echoed(change: Change, answers: Sequence[Both]) -> Tried:
    """Whether a property that the candidate's document no longer knows still comes back."""
    if (refused := _refused(change, answers)).felt is not Felt.REFUTED:
        return refused
    found = [_values(_body(answer), change.place.steps)[0] for answer in answers[0]]
    if change.value not in found[0]:
        return undecided(f"{_said(answers[0])}: taken, but whether it is heeded does not show")
    felt = Felt.REFUTED if change.value in found[1] else Felt.CONFIRMED
    return Tried(felt, f"{_said(answers[0])}: it comes back from {'both' if felt is Felt.REFUTED else 'the baseline'}")


def _status(change: Change, answers: Sequence[Both]) -> Tried:
    for pair in answers:
        if _has_status(pair[0].status, change.place.status):
            same = pair[0].status == pair[1].status
            return Tried(Felt.REFUTED if same else Felt.CONFIRMED, _said(pair))
    return undecided(f"{_said(answers[-1])}: no request brought the baseline to {change.place.status}")


def _has_status(status: int, stated: str) -> bool:
    return stated in (str(status), f"{status // 100}XX", "DEFAULT")


def _alike(change: Change, answers: Sequence[Both]) -> tuple[Both | None, str]:
    """The answers that both sides gave with the status that the place is about, and why there are none."""
    for pair in answers:
        if _has_status(pair[0].status, change.place.status) and pair[0].status == pair[1].status:
            return pair, ""
    return None, f"{_said(answers[-1])}: not both answered {change.place.status}"


def _media(change: Change, answers: Sequence[Both]) -> Tried:
    pair, why = _alike(change, answers)
    if pair is None:
        baseline, candidate = answers[0]
        refused = _has_status(baseline.status, change.place.status) and candidate.status in (406, 415)
        return Tried(Felt.CONFIRMED, _said(answers[0])) if refused else undecided(why)
    kinds = [(answer.header("content-type") or "").partition(";")[0].strip().lower() for answer in pair]
    if kinds[0] != change.place.media.partition(";")[0].lower():
        return undecided(f"{_said(pair)}: the baseline answers {kinds[0] or 'no content type'}")
    shown = f"{_said(pair)}: {kinds[0]} and {kinds[1] or 'no content type'}"
    return Tried(Felt.REFUTED if kinds[0] == kinds[1] else Felt.CONFIRMED, shown)


def _header(change: Change, answers: Sequence[Both]) -> Tried:
    pair, why = _alike(change, answers)
    name = change.place.parameter[1]
    if pair is None or pair[0].header(name) is None:
        return undecided(why or f"{_said(answers[0])}: the baseline does not send {name}")
    felt = Felt.CONFIRMED if pair[1].header(name) is None else Felt.REFUTED
    return Tried(felt, f"{_said(pair)}: the candidate {'lacks' if felt is Felt.CONFIRMED else 'sends'} {name}")


def _absent(change: Change, answers: Sequence[Both]) -> Tried:
    """Whether a property of an answer is still there; one that may be absent is not refuted by an answer that has it."""
    pair, why = _alike(change, answers)
    if pair is None:
        return undecided(why)
    (present, _), (still, lacking) = (_values(_body(answer), change.place.steps) for answer in pair)
    if not present:
        return undecided(f"{_said(pair)}: the baseline's answer does not show it")
    if lacking:
        return Tried(Felt.CONFIRMED, f"{_said(pair)}: the candidate's answer lacks it")
    if not still:
        return undecided(f"{_said(pair)}: the candidate's answer has no place for it")
    if change.code != "response-property-removed":
        return undecided(f"{_said(pair)}: it was there this time")
    return Tried(Felt.REFUTED, f"{_said(pair)}: the candidate's answer has it")


def _type(change: Change, answers: Sequence[Both]) -> Tried:
    pair, why = _alike(change, answers)
    if pair is None:
        return undecided(why)
    found = _values(_body(pair[1]), change.place.steps)[0]
    other = next((value for value in found if not _is_of(value, change.types)), None)
    if found and any(not _is_of(value, change.types) for value in found):
        return Tried(Felt.CONFIRMED, f"{_said(pair)}: the candidate answered {_shown(other)}")
    if not found:
        return undecided(f"{_said(pair)}: the candidate's answer does not show it")
    if change.code == "response-type-changed":
        return Tried(Felt.REFUTED, f"{_said(pair)}: the candidate answered {_shown(found[0])}")
    return undecided(f"{_said(pair)}: of the old type this time")


def _value(change: Change, answers: Sequence[Both]) -> Tried:
    pair, why = _alike(change, answers)
    if pair is None:
        return undecided(why)
    old, new = (_values(_body(answer), change.place.steps)[0] for answer in pair)
    if change.value in new and change.value not in old:
        return Tried(Felt.CONFIRMED, f"{_said(pair)}: the candidate answered {_shown(change.value)}")
    return undecided(f"{_said(pair)}: not answered this time")


def _anonymous(_: Change, answers: Sequence[Both]) -> Tried:
    baseline, candidate = answers[0]
    if baseline.status in (401, 403):
        return undecided(f"{_said(answers[0])}: the baseline asks for proof, too")
    if candidate.status in (401, 403):
        return Tried(Felt.CONFIRMED, _said(answers[0]))
    felt = Felt.REFUTED if candidate.status == baseline.status else Felt.UNDECIDED
    return Tried(felt, _said(answers[0]))


def _body(answer: Answer) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _values(body: Any, steps: Sequence[str]) -> tuple[list[Any], int]:
    """The values at a place (`*` goes into every item), and how many objects lack its last step."""
    holders, lacking = [body], 0
    for index, step in enumerate(steps):
        if step == "*":
            holders = [item for holder in holders if isinstance(holder, list) for item in holder]
            continue
        objects = [holder for holder in holders if isinstance(holder, Mapping)]
        if index == len(steps) - 1:
            lacking = sum(step not in holder for holder in objects)
        holders = [holder[step] for holder in objects if step in holder]
    return holders, lacking


def _is_of(value: Any, types: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, float):
        return "number" in types
    names = {int: "integer", str: "string", list: "array", dict: "object", type(None): "null"}
    return names[type(value)] in types or (isinstance(value, int) and "number" in types)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]


_READINGS: Mapping[str, Callable[[Change, Sequence[Both]], Tried]] = {
    "gone": _gone,
    "refused": _refused,
    "heeded": _heeded,
    "default": _default,
    "defaulted": _defaulted,
    "echoed": _echoed,
    "status": _status,
    "media": _media,
    "header": _header,
    "absent": _absent,
    "type": _type,
    "value": _value,
    "anonymous": _anonymous,
}
