"""Compares single headers by what they mean to clients: directives, sets, relations, cookies; matches no ids itself."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from godwit.checks.normalising import id_shape, timestamp_format

ABSENT = "(absent)"
_PART = re.compile(r"""(?:[^,"]|"(?:\\.|[^"\\])*"?)+""")
_LINK = re.compile(r"""<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^",;\s]*))*)""")
_REL = re.compile(r""";\s*rel\s*=\s*(?:"([^"]*)"|([^",;\s]*))""", re.IGNORECASE)
_SCHEME = re.compile(r"\s*([A-Za-z][\w-]*)(?:\s+\S|\s*$)")


@dataclass(frozen=True, slots=True)
class Apart:
    """A place in a header where two sides differ, and whether ids may explain it.

    `exact`: nothing may; `text`: `one` and `other` are equal once known ids are translated; `id`: they are ids
    themselves, which each side makes, and stand for each other from here on.
    """

    steps: tuple[str, ...]
    what: str
    baseline: str
    candidate: str
    how: Literal["exact", "text", "id"] = "exact"
    reason: str = ""
    one: str = ""
    other: str = ""


def headers_apart(name: str, ones: Sequence[str], others: Sequence[str]) -> Iterator[Apart]:
    """Compare all values of one header, whose name is in lower case; equal ids are told as well, so that they are met."""
    if name == "set-cookie":
        yield from _cookies_apart(ones, others)
        return
    one, other = (", ".join(values) for values in (ones, others))
    plain = Apart(("@headers", name), f"header {name}", one if ones else ABSENT, other if others else ABSENT)
    if bool(ones) != bool(others):
        yield plain
    elif name == "etag":
        yield from _etags_apart(plain)
    elif one == other:
        return
    elif name == "link":
        yield from _links_apart(plain)
    elif name in _MEANINGS:
        if _MEANINGS[name](one) != _MEANINGS[name](other):
            yield plain
    else:
        local = _without_host if name == "location" else str.strip
        yield Apart(plain.steps, plain.what, one, other, "text", one=local(one), other=local(other))


def header_values(headers: Sequence[tuple[str, str]], steps: Sequence[str]) -> list[str]:
    """What stands at a place that a comparison named, such as `@headers/etag` or `@cookies/session/path`; none if nothing."""
    if steps[0] == "@headers":
        values = [value for name, value in headers if name == steps[1]]
        return [", ".join(values)] if values else []
    cookies = _cookies([value for name, value in headers if name == "set-cookie"])
    cookie = cookies.get(steps[1])
    attribute = steps[2] if len(steps) > 2 else "value"
    return [] if cookie is None or attribute not in cookie else [cookie[attribute]]


def _etags_apart(plain: Apart) -> Iterator[Apart]:
    one, other = plain.baseline.strip(), plain.candidate.strip()
    if one.startswith("W/") != other.startswith("W/"):
        strength = ["weak" if tag.startswith("W/") else "strong" for tag in (one, other)]
        yield Apart(plain.steps, plain.what, one, other, reason=f"{strength[0]} became {strength[1]}")
    elif (one.endswith('"') and len(one) > 3) != (other.endswith('"') and len(other) > 3):
        yield Apart(plain.steps, plain.what, one, other, reason="not in quotes on one side")
    else:
        yield Apart(plain.steps, plain.what, one, other, "id", one=one, other=other)


def _links_apart(plain: Apart) -> Iterator[Apart]:
    ones, others = _links(plain.baseline), _links(plain.candidate)
    for rel in sorted({*ones, *others}):
        told = ones.get(rel, ABSENT), others.get(rel, ABSENT)
        if rel not in ones or rel not in others:
            yield Apart(plain.steps, plain.what, told[0], told[1], reason=f"relation {rel}")
        elif told[0] != told[1]:
            yield Apart(plain.steps, plain.what, told[0], told[1], "text", f"relation {rel}", told[0], told[1])
    if not ones and not others:
        yield Apart(plain.steps, plain.what, plain.baseline, plain.candidate)


def _links(text: str) -> dict[str, str]:
    """Targets by relation; several targets of one relation together."""
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(text):
        rels = _REL.search(parameters)
        for rel in ((rels[1] or rels[2]) if rels else "(none)").lower().split():
            found[rel] = " ".join(filter(None, (found.get(rel), _without_host(target))))
    return found


def _cookies_apart(ones: Sequence[str], others: Sequence[str]) -> Iterator[Apart]:
    baseline, candidate = _cookies(ones), _cookies(others)
    for name in sorted({*baseline, *candidate}):
        one, other = baseline.get(name), candidate.get(name)
        if one is None or other is None:
            told = [ABSENT if cookie is None else f"{name}={cookie['value']}" for cookie in (one, other)]
            yield Apart(("@cookies", name), "cookie", told[0], told[1])
            continue
        yield from _cookie_value_apart(name, one["value"], other["value"])
        for attribute in sorted({*one, *other} - {"value"}):
            told = [cookie.get(attribute, ABSENT) for cookie in (one, other)]
            dated = attribute == "expires" and ABSENT not in told
            if (timestamp_format(told[0]) != timestamp_format(told[1])) if dated else told[0] != told[1]:
                shown = [text or "(set)" for text in told]
                yield Apart(("@cookies", name, attribute), "attribute of a cookie", shown[0], shown[1])


def _cookie_value_apart(name: str, one: str, other: str) -> Iterator[Apart]:
    """Values that look made are ids; words such as `dark` are words."""
    steps, what = ("@cookies", name), "cookie"
    made = all(len(text) >= 8 and re.search(r"\d", text) for text in (one, other))
    if made and bool(id_shape(one)) and _family(one) == _family(other):
        yield Apart(steps, what, one, other, "id", one=one, other=other)
    elif one != other:
        yield Apart(steps, what, one, other, "text", one=one, other=other)


def _family(text: str) -> tuple[str, ...]:
    """The shape of an id without its length; signed cookies vary in it."""
    return (id_shape(text) or ())[:2]


def _cookies(values: Sequence[str]) -> dict[str, dict[str, str]]:
    """Attributes by name of the cookie, in lower case and with its value as `value`; of two alike the last one counts."""
    found = {}
    for text in values:
        pair, *attributes = text.split(";")
        name, _, value = (part.strip() for part in pair.partition("="))
        cookie = {"value": value}
        for attribute in attributes:
            key, _, said = (part.strip() for part in attribute.partition("="))
            if key:
                cookie[key.lower()] = said.lower() if key.lower() in ("samesite", "domain") else said
        found[name] = cookie
    return found


def _parts(text: str) -> list[str]:
    """The members of a list, commas in quotes apart."""
    return [part.strip() for part in _PART.findall(text) if part.strip()]


def _words(text: str) -> frozenset[str]:
    return frozenset(part.lower() for part in _parts(text))


def _content_type(text: str) -> Any:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    return media, sorted(part.replace('"', "").replace(" ", "") for part in parameters if part)


def _directives(text: str) -> frozenset[str]:
    pairs = (part.partition("=") for part in _parts(text))
    return frozenset(f"{name.strip().lower()}={value.strip().strip(chr(34)).lower()}" for name, _, value in pairs)


def _retry_after(text: str) -> str:
    return text.strip() if text.strip().isdigit() else str(timestamp_format(text.strip()) or text)


def _schemes(text: str) -> list[str]:
    return sorted({match[1].lower() for part in _parts(text) if (match := _SCHEME.match(part))})


def _without_host(text: str) -> str:
    """A reference without scheme, host and port where these are of this machine, since each side has its own."""
    try:
        parts = urlsplit(text.strip())
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    except ValueError:
        return text
    return urlunsplit(parts._replace(scheme="", netloc="")) if local else text.strip()


_MEANINGS: Mapping[str, Callable[[str], Any]] = {
    "allow": lambda text: frozenset(part.upper() for part in _parts(text)),
    "cache-control": _directives,
    "content-encoding": lambda text: [part.lower() for part in _parts(text)],
    "content-type": _content_type,
    "retry-after": _retry_after,
    "vary": _words,
    "www-authenticate": _schemes,
}
"""What a header says, in a form that is equal when clients read the same; a date for Retry-After counts by its format."""
