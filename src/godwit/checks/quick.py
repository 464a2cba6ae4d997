"""Finds the parts in which two JSON bodies differ, quickly and without loss; says that it cannot where it would guess.

A body that orjson writes again as it stands (white space aside) holds nothing that orjson does not keep: no key twice,
no number in another spelling, none past 64 bits. Such bodies are walked as plain values; all others are left to the
exact walk. Python's `==` takes 1, 1.0 and True for equal, so the walk's result is proved: the baseline with every part
found replaced by the candidate's has to be the candidate's body, sign by sign.
"""

from collections import Counter
from collections.abc import Callable
from itertools import compress, count
from operator import eq, ne
from typing import Any

import orjson

from godwit.checks.json_text import Number
from godwit.checks.normalising import Place, Rules

_SORTED = orjson.OPT_SORT_KEYS
_SPACE = b" \n\r\t"
MISSING = object()
"""Stands for the value of a key that one side does not have."""


Part = tuple[tuple[str, ...], Any, Any]
"""The steps to a place, and the two values there that differ or that a rule has to see."""


class _UnclearError(ValueError):
    """Only the exact walk can tell."""


def parts_apart(one: bytes, other: bytes, rules: Rules, *, whole_order: bool = True) -> list[Part] | None:
    """The parts that differ or that hold ids; everything else is equal. None when only the exact walk can tell.

    With `whole_order` a list of the same items in another order is one part.
    """
    try:
        return _proved(one, other, rules, whole_order) if one != other else _ruled(one, rules)
    except (ValueError, RecursionError, orjson.JSONEncodeError):
        return None


def _ruled(body: bytes, rules: Rules) -> list[Part] | None:
    """What rules have to see although the bodies are equal."""
    tree = orjson.loads(body)
    if not _written_alike(tree, body):
        return None
    parts: list[Part] = []
    _ids_in((), rules.start, tree, parts)
    return _exact(parts)


def _ids_in(steps: tuple[str, ...], place: Place, value: Any, parts: list[Part]) -> None:
    """Note the values that are ids, and the lists without order that hold some; nothing else is looked at."""
    if "id" in place.kinds or "order" in place.kinds:
        parts.append((steps, value, value))
    elif type(value) is dict:
        for key in value if place.id_steps is None else place.id_steps:
            if key in value and (below := place.below(key)).has_ids:
                _ids_in((*steps, key), below, value[key], parts)
    elif type(value) is list:
        for index, item in enumerate(value):
            if (below := place.below(str(index))).has_ids:
                _ids_in((*steps, str(index)), below, item, parts)


def _proved(one: bytes, other: bytes, rules: Rules, whole_order: bool) -> list[Part] | None:
    left, right = orjson.loads(one), orjson.loads(other)
    if not _written_alike(left, one):
        return None
    parts: list[Part] = []
    if rules.start.leads:
        left = _Walk(eq, parts, rules, whole_order).step((), rules.start, left, right)
    else:
        left = _plain((), left, right, parts, whole_order)
    if _written_alike(left, other):
        return _exact(parts)
    if not _written_alike(right, other):
        return None
    # Keys in another order, or values that only Python takes for equal: walk again, with an eye for both.
    parts = []
    _Walk(_same, parts, rules, whole_order).step((), rules.start, orjson.loads(one), right)
    return _exact(parts)


def _written_alike(tree: Any, body: bytes) -> bool:
    """Whether orjson writes the tree as the body says it, white space aside (also within texts, which were read)."""
    text = orjson.dumps(tree)
    return text == body or text.translate(None, _SPACE) == body.translate(None, _SPACE)


def _exact(parts: list[Part]) -> list[Part]:
    return [(steps, exactly(one), exactly(other)) for steps, one, other in parts]


def _same(one: Any, other: Any) -> bool:
    return one == other and orjson.dumps(one) == orjson.dumps(other)


class _Walk:
    """Descends into two plain trees, and makes the first one into the second wherever it noted a part."""

    def __init__(self, same: Callable[[Any, Any], bool], parts: list[Part], rules: Rules, whole_order: bool) -> None:
        self._same = same
        self._parts = parts
        self._rules = rules
        self._whole_order = whole_order

    def step(self, steps: tuple[str, ...], place: Place, one: Any, other: Any) -> Any:
        """Note the parts at and below a place; gives what the first value became."""
        if not place.leads and self._same is eq:
            return _plain(steps, one, other, self._parts, self._whole_order)
        if not place.kinds and type(one) is type(other):
            if type(one) is dict:
                return self._object(steps, place, one, other)
            if type(one) is list and len(one) == len(other):
                return self._list(steps, place, one, other)
            if self._same(one, other):
                return one
        self._parts.append((steps, one, other))
        return other

    def _object(
        self, steps: tuple[str, ...], place: Place, one: dict[str, Any], other: dict[str, Any]
    ) -> dict[str, Any]:
        same, ruled = self._same, place.leads
        below = place
        for key, value in one.items():
            theirs = other.get(key, MISSING)
            if ruled:
                below = place.below(key)
            if below.has_ids or not same(value, theirs):
                if theirs is MISSING:
                    self._parts.append(((*steps, key), value, MISSING))
                else:
                    one[key] = self.step((*steps, key), below, value, theirs)
        if one.keys() == other.keys():
            return one
        self._parts += [((*steps, key), MISSING, other[key]) for key in other if key not in one]
        return {key: one.get(key, value) for key, value in other.items()}

    def _list(self, steps: tuple[str, ...], place: Place, one: list[Any], other: list[Any]) -> list[Any]:
        same, ruled, parts = self._same, place.leads, self._parts
        below = place
        apart = 0
        for index, theirs in enumerate(other):
            if ruled:
                below = place.below(str(index))
            if below.has_ids or not same(one[index], theirs):
                noted = len(parts)
                one[index] = self.step((*steps, str(index)), below, one[index], theirs)
                apart += self._whole_order and not all(map(self._alike, parts[noted:]))
        if apart > 1:
            raise _UnclearError  # the items may only have changed places, and have been made alike by now
        return one

    def _alike(self, part: Part) -> bool:
        """Whether no more than what rules let through is different."""
        steps, one, other = part
        if type(one) is str and one == other:
            return True
        if one is MISSING or other is MISSING:
            return False
        likeness = self._rules.likeness
        return bool(likeness(exactly(one), steps) == likeness(exactly(other), steps))


def _plain(steps: tuple[str, ...], one: Any, other: Any, parts: list[Part], whole_order: bool) -> Any:
    """The same walk where no rule leads and Python's `==` is enough."""
    kind = type(one)
    if kind is not type(other) or (kind is not dict and kind is not list) or len(one) != len(other):
        return _plain_unlike(steps, one, other, parts, whole_order)
    if kind is list:
        return _plain_list(steps, one, other, parts, whole_order)
    try:
        for key, theirs in other.items():
            mine = one[key]
            if type(mine) is type(theirs) is list and len(mine) == len(theirs):
                # Its items are compared there; comparing the list first would look at most of them twice.
                one[key] = _plain_list((*steps, key), mine, theirs, parts, whole_order)
            elif mine != theirs:
                one[key] = _plain((*steps, key), mine, theirs, parts, whole_order)
    except KeyError:
        return _plain_unlike(steps, one, other, parts, whole_order)
    return one


def _plain_list(steps: tuple[str, ...], one: Any, other: Any, parts: list[Part], whole_order: bool) -> Any:
    apart = list(compress(count(), map(ne, one, other)))
    if whole_order and len(apart) > 1:
        texts = (Counter(orjson.dumps(items[index], option=_SORTED) for index in apart) for items in (one, other))
        if next(texts) == next(texts):
            parts.append((steps, one, other))
            return other
    for index in apart:
        one[index] = _plain((*steps, str(index)), one[index], other[index], parts, whole_order)
    return one


def _plain_unlike(steps: tuple[str, ...], one: Any, other: Any, parts: list[Part], whole_order: bool) -> Any:
    """Two values of unlike kinds, two scalars, two lists of unlike length or two objects with unlike keys."""
    if type(one) is not dict or type(other) is not dict:
        parts.append((steps, one, other))
        return other
    for key, mine in one.items():
        if key not in other:
            parts.append(((*steps, key), mine, MISSING))
        elif mine != other[key]:
            one[key] = _plain((*steps, key), mine, other[key], parts, whole_order)
    parts += [((*steps, key), MISSING, theirs) for key, theirs in other.items() if key not in one]
    return {key: one.get(key, theirs) for key, theirs in other.items()}


def exactly(value: Any) -> Any:
    """A plain value in the form of `parse_json`; numbers stand as orjson writes them."""
    kind = type(value)
    if kind is str:
        return value
    if kind is int:
        return Number(str(value))
    if kind is float:
        return Number(orjson.dumps(value).decode())
    if kind is list:
        return [exactly(item) for item in value]
    if kind is dict:
        return {key: exactly(item) for key, item in value.items()}
    return value
