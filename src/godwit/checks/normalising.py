"""Where two right answers may differ: places with wildcards, shapes of ids, formats of timestamps; hides nothing else."""

import re
from collections.abc import Sequence
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


class Rules:
    """The normalisers of a comparison, asked by place within a body."""

    def __init__(self, normalisers: Sequence[Normaliser]) -> None:
        self._rules = [(rule, steps_of(rule.at)) for rule in normalisers]
        self._known: dict[tuple[str, ...], dict[str, Normaliser]] = {}
        self.has_ids = any(rule.kind == "id" for rule in normalisers)

    def at(self, steps: tuple[str, ...]) -> dict[str, Normaliser]:
        """The rules for this place by kind."""
        if steps not in self._known:
            self._known[steps] = {rule.kind: rule for rule, pattern in self._rules if matches(pattern, steps)}
        return self._known[steps]

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
