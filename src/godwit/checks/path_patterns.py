"""Which paths below a folder a pattern means; it looks at no file."""

import re
from collections.abc import Iterable
from functools import lru_cache


def means(pattern: str, path: str) -> bool:
    """Whether a pattern means a path, or a folder around it.

    `*` and `?` stay within one step, `**` is any number of steps, `[ab]` one of these signs.

    >>> [means("logs/*.log", path) for path in ("logs/a.log", "logs/b/a.log", "a.log")]
    [True, False, False]
    >>> [means("**/state", path) for path in ("state", "a/b/state/c.json", "a/states")]
    [True, True, False]
    """
    return _compiled(pattern.strip("/")).fullmatch(path) is not None


def first_of(patterns: Iterable[str], path: str) -> str | None:
    """The first of the patterns that means a path."""
    return next((pattern for pattern in patterns if means(pattern, path)), None)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    steps = pattern.split("/")
    parts = []
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if step == "**":
            parts.append(".+" if last else "(?:[^/]+/)*")
        else:
            parts.append(_step(step) + ("" if last else "/"))
    return re.compile("".join(parts) + "(?:/.*)?", re.DOTALL)


def _step(step: str) -> str:
    """One step of a pattern as a regular expression."""
    found, place = "", 0
    while place < len(step):
        sign = step[place]
        end = step.find("]", place + 2) if sign == "[" else -1
        if end > 0:
            inner = step[place + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            found += f"[{'^' + inner[1:] if inner[0] in '!^' else inner}]"
            place = end
        else:
            found += {"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign))
        place += 1
    return found
