"""Compares what calls of a Python API gave on both sides, typed, place by place; additions to objects are free."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from godwit.checks.answers import compare_answers
from godwit.checks.differences import cut
from godwit.plan import Allowance, Normaliser
from godwit.verdict import Answer, CallReply, Judgement, inconclusive

_NOT_CALLED = Answer("(not called)", 200)


def compare_calls(
    script: str,
    baseline: Sequence[CallReply],
    candidate: Sequence[CallReply],
    normalisers: Sequence[Normaliser],
    allowances: Sequence[Allowance],
) -> Judgement:
    """Compare the replies to the calls of `script`, call by call.

    A place is `/<call>/result/...`, `/<call>/raised/type`, `/<call>/raised/message`, `/<call>/arguments/...` (as they
    are after the call), `/<call>/async`, or `/<call>/outcome` where one side returned and the other raised; without
    the number when there is one call only. An exception or object of a derived type is as good as its base; an
    attribute that only the candidate's object has is an addition. Deprecations that only the candidate tells are
    noted. A name that the baseline does not have, or a baseline without a reply, is inconclusive.
    """
    lost = next((index for index, reply in enumerate(candidate) if reply.error), None)
    upto = min(len(baseline), len(candidate)) if lost is None else lost + 1
    unknown = next((reply for reply in baseline[:upto] if not reply.found), None)
    if unknown is not None:
        return inconclusive(f"the baseline itself has no {unknown.call}: {unknown.message}")
    if lost is None and len(baseline) != len(candidate) and not any(reply.error for reply in baseline):
        return inconclusive(f"{len(baseline)} calls of the baseline stand against {len(candidate)} of the candidate")
    pairs = [_answers(*pair) for pair in zip(baseline[:upto], candidate[:upto], strict=True)]
    # What was not called any more stands as alike, so that places keep the number of their call.
    pairs += [(_NOT_CALLED, _NOT_CALLED)] * (len(baseline) - upto)
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    judgement = compare_answers(script, ours, theirs, normalisers, allowances, ())
    unkept = next((reply for reply in baseline if reply.unkept), None)
    if unkept is not None and not judgement.findings:
        return inconclusive(f"{unkept.call} was not called on the baseline: {unkept.message}")
    return replace(judgement, reason=judgement.reason.replace("answer(s)", "call(s)") + _noted(baseline, candidate))


def _noted(baseline: Sequence[CallReply], candidate: Sequence[CallReply]) -> str:
    known = {warning for reply in baseline for warning in reply.warnings}
    new = dict.fromkeys(text for reply in candidate for kind, text in reply.warnings if (kind, text) not in known)
    first = cut(next(iter(new), ""))
    return f"; {len(new)} new deprecation(s) told, the first: {first}" if new else ""


def _answers(one: CallReply, other: CallReply) -> tuple[Answer, Answer]:
    """The two replies in the form in which answers are compared; what one side could not be asked follows from before."""
    if one.unkept or other.unkept:
        return _NOT_CALLED, _NOT_CALLED
    ours, theirs = _bodies(one, other)
    return _answer(one, ours), _answer(other, theirs)


def _answer(reply: CallReply, body: Any) -> Answer:
    if reply.error:
        return Answer(reply.call, 0, error=reply.error)
    return Answer(reply.call, 200, (("content-type", "application/json"),), json.dumps(body).encode())


def _bodies(one: CallReply, other: CallReply) -> tuple[Any, Any]:
    if bool(one.raised) != bool(other.raised):
        return {"outcome": _outcome(one)}, {"outcome": _outcome(other)}
    if one.raised:
        name = one.raised[0]
        theirs = name if name in other.raised else other.raised[0]
        ours, body = _raised(name, one.message), _raised(theirs, other.message)
    else:
        value, aligned = align(one.value, other.value)
        ours, body = {"result": value, "async": one.awaited}, {"result": aligned, "async": other.awaited}
    before, after = align(one.arguments, other.arguments)
    return {**ours, "arguments": before}, {**body, "arguments": after}


def _raised(name: str, message: str) -> dict[str, Any]:
    return {"raised": {"type": name, "message": message}}


def _outcome(reply: CallReply) -> str:
    if reply.raised:
        return cut(f"raised {reply.raised[0]}: {reply.message}")
    if reply.value == {"!type": "(kept)"}:
        return "returned an object"
    return cut(f"returned {json.dumps(reply.value, ensure_ascii=False)}")


def align(one: Any, other: Any) -> tuple[Any, Any]:
    """Both values without what is no break: a derived type stands as its base, and new attributes of objects are left out."""
    if isinstance(one, list) and isinstance(other, list):
        pairs = [align(left, right) for left, right in zip(one, other, strict=False)]
        shared = len(pairs)
        ours, theirs = [left for left, _ in pairs], [right for _, right in pairs]
        return [*ours, *map(_bare, one[shared:])], [*theirs, *map(_bare, other[shared:])]
    if not isinstance(one, dict) or not isinstance(other, dict):
        return _bare(one), _bare(other)
    kinds = one.get("!type"), other.get("!type")
    if kinds[0] != kinds[1] and kinds[0] in other.get("!kin", ()):
        other = {**other, "!type": kinds[0]}
    if isinstance(one.get("attributes"), dict) and isinstance(other.get("attributes"), dict) and "!kin" in one:
        known = {key: item for key, item in other["attributes"].items() if key in one["attributes"]}
        other = {**other, "attributes": known}
    return _aligned(one, other)


def _aligned(one: dict[str, Any], other: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    ours, theirs = _without_kin(one), _without_kin(other)
    pairs = {key: align(ours[key], theirs[key]) for key in ours if key in theirs}
    return (
        {key: pairs[key][0] if key in pairs else _bare(item) for key, item in ours.items()},
        {key: pairs[key][1] if key in pairs else _bare(item) for key, item in theirs.items()},
    )


def _without_kin(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key != "!kin"}


def _bare(value: Any) -> Any:
    """The value without the names of what its types inherit from."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return {key: _bare(item) for key, item in _without_kin(value).items()} if isinstance(value, dict) else value
