"""Walks two answers side by side, notes each place where they differ, and matches the ids each side made one to one."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from godwit.checks.headers import Apart, headers_apart
from godwit.checks.json_text import Number, doubled_keys, kind_of, parse_json, shown
from godwit.checks.normalising import Rules, id_shape, timestamp_format
from godwit.checks.pairing import Pair, paired_in_any_order, paired_in_order
from godwit.checks.quick import MISSING, parts_apart
from godwit.plan import Normaliser
from godwit.verdict import Answer

_ABSENT = "(absent)"


class Difference(NamedTuple):
    """One place where two answers differ; `steps` lead to it."""

    what: str
    steps: tuple[str, ...]
    baseline: str
    candidate: str
    reason: str = ""


class Ids:
    """Which id of the candidate stands for which of the baseline, over a whole sequence of answers."""

    def __init__(self) -> None:
        self._forward: dict[str, str] = {}
        self._backward: dict[str, str] = {}

    def meet(self, baseline: str, candidate: str) -> str:
        """Note that two ids stand at one place; returns why they cannot, or nothing."""
        known, owner = self._forward.get(baseline), self._backward.get(candidate)
        if known == candidate and owner == baseline:
            return ""
        if known is None and owner is None:
            self._forward[baseline], self._backward[candidate] = candidate, baseline
            return ""
        if known is not None and known != candidate:
            return f"{baseline} was {known} before"
        return f"{candidate} stood for {owner} before" if owner != baseline else ""

    def translated(self, text: str) -> str:
        """A text of the baseline with each known id written as the candidate's."""
        known = [found for found in self._forward if found in text] if self._forward else ()
        if not known:
            return text
        known = sorted(known, key=len, reverse=True)
        # One pass with whole words only: neither half an id nor an id that was just written may be replaced.
        pattern = r"(?<![A-Za-z0-9])(?:" + "|".join(map(re.escape, known)) + r")(?![A-Za-z0-9])"
        return re.sub(pattern, lambda match: self._forward[match[0]], text)


class BodyComparison:
    """The comparison of a whole sequence: feed it pair by pair, then ask for the differences.

    Strings that differ are settled at the end, because the id that explains them may only be met later. `fired` counts
    the differences that each rule let through.
    """

    def __init__(self, rules: Rules, *, whole_order: bool = True) -> None:
        self._rules = rules
        self._whole_order = whole_order
        self.fired: dict[str, int] = {}
        self._ids = Ids()
        self._noted: list[Difference] = []
        self._unsettled: list[tuple[Difference, str, str]] = []
        self._prefix: tuple[str, ...] = ()

    def note(self, difference: Difference) -> None:
        """Add a difference that was seen elsewhere."""
        self._noted.append(difference)

    def differences(self) -> list[Difference]:
        """All differences that no normaliser and no matched id explains."""
        strings = [difference for difference, one, other in self._unsettled if self._ids.translated(one) != other]
        return self._noted + strings

    def headers(self, prefix: tuple[str, ...], names: Sequence[str], baseline: Answer, candidate: Answer) -> None:
        """Compare the named headers by what they say; ids in them are matched like those of bodies."""
        if baseline.headers == candidate.headers and not self._rules.has_ids:
            return
        wanted = [name.lower() for name in names]
        ones, others = _by_name(baseline, wanted), _by_name(candidate, wanted)
        for name in wanted:
            one, other = ones.get(name, ()), others.get(name, ())
            if one != other or name in ("etag", "set-cookie"):
                for apart in headers_apart(name, one, other):
                    self._apart(prefix, apart)

    def _apart(self, prefix: tuple[str, ...], apart: Apart) -> None:
        what, reason = apart.what, apart.reason
        if apart.how == "id":
            reason = self._ids.meet(apart.one, apart.other)
            what = f"{what} of another thing"
        difference = Difference(what, (*prefix, *apart.steps), apart.baseline, apart.candidate, reason)
        if apart.how == "text":
            self._unsettled.append((difference, apart.one, apart.other))
        elif apart.how == "exact" or reason:
            self._noted.append(difference)

    def bodies(self, prefix: tuple[str, ...], baseline: Answer, candidate: Answer) -> None:
        """Compare two bodies: as JSON when both are, otherwise byte by byte."""
        self._prefix = prefix
        if baseline.body == candidate.body and not self._rules.has_ids:
            return
        parts = None
        if _both_json(baseline, candidate):
            parts = parts_apart(baseline.body, candidate.body, self._rules, whole_order=self._whole_order)
        if parts is None:
            self._exactly(baseline, candidate)
            return
        for steps, one, other in parts:
            if other is MISSING:
                self._differ("missing", steps, shown(one), _ABSENT)
            elif one is MISSING:
                self._differ("extra", steps, _ABSENT, shown(other))
            elif self._rules.start.leads:
                self._value(steps, one, other)
            else:
                self._unruled(steps, one, other, None)

    def _exactly(self, baseline: Answer, candidate: Answer) -> None:
        one, other = read_body(baseline), read_body(candidate)
        noted, unsettled = len(self._noted), len(self._unsettled)
        try:
            if one is not None and other is not None:
                self._value((), one[0], other[0])
                return
        except RecursionError:  # readable, but nested too deeply to be walked
            del self._noted[noted:], self._unsettled[unsettled:]
        self._bytes(baseline.body, candidate.body, one is not None, other is not None)

    def _bytes(self, one: bytes, other: bytes, one_is_json: bool, other_is_json: bool) -> None:
        if one == other:
            return
        size = min(len(one), len(other))
        at = next((index for index in range(size) if one[index] != other[index]), size)
        what = "body is JSON on one side only" if one_is_json != other_is_json else f"body from byte {at}"
        self._differ(what, (), _excerpt(one, at), _excerpt(other, at))

    def _differ(self, what: str, steps: tuple[str, ...], one: str, other: str, reason: str = "") -> None:
        self._noted.append(Difference(what, self._prefix + steps, one, other, reason))

    def _value(self, steps: tuple[str, ...], one: Any, other: Any) -> None:
        rules, noted = self._rules.at(steps), len(self._noted)
        kind = ""
        if not rules:
            self._unruled(steps, one, other, None)
        elif "id" in rules and isinstance(one, str | Number) and isinstance(other, str | Number):
            kind = "id"
            self._id(steps, one, other)
        elif "timestamp" in rules and one is not None and other is not None:
            kind = "timestamp"
            self._timestamp(steps, one, other)
        elif "number" in rules and isinstance(one, Number) and isinstance(other, Number):
            kind = "number"
            self._number(steps, one, other, rules["number"].tolerance or 0.0)
        else:
            self._unruled(steps, one, other, rules.get("order"))
        if kind and one != other and len(self._noted) == noted:
            self._fire(rules[kind])

    def _fire(self, rule: Normaliser) -> None:
        self.fired[rule.name] = self.fired.get(rule.name, 0) + 1

    def _unruled(self, steps: tuple[str, ...], one: Any, other: Any, order: Normaliser | None) -> None:
        kinds = kind_of(one), kind_of(other)
        if kinds[0] != kinds[1]:
            self._differ("type", steps, shown(one), shown(other), f"{kinds[0]} became {kinds[1]}")
        elif isinstance(one, list):
            self._list(steps, one, other, order)
        elif isinstance(one, dict):
            self._object(steps, one, other)
        elif one != other:
            self._scalar(steps, one, other)

    def _scalar(self, steps: tuple[str, ...], one: Any, other: Any) -> None:
        same = isinstance(one, Number) and one.value == other.value
        what = "number written differently" if same else "value"
        difference = Difference(what, self._prefix + steps, shown(one), shown(other))
        if isinstance(one, str):
            self._unsettled.append((difference, one, other))
        else:
            self._noted.append(difference)

    def _id(self, steps: tuple[str, ...], one: Any, other: Any) -> None:
        if one == other and id_shape(one):
            shapes: tuple[object, object] = ("equal", "equal")
        else:
            shapes = id_shape(one), id_shape(other)
        if kind_of(one) != kind_of(other) or None in shapes or shapes[0] != shapes[1]:
            if one != other:
                self._differ("shape of an id", steps, shown(one), shown(other))
            return
        texts = [value.lexeme if isinstance(value, Number) else value for value in (one, other)]
        if trouble := self._ids.meet(texts[0], texts[1]):
            self._differ("id of another thing", steps, shown(one), shown(other), trouble)

    def _timestamp(self, steps: tuple[str, ...], one: Any, other: Any) -> None:
        formats = timestamp_format(one), timestamp_format(other)
        if one != other and (None in formats or formats[0] != formats[1]):
            self._differ("format of a timestamp", steps, shown(one), shown(other))

    def _number(self, steps: tuple[str, ...], one: Number, other: Number, tolerance: float) -> None:
        if one == other:
            return
        finite = one.value.is_finite() and other.value.is_finite()
        if not finite or abs(one.value - other.value) > Number(repr(tolerance)).value:
            self._differ("number", steps, shown(one), shown(other), f"tolerance {tolerance:g}")

    def _object(self, steps: tuple[str, ...], one: dict[str, Any], other: dict[str, Any]) -> None:
        for key in dict.fromkeys([*one, *other]):
            place = (*steps, key)
            if key not in other:
                self._differ("missing", place, shown(one[key]), _ABSENT)
            elif key not in one:
                self._differ("extra", place, _ABSENT, shown(other[key]))
            else:
                self._value(place, one[key], other[key])
        doubles = doubled_keys(one), doubled_keys(other)
        for key in sorted({*doubles[0], *doubles[1]}):
            values = [
                found.get(key, [side[key]] if key in side else [])
                for found, side in zip(doubles, (one, other), strict=True)
            ]
            if values[0] != values[1]:
                self._differ("key that comes twice", (*steps, key), shown(values[0]), shown(values[1]))

    def _list(self, steps: tuple[str, ...], one: Sequence[Any], other: Sequence[Any], order: Normaliser | None) -> None:
        any_order = order is not None
        if not any_order and (moved := self._moved(steps, one, other)):
            first = f"the same items in another order, from item {moved[0]}"
            self._differ("order", steps, shown(one[moved[0]]), shown(other[moved[0]]), first)
            any_order = True
        if len(one) == len(other) and not any_order:
            pairs: list[Pair] = [(index, index) for index in range(len(one))]
        else:
            pairs = self._paired(steps, one, other, any_order)
        if order and any(left != right and None not in (left, right) for left, right in pairs):
            self._fire(order)
        for left, right in pairs:
            if right is None and left is not None:
                self._differ("missing", (*steps, str(left)), shown(one[left]), _ABSENT)
            elif left is None and right is not None:
                self._differ("extra", (*steps, str(right)), _ABSENT, shown(other[right]))
            elif left is not None and right is not None:
                self._value((*steps, str(left)), one[left], other[right])

    def _moved(self, steps: tuple[str, ...], one: Sequence[Any], other: Sequence[Any]) -> list[int]:
        """The places with another item, if both lists hold the same ones; none if they do not."""
        if len(one) != len(other) or not self._whole_order:
            return []
        moved = [index for index in range(len(one)) if one[index] != other[index]]
        alike = [
            [self._rules.likeness(items[index], (*steps, str(index))) for index in moved] for items in (one, other)
        ]
        return moved if alike[0] != alike[1] and Counter(alike[0]) == Counter(alike[1]) else []

    def _paired(self, steps: tuple[str, ...], one: Sequence[Any], other: Sequence[Any], any_order: bool) -> list[Pair]:
        alike = [
            [self._rules.likeness(item, (*steps, str(index))) for index, item in enumerate(items)]
            for items in (one, other)
        ]
        if not any_order:
            return list(paired_in_order(alike[0], alike[1]))
        texts = [self._ids.translated(shown(item)) for item in one], [shown(item) for item in other]
        return list(paired_in_any_order(alike[0], alike[1], *texts))


def read_body(answer: Answer) -> list[Any] | None:
    """The body as JSON in a list of one, or None when it is no JSON or says that it is something else."""
    if not _says_json(answer):
        return None
    try:
        return [parse_json(answer.body)]
    except ValueError:
        return None


def _says_json(answer: Answer) -> bool:
    return _names_json(answer.header("content-type") or "json")


@lru_cache(maxsize=256)
def _names_json(content_type: str) -> bool:
    return "json" in content_type.partition(";")[0].lower()


def _both_json(baseline: Answer, candidate: Answer) -> bool:
    return _says_json(baseline) and _says_json(candidate)


def _excerpt(body: bytes, at: int) -> str:
    return body[max(0, at - 20) : at + 60].decode("utf-8", "backslashreplace") if body else "(empty)"


def _by_name(answer: Answer, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in answer.headers:
        if name in names:
            found[name] = (*found.get(name, ()), value)
    return found
