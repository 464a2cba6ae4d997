"""Follows the ids that a side makes while a recording is replayed: recorded values become that side's own in what is sent next."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from godwit.checks.json_text import Doubled, Number, parse_json, pointer, shown
from godwit.checks.normalising import Rules
from godwit.plan import Normaliser
from godwit.verdict import PLACEHOLDER, Answer, Exchange

_NAMED = re.compile(
    r"(?:^|[-_.a-z0-9])(?:ids?|uuid|guid|key|cursor|next|etag|ref|number|code|slug|token|location)$", re.IGNORECASE
)
_RENEWED = re.compile(r"token|session|csrf|etag|cookie", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_.~-]+")
_SECRET = re.compile(re.escape(PLACEHOLDER) + r"\d+")
_LONG = 6
"""From this length on a value that a side made is replaced wherever it stands; a shorter one only where an id stands."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What a recorded value is on this side, and the place of the bodies where that was learnt ('' for a header)."""

    live: str
    place: str | None


class Flow:
    """The ids of one side. Ask it for each request, then teach it the answer; chance and clock play no part.

    A value counts as made by the side when it stands where an id stands (a name such as `id`, `token` or `cursor`, a rule
    of kind id, Location, cookies) or looks like one (long, or with digits, and without spaces), and differs from the
    recorded one at the same place. The first answer that shows it counts; tokens, cookies and ETags are renewed.
    """

    def __init__(self, given: Mapping[str, str], normalisers: Sequence[Normaliser]) -> None:
        self._made = {recorded: _Made(live, None) for recorded, live in given.items()}
        self._rules = Rules(normalisers)
        self._used: set[str] = set()

    @property
    def places(self) -> tuple[str, ...]:
        """Where the ids stood, in bodies, that flowed into a later request; list indices are `*`."""
        made = (self._made[name].place for name in self._used if name in self._made)
        return tuple(sorted({place for place in made if place is not None}))

    @property
    def secrets(self) -> frozenset[str]:
        """What this side has where the recording has the placeholder of a secret."""
        return frozenset(made.live for name, made in self._made.items() if PLACEHOLDER in name)

    def wanting(self, request: Exchange) -> str | None:
        """A placeholder in a request, as `request` gave it, for which nothing stands; None if there is none."""
        texts = (request.path, *(value for _, value in request.headers), (request.body or b"").decode("latin-1"))
        return next((match[0] for text in texts if (match := _SECRET.search(text))), None)

    def request(self, recorded: Exchange) -> Exchange:
        """The request with this side's own values; whole words only, in path, query, headers and body."""
        headers = tuple((name, self._text(value)) for name, value in recorded.headers)
        return replace(recorded, path=self._path(recorded.path), headers=headers, body=self._body(recorded.body))

    def learn(self, recorded: Answer, live: Answer) -> None:
        """Note which values of a recorded answer are others on this side."""
        for name in ("location", "etag", "link"):
            one, other = recorded.header(name), live.header(name)
            if one and other:
                self._meet(_without_host(one), _without_host(other), name, None)
        cookies = _cookies(live)
        for name, value in _cookies(recorded).items():
            if name in cookies:
                self._meet(value, cookies[name], "cookie", None)
        try:
            pairs = _leaves(parse_json(recorded.body), parse_json(live.body))
        except ValueError:
            return
        for steps, one, other in pairs:
            self._leaf(steps, one, other)

    def _leaf(self, steps: tuple[str, ...], one: Any, other: Any) -> None:
        name = next((step for step in reversed(steps) if not step.isdigit()), "")
        if "id" in self._rules.at(steps):
            name = "id"
        place = pointer(["*" if step.isdigit() else step for step in steps])
        if isinstance(one, Number) and isinstance(other, Number):
            if one.whole and other.whole and _NAMED.search(name):
                self._keep(one.lexeme, other.lexeme, name, place)
        elif isinstance(one, str) and isinstance(other, str):
            self._meet(one, other, name, place)

    def _meet(self, one: str, other: str, name: str, place: str | None) -> None:
        """Two texts stand at one place: they may be ids, or hold some."""
        if _may_be_id(one, name) and _may_be_id(other, name):
            self._keep(one, other, name, place)
        words, others = _WORD.findall(one), _WORD.findall(other)
        if "/" in one and " " not in one and _WORD.sub("", one) == _WORD.sub("", other):
            for word, its in zip(words, others, strict=True):
                if word != its and (any(map(str.isdigit, word)) or len(word) >= _LONG):
                    self._keep(word, its, name, None)

    def _keep(self, one: str, other: str, name: str, place: str | None) -> None:
        if one not in self._made or (_RENEWED.search(name) and self._made[one].live != other):
            self._made[one] = _Made(other, place)

    def _path(self, path: str) -> str:
        before, mark, query = path.partition("?")
        parts = "/".join(self._part(part) for part in before.split("/"))
        pairs = (part.partition("=") for part in query.split("&"))
        return parts + mark + "&".join(name + sign + self._part(value, name) for name, sign, value in pairs)

    def _part(self, text: str, name: str = "id") -> str:
        """A part of a path or the value of a query parameter: an id as a whole, or a text with ids in it."""
        made = self._made.get(text)
        if made is not None and _NAMED.search(name):
            self._used.add(text)
            return quote(made.live, safe="~")
        return self._text(text)

    def _text(self, text: str) -> str:
        """A text with every long id in it replaced, whole words only and in one pass."""
        spelled = {way: name for name in self._made if len(name) >= _LONG for way in (name, quote(name, safe="~"))}
        known = sorted((way for way in spelled if way in text), key=len, reverse=True)
        if not known:
            return text
        pattern = r"(?<![A-Za-z0-9])(?:" + "|".join(map(re.escape, known)) + r")(?![A-Za-z0-9])"

        def live(match: re.Match[str]) -> str:
            name = spelled[match[0]]
            self._used.add(name)
            return self._made[name].live if match[0] == name else quote(self._made[name].live, safe="~")

        return re.sub(pattern, live, text)

    def _body(self, body: bytes | None) -> bytes | None:
        if body is None:
            return None
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return body
        try:
            value = parse_json(text)
        except ValueError:
            return self._text(text).encode()
        changed = self._value(value, "")
        return body if changed == value else shown(changed).encode("utf-8", "surrogatepass")

    def _value(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            found = {key: self._value(item, key) for key, item in value.items()}
            return found if not isinstance(value, Doubled) else value
        if isinstance(value, list):
            return [self._value(item, name) for item in value]
        text = value.lexeme if isinstance(value, Number) else value
        if isinstance(text, str) and text in self._made and _NAMED.search(name):
            self._used.add(text)
            live = self._made[text].live
            return Number(live) if isinstance(value, Number) and live.lstrip("-").isdigit() else live
        return self._text(value) if isinstance(value, str) else value


def _may_be_id(text: str, name: str) -> bool:
    if not text or any(map(str.isspace, text)):
        return False
    return bool(_NAMED.search(name) or _RENEWED.search(name)) or (
        len(text) >= _LONG and (any(map(str.isdigit, text)) or len(text) >= 16)
    )


def _leaves(one: Any, other: Any, steps: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """The single values that stand at the same place of both."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one:
            if key in other:
                yield from _leaves(one[key], other[key], (*steps, key))
    elif isinstance(one, list) and isinstance(other, list):
        for index, (left, right) in enumerate(zip(one, other, strict=False)):
            yield from _leaves(left, right, (*steps, str(index)))
    else:
        yield steps, one, other


def _without_host(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc="").geturl() if parts.scheme in ("http", "https") else url


def _cookies(answer: Answer) -> dict[str, str]:
    """The cookies that an answer sets."""
    pairs = (value.partition(";")[0].partition("=") for name, value in answer.headers if name == "set-cookie")
    return {name.strip(): value.strip() for name, _, value in pairs}
