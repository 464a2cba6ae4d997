"""Where two right answers may differ: places with wildcards, shapes of ids, formats of timestamps; hides nothing else."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from godwit.checks.json_text import Number, doubled_keys, kind_of, steps_of
from godwit.plan import Normaliser

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_PREFIXED = re.compile(r"([A-Za-z]{1,24}[-_:.])?(.*)", re.DOTALL)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:([T ])\d\d:\d\d(:\d\d)?(?:([.,])(\d+))?(?:(Z)|([+-]\d\d:?\d\d))?)?")
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")


def matches(pattern: Sequence[str], steps: Sequence[str]) -> bool:
    """Whether a pattern's steps mean this place: `*` is any one step, `**` any number of steps, none included."""
    if not pattern:
        return not steps
    if pattern[0] == "**":
        return any(matches(pattern[1:], steps[skipped:]) for skipped in range(len(steps) + 1))
    return bool(steps) and pattern[0] in ("*", steps[0]) and matches(pattern[1:], steps[1:])


class Place:
    """What the rules say at one place, and where they lead from there; made once for all places alike."""

    __slots__ = ("_below", "_patterns", "_rules", "has_ids", "id_steps", "kinds", "leads")

    def __init__(self, rules: "Rules", patterns: frozenset[tuple[int, int]]) -> None:
        self._rules = rules
        self._patterns = patterns
        self._below: dict[str, Place] = {}
        self.leads = bool(patterns)
        self.kinds = rules.kinds(patterns)
        to_ids = [(rules.patterns[rule][1], index) for rule, index in patterns if rules.patterns[rule][0].kind == "id"]
        words = {steps[index] for steps, index in to_ids if index < len(steps)}
        self.has_ids = bool(to_ids)
        # The only steps that lead to ids; None when any may.
        self.id_steps = None if words & {"*", "**"} else tuple(sorted(words))

    def below(self, step: str) -> "Place":
        """The place one step further down."""
        known = self._below.get(step)
        if known is None:
            known = self._below[step] = self._rules.place(_advanced(self._rules.patterns, self._patterns, step))
        return known


def _advanced(
    patterns: Sequence[tuple[Normaliser, tuple[str, ...]]], at: frozenset[tuple[int, int]], step: str
) -> frozenset[tuple[int, int]]:
    """Which patterns are how far after one more step. `**` stays where it is, or has matched nothing."""
    found: set[tuple[int, int]] = set()
    for rule, index in at:
        words = patterns[rule][1]
        if index < len(words) and words[index] == "**":
            found.add((rule, index))
        elif index < len(words) and words[index] in ("*", step):
            found.add((rule, index + 1))
    return _skipping(patterns, found)


def _skipping(
    patterns: Sequence[tuple[Normaliser, tuple[str, ...]]], at: set[tuple[int, int]]
) -> frozenset[tuple[int, int]]:
    every = set(at)
    for rule, index in at:
        words = patterns[rule][1]
        while index < len(words) and words[index] == "**":
            index += 1
            every.add((rule, index))
    return frozenset(every)


class Rules:
    """The normalisers of a comparison, asked by place within a body."""

    def __init__(self, normalisers: Sequence[Normaliser]) -> None:
        self.patterns = [(rule, steps_of(rule.at)) for rule in normalisers]
        self.has_ids = any(rule.kind == "id" for rule in normalisers)
        self._places: dict[frozenset[tuple[int, int]], Place] = {}
        self.start = self.place(_skipping(self.patterns, {(rule, 0) for rule in range(len(self.patterns))}))

    def kinds(self, at: frozenset[tuple[int, int]]) -> dict[str, Normaliser]:
        """The rules, by kind, whose patterns are matched whole."""
        whole = sorted(rule for rule, index in at if index == len(self.patterns[rule][1]))
        return {self.patterns[rule][0].kind: self.patterns[rule][0] for rule in whole}

    def place(self, patterns: frozenset[tuple[int, int]]) -> Place:
        """The place that all paths to these patterns share."""
        if patterns not in self._places:
            self._places[patterns] = Place(self, patterns)
        return self._places[patterns]

    def at(self, steps: tuple[str, ...]) -> dict[str, Normaliser]:
        """The rules for this place by kind."""
        place = self.start
        for step in steps:
            if not place.leads:
                break
            place = place.below(step)
        return place.kinds

    def likeness(self, value: Any, steps: tuple[str, ...]) -> Any:
        """A hashable form in which two values are equal when no rule tells them apart (ids only by shape)."""
        rules = self.at(steps)
        if "id" in rules and isinstance(value, str | Number):
            return ("id", id_shape(value))
        if "timestamp" in rules and (found := timestamp_format(value)):
            return ("timestamp", found)
        if "number" in rules and isinstance(value, Number):
            return ("number",)
        if isinstance(value, list):
            items = [self.likeness(item, (*steps, str(index))) for index, item in enumerate(value)]
            return ("array", tuple(sorted(items, key=repr) if "order" in rules else items))
        if isinstance(value, dict):
            members = tuple((key, self.likeness(value[key], (*steps, key))) for key in sorted(value))
            return ("object", members, tuple((key, repr(found)) for key, found in sorted(doubled_keys(value).items())))
        return (kind_of(value), value.lexeme if isinstance(value, Number) else value)


_NO_RULES = Rules(())


def compiled(normalisers: Sequence[Normaliser]) -> Rules:
    """The rules of these normalisers; the one without any is shared."""
    return Rules(normalisers) if normalisers else _NO_RULES


def id_shape(value: Any) -> tuple[str, ...] | None:
    """The shape of an id: its prefix and the class of its length; None when it is no id.

    >>> id_shape("task-17") == id_shape("task-20431")
    True
    >>> id_shape("task-17") == id_shape("17")
    False
    """
    if isinstance(value, Number):
        return ("integer",) if value.whole else None
    if not isinstance(value, str) or not value:
        return None
    return _text_shape(value)


@lru_cache(maxsize=4096)
def _text_shape(value: str) -> tuple[str, ...]:
    if _UUID.fullmatch(value):
        return ("uuid",)
    match = _PREFIXED.fullmatch(value)
    prefix, rest = (match[1] or "", match[2]) if match else ("", value)
    if _UUID.fullmatch(rest):
        return (prefix, "uuid")
    return (prefix, "", _length_class(rest))


def _length_class(text: str) -> str:
    # Counters grow: "9" and "10000" are ids of one kind, while a short code and a 64 digit hash are not.
    return "up to 8" if len(text) <= 8 else f"up to {2 ** (len(text) - 1).bit_length()}"


def timestamp_format(value: Any) -> tuple[str, ...] | None:
    """How a timestamp is written: separator, seconds, coarse or fine fraction, offset; None when it is none."""
    if isinstance(value, Number):
        digits = len(str(abs(int(value.value)))) if value.value.is_finite() else 0
        unit = {9: "s", 10: "s", 12: "ms", 13: "ms", 15: "us", 16: "us", 18: "ns", 19: "ns"}.get(digits)
        return ("epoch", unit, kind_of(value)) if unit else None
    if not isinstance(value, str):
        return None
    if _HTTP_DATE.fullmatch(value):
        return ("http-date",)
    match = _ISO.fullmatch(value)
    if match is None:
        return None
    fraction = "" if match[4] is None else match[3] + ("milli" if len(match[4]) <= 3 else "micro")
    offset = "Z" if match[5] else ("numeric" if match[6] else "none")
    return ("iso", match[1] or "date", "seconds" if match[2] else "", fraction, offset)
