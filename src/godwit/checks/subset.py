"""Whether an answer holds what a plan expects of it; typed, and silent about everything that is not expected."""

import json
from typing import Any

from godwit.checks.differences import cut
from godwit.checks.json_text import pointer
from godwit.verdict import Finding

ANYTHING = "*"


def holds(expect: Any, actual: Any, where: str = "") -> tuple[Finding, ...]:
    """What is missing from `actual` (plain JSON values) of all that `expect` asks for; nothing when it holds.

    Objects need the expected keys, lists the expected items in their order with others allowed between; an empty
    list expects an empty list. The string "*" expects any value but null. 1, 1.0, true and "1" are four values.

    >>> holds({"status": "healthy"}, {"status": "healthy", "tasks": 3})
    ()
    >>> holds({"tasks": 3}, {"tasks": "3"})[0].where
    '/tasks'
    """
    if isinstance(expect, str) and expect == ANYTHING:
        return () if actual is not None else (_finding("null", where, expect, actual),)
    if isinstance(expect, dict) and isinstance(actual, dict):
        return tuple(found for key, value in expect.items() for found in _member(key, value, actual, where))
    if isinstance(expect, list | tuple) and isinstance(actual, list):
        return _items(list(expect), actual, where)
    if isinstance(expect, tuple):
        expect = list(expect)
    if type(expect) is not type(actual):
        return (_finding("type", where, expect, actual),)
    return () if expect == actual else (_finding("value", where, expect, actual),)


def _member(key: str, expect: Any, actual: dict[str, Any], where: str) -> tuple[Finding, ...]:
    place = where + pointer([str(key)])
    if key not in actual:
        return (Finding("missing", place, _text(expect), "(absent)"),)
    return holds(expect, actual[key], place)


def _items(expect: list[Any], actual: list[Any], where: str) -> tuple[Finding, ...]:
    if not expect:
        return () if not actual else (_finding("list is not empty", where, expect, actual),)
    if len(expect) == len(actual):
        return tuple(
            found for index, value in enumerate(expect) for found in holds(value, actual[index], f"{where}/{index}")
        )
    start = 0
    for index, value in enumerate(expect):
        found = next((place for place in range(start, len(actual)) if not holds(value, actual[place])), None)
        if found is None:
            return (_finding("missing item", f"{where}/{index}", value, actual),)
        start = found + 1
    return ()


def _finding(what: str, where: str, expect: Any, actual: Any) -> Finding:
    return Finding(what, where, _text(expect), _text(actual), "what the plan expects against what was answered")


def _text(value: Any) -> str:
    return cut(json.dumps(value, ensure_ascii=False, default=str))
