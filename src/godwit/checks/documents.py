"""Whether every key of a document kept its value and type in another one, or is accounted for; reads no file."""

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from godwit.checks.config_keys import plain_texts
from godwit.checks.content_changes import accident_of
from godwit.checks.differences import cut, grouped, verdict_on
from godwit.checks.json_text import pointer, steps_of
from godwit.plan import DocumentKey, DocumentPair
from godwit.verdict import Finding, Judgement, inconclusive

Steps = tuple[str, ...]
_ABSENT = "(absent)"
_KINDS: dict[type, str] = {
    bool: "boolean", int: "integer", float: "number", str: "text", type(None): "null", bytes: "bytes",
    dt.datetime: "timestamp", dt.date: "date", dt.time: "time",
}  # fmt: skip
_TRUTHS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
_MADE = {"text": str, "integer": int, "number": float}


@dataclass(frozen=True, slots=True)
class StateDocument:
    """What a document says. `typed` is false where its format has texts only (`ini`, `env`)."""

    value: Any
    typed: bool = True


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What must stand at a place, where it stood on the baseline, and whether its type is held."""

    was: str
    value: Any
    typed: bool


def judge_document(pair: DocumentPair, old: StateDocument, new: StateDocument) -> Judgement:
    """Judge that each key of the old document is found in the new one as it was, or as the plan says.

    A plan that speaks of keys which the old document lacks is inconclusive: it is not about this document.
    """
    before = dict(_leaves((), old.value))
    part = _part(new.value, steps_of(pair.within))
    if part is None:
        return verdict_on([Finding("key vanished", pair.within, "", _ABSENT)], 1, "keys")
    after = dict(_leaves((), part))
    idle = [*_idle_keys(pair, before), *(it.key for it in pair.dropped if not _any_is_in(before, it.key))]
    if idle:
        return inconclusive(f"the plan speaks of keys that the baseline's document lacks: {', '.join(idle)}")
    wanted = dict(_all_wanted(pair, old, before))
    found = [*_lost(wanted, after), *_differing(wanted, after, new.typed), *_unstated(pair, wanted, after)]
    dropped = len(before) - sum(1 for steps in before if not _is_dropped(pair, steps))
    moved = sum(pointer(steps) != it.was for steps, it in wanted.items() if it.was)
    note = f"{moved} at another place, {dropped} dropped" if moved or dropped else ""
    return verdict_on(grouped(found), len(wanted), "keys", note=note)


def _leaves(steps: Steps, value: Any) -> Iterator[tuple[Steps, Any]]:
    """Every value that holds no table, with its place; a list of plain values is one value."""
    if isinstance(value, dict) and (value or not steps):
        for key, item in value.items():
            yield from _leaves((*steps, str(key)), item)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value):
            yield from _leaves((*steps, str(number)), item)
    else:
        yield steps, value


def _part(value: Any, steps: Steps) -> Any:
    for step in steps:
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return None
    return value


def _stars(pattern: Steps, steps: Steps) -> Steps | None:
    """What the stars of a pattern stand for, if it means this place or a table around it."""
    if len(pattern) > len(steps):
        return None
    pairs = list(zip(pattern, steps, strict=False))
    return tuple(step for sign, step in pairs if sign == "*") if all(a in ("*", b) for a, b in pairs) else None


def _any_is_in(places: Sequence[Steps] | dict[Steps, Any], key: str) -> bool:
    return any(_stars(steps_of(key), steps) is not None for steps in places)


def _is_dropped(pair: DocumentPair, steps: Steps) -> bool:
    return any(_stars(steps_of(it.key), steps) is not None for it in pair.dropped)


def _idle_keys(pair: DocumentPair, before: dict[Steps, Any]) -> Iterator[str]:
    for it in pair.keys:
        if it.key is not None and it.default is None and not _any_is_in(before, it.key):
            yield it.key


def _all_wanted(pair: DocumentPair, old: StateDocument, before: dict[Steps, Any]) -> Iterator[tuple[Steps, _Wanted]]:
    """What the new document must say, by place."""
    for steps, value in before.items():
        if _is_dropped(pair, steps):
            continue
        rule = _rule(pair, steps)
        if rule is None:
            yield steps, _Wanted(pointer(steps), value, old.typed)
            continue
        stars = iter(_stars(steps_of(str(rule.key)), steps) or ())
        goes = steps_of(str(rule.key if rule.to is None else rule.to))
        head = tuple(next(stars, step) if step == "*" else step for step in goes)
        place = (*head, *steps[len(steps_of(str(rule.key))) :])
        yield place, _translated(rule, _Wanted(pointer(steps), value, old.typed))
    for rule in pair.keys:
        if rule.key is None:
            yield steps_of(str(rule.to)), _Wanted("", rule.constant, True)
        elif rule.default is not None and not _any_is_in(before, rule.key):
            yield steps_of(rule.key if rule.to is None else rule.to), _Wanted("", rule.default, True)


def _rule(pair: DocumentPair, steps: Steps) -> DocumentKey | None:
    """The rule of this place: that of the longest key that means it."""
    meant = [it for it in pair.keys if it.key is not None and _stars(steps_of(it.key), steps) is not None]
    return max(meant, key=lambda it: len(steps_of(str(it.key))), default=None)


def _translated(rule: DocumentKey, it: _Wanted) -> _Wanted:
    if rule.constant is not None:
        return _Wanted(it.was, rule.constant, True)
    text = json.dumps(it.value) if isinstance(it.value, bool) else str(it.value)
    if text in rule.values:
        return _Wanted(it.was, rule.values[text], True)
    if rule.type == "boolean":
        truth = _TRUTHS.get(text.lower())
        return it if truth is None else _Wanted(it.was, truth, True)
    if rule.type is not None:
        try:
            return _Wanted(it.was, text if rule.type == "text" else _MADE[rule.type](text), True)
        except ValueError:
            return it
    return it


def _lost(wanted: dict[Steps, _Wanted], after: dict[Steps, Any]) -> Iterator[tuple[object, Finding]]:
    for steps, it in wanted.items():
        if steps in after or any(_stars(steps, place) is not None for place in after):
            continue
        now = pointer(steps)
        if not it.was:
            yield ("lacks", now), Finding("key is missing that the plan states", now, cut(_shown(it.value)), _ABSENT)
            continue
        table = it.was.rpartition("/")[0]
        gone = table and not any(place[: len(steps) - 1] == steps[:-1] for place in after)
        reason = f"the whole table {table} is gone" if gone else f"looked for at {now}" if now != it.was else ""
        key = ("gone", table) if gone else ("lost", it.was)
        yield key, Finding("key vanished", it.was, cut(_shown(it.value)), _ABSENT, reason)


def _differing(wanted: dict[Steps, _Wanted], after: dict[Steps, Any], typed: bool) -> Iterator[tuple[object, Finding]]:
    for steps, it in wanted.items():
        there = steps in after
        if not there and not any(_stars(steps, place) is not None for place in after):
            continue
        actual = after.get(steps, {})
        if not it.typed or not typed:
            if not plain_texts(it.value) & plain_texts(actual):
                yield ("value", steps), _finding("value changed", steps, it, actual, "")
        elif (old := _kind(it.value)) != (new := _kind(actual)):
            yield ("type", old, new), _finding("type changed", steps, it, actual, f"{old} became {new}")
        elif it.value != actual:
            reason = _accident(it.value, actual)
            yield ("value", reason or steps), _finding("value changed", steps, it, actual, reason)


def _finding(what: str, steps: Steps, it: _Wanted, actual: Any, reason: str) -> Finding:
    return Finding(what, it.was or pointer(steps), cut(_shown(it.value)), cut(_shown(actual)), reason)


def _accident(old: Any, new: Any) -> str:
    if isinstance(old, str) and isinstance(new, str):
        return accident_of(old.encode(errors="surrogatepass"), new.encode(errors="surrogatepass"))
    if isinstance(old, list) and sorted(map(_shown, old)) == sorted(map(_shown, new)):
        return "in another order"
    return ""


def _unstated(
    pair: DocumentPair, wanted: dict[Steps, _Wanted], after: dict[Steps, Any]
) -> Iterator[tuple[object, Finding]]:
    for it in pair.added:
        if not _any_is_in(after, it.key):
            yield ("added", it.key), Finding("key is missing that the plan adds", it.key, it.reason, _ABSENT)
    for steps, value in after.items():
        # What stands in a table that was empty is not stated by the table.
        stated = any(
            _stars(place, steps) is not None and (len(place) == len(steps) or it.value != {})
            for place, it in wanted.items()
        )
        if not stated and not any(_stars(steps_of(it.key), steps) is not None for it in pair.added):
            place = pointer(steps)
            yield ("new", steps[:-1]), Finding("key that nobody stated", place, _ABSENT, cut(_shown(value)))


def _kind(value: Any) -> str:
    if isinstance(value, list):
        kinds = sorted({_kind(item) for item in value})
        return f"list of {' and '.join(kinds)}" if kinds else "list"
    return _KINDS.get(type(value), "table")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
