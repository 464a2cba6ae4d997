"""Puts placeholders in the place of a recording's secrets, the same for the same secret; forgets what stood there."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from godwit.plan import PRIVATE_NAME
from godwit.verdict import PLACEHOLDER

_SECRET_HEADERS = re.compile(r"authorization|proxy-authorization|.*(api-?key|token|secret|csrf).*", re.IGNORECASE)
_SECRET_KEYS = re.compile(rf'"{PRIVATE_NAME}"\s*:\s*"((?:[^"\\]|\\.)+)"', re.IGNORECASE)
_SECRET_FIELDS = re.compile(rf"(?:^|[?&]){PRIVATE_NAME}=([^&\s]+)", re.IGNORECASE)
_SHORTEST = 4


def masked_lines(lines: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The lines of a recording with each secret replaced wherever it stands, and how many secrets there were.

    A secret is what a header for it holds (Authorization, Cookie, Set-Cookie, API keys), or a value in a body or a query
    whose name says so. Cookies keep their names and attributes, Authorization its scheme, so that what a side makes anew
    when the recording is replayed can stand in their place.
    """
    kept = list(lines)
    secrets = list(dict.fromkeys(secret for line in kept for secret in _secrets(line) if len(secret) >= _SHORTEST))
    names = {secret: f"{PLACEHOLDER}{number}" for number, secret in enumerate(secrets, 1)}
    if not names:
        return kept, 0
    pattern = re.compile("|".join(re.escape(secret) for secret in sorted(names, key=len, reverse=True)))

    def hide(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda match: names[match[0]], value)
        return [hide(item) for item in value] if isinstance(value, list) else value

    return [{word: hide(value) for word, value in line.items()} for line in kept], len(names)


def _secrets(line: dict[str, Any]) -> Iterator[str]:
    for name, value in [*line["headers"], *line["response_headers"]]:
        if name.lower() == "cookie":
            yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
        elif name.lower() == "set-cookie":
            yield value.partition(";")[0].partition("=")[2].strip()
        elif _SECRET_HEADERS.fullmatch(name):
            yield value.rpartition(" ")[2]
    for body in (line.get("body", ""), line.get("response_body", "")):
        yield from _SECRET_KEYS.findall(body)
        yield from _SECRET_FIELDS.findall(body)
    yield from _SECRET_FIELDS.findall(line["path"])
