"""Compares what was heard of one stream on both sides: types, payloads, order for each key; nothing lost or doubled."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from godwit.checks.answers import compare_answers
from godwit.checks.differences import cut, grouped, verdict_on
from godwit.checks.json_text import parse_json, shown, steps_of
from godwit.checks.normalising import Rules, compiled
from godwit.checks.pairing import Pair, paired_in_order
from godwit.plan import EventStream, Normaliser
from godwit.verdict import Answer, Finding, Heard, Judgement, StreamEvent, inconclusive

_ABSENT = "(absent)"
_NO_KEY = ""
Placed = tuple[int, StreamEvent]
"""An event with its number in its stream, from 1."""


def compare_streams(
    stream: EventStream, baseline: Heard, candidate: Heard, normalisers: Sequence[Normaliser]
) -> Judgement:
    """Compare two streams event by event; ids that each side made are matched over the whole of both.

    A place is `event <number>` and a pointer into its payload. A baseline that was not heard, or sent fewer events than
    the plan asks for, is inconclusive.
    """
    if baseline.trouble:
        return inconclusive(f"the baseline's stream {stream.path}: {baseline.trouble}")
    if len(baseline.events) < stream.at_least:
        return inconclusive(f"the baseline sent {len(baseline.events)} event(s), {stream.at_least} are asked for")
    keyed: list[tuple[object, Finding]] = []
    if candidate.trouble:
        keyed.append(("stream", Finding("stream broke off", stream.path, "heard", cut(candidate.trouble))))
    rules = compiled(normalisers)
    pairs: list[tuple[Placed, Placed]] = []
    for one, other in _by_key(stream, baseline.events, candidate.events):
        found, lost = _paired(one, other, rules)
        pairs += found
        keyed += lost
    pairs.sort(key=lambda pair: pair[0][0])
    keyed += [_other_id(one, other) for one, other in pairs if bool(one[1].id) != bool(other[1].id)]
    compared = _payloads(pairs, normalisers)
    keyed += [
        (("payload", index), _placed(it, pairs)) for index, it in enumerate(compared.findings if compared else ())
    ]
    judgement = verdict_on(grouped(keyed), len(baseline.events), "event(s)")
    return replace(judgement, rules=compared.rules) if compared else judgement


def _by_key(
    stream: EventStream, one: Sequence[StreamEvent], other: Sequence[StreamEvent]
) -> list[tuple[list[Placed], list[Placed]]]:
    """The events of both sides for each key; keys that each side made itself stand together as they first came."""
    sides = [_keys(stream, events) for events in (one, other)]
    alone = [[key for key in side if key not in sides[1 - index]] for index, side in enumerate(sides)]
    partners = {key: key for key in sides[0]} | dict(zip(alone[0], alone[1], strict=False))
    groups = [(events, sides[1].get(partners[key], [])) for key, events in sides[0].items()]
    return groups + [([], sides[1][key]) for key in sides[1] if key not in partners.values()]


def _keys(stream: EventStream, events: Sequence[StreamEvent]) -> dict[str, list[Placed]]:
    found: dict[str, list[Placed]] = {}
    for number, event in enumerate(events, start=1):
        key = _NO_KEY if stream.key is None else _at(_payload(event), stream.key)
        found.setdefault(key, []).append((number, event))
    return found


def _at(value: Any, pointer: str) -> str:
    for step in steps_of(pointer):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return _NO_KEY
    return shown(value)


def _payload(event: StreamEvent) -> Any:
    """The payload as JSON where it is some, else as text."""
    try:
        return parse_json(event.data)
    except ValueError:
        return event.data


def _paired(
    one: Sequence[Placed], other: Sequence[Placed], rules: Rules
) -> tuple[list[tuple[Placed, Placed]], list[tuple[object, Finding]]]:
    """Events that stand for each other, and findings for those without a partner or with one of another type."""
    likes = [[(event.type, rules.likeness(_payload(event), ())) for _, event in side] for side in (one, other)]
    if len(one) == len(other):
        places: list[Pair] = [(index, index) for index in range(len(one))]
    else:
        places = list(paired_in_order(likes[0], likes[1]))
    pairs: list[tuple[Placed, Placed]] = []
    findings: list[tuple[object, Finding]] = []
    for left, right in places:
        first = None if left is None else one[left]
        second = None if right is None else other[right]
        if first and second and first[1].type == second[1].type:
            pairs.append((first, second))
        else:
            findings.append(_unpaired(first, second))
    return pairs, findings


def _unpaired(one: Placed | None, other: Placed | None) -> tuple[object, Finding]:
    what = "event of another type" if one and other else "event lost" if one else "event extra"
    number = one[0] if one else other[0] if other else 0
    baseline, candidate = (f"{side[1].type}: {cut(side[1].data)}" if side else _ABSENT for side in (one, other))
    types = tuple(side[1].type if side else "" for side in (one, other))
    return (what, types), Finding(what, f"event {number}", baseline, candidate)


def _other_id(one: Placed, other: Placed) -> tuple[object, Finding]:
    baseline, candidate = (side[1].id or _ABSENT for side in (one, other))
    what = "id of an event, from which clients resume"
    return ("id", not one[1].id), Finding(what, f"event {one[0]}", baseline, candidate)


def _payloads(pairs: Sequence[tuple[Placed, Placed]], normalisers: Sequence[Normaliser]) -> Judgement | None:
    if not pairs:
        return None
    sides = [[_answer(pair[side][1]) for pair in pairs] for side in (0, 1)]
    return compare_answers("", sides[0], sides[1], normalisers, (), ())


def _answer(event: StreamEvent) -> Answer:
    kind = "text/plain" if isinstance(_payload(event), str) else "application/json"
    return Answer(event.type, 200, (("content-type", kind),), event.data.encode())


def _placed(finding: Finding, pairs: Sequence[tuple[Placed, Placed]]) -> Finding:
    """The finding, with the event's number for the pair's index."""

    def place(where: str) -> str:
        if len(pairs) == 1:
            return f"event {pairs[0][0][0]} {where}".rstrip()
        index, _, rest = where.removeprefix("/").partition("/")
        return f"event {pairs[int(index)][0][0]} {'/' * bool(rest)}{rest}".rstrip()

    examples = tuple(place(where) for where in finding.examples)
    where = place(finding.where)
    return Finding(finding.what, where, finding.baseline, finding.candidate, finding.reason, finding.count, examples)
