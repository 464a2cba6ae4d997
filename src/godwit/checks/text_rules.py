"""Typed rules for places of a text where two right outputs differ: they keep the form, and count how often they fired."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from godwit.checks.normalising import timestamp_format

_Form = Callable[[re.Match[str], dict[str, str]], str]
_SHORTEST_PLACE = 4
_UUID = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9A-Za-z])")
_TIMESTAMP = re.compile(
    r"(?<!\d)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d(?!\d))?)?(?!\d)"
    r"|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    r"|(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: \d{4})?"
    r"|(?<![\d:])\d\d:\d\d:\d\d(?:[.,]\d+)?(?![\d:])"
)
_VERSION = re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?:\.\d+)*(?:[-+.]?[A-Za-z][0-9A-Za-z.-]*)?(?![\w])")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PORT = re.compile(r"((?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):|\bport[ =:]{1,2})\d{2,5}\b", re.IGNORECASE)
_DURATION = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|sec|secs|seconds?|min|mins|minutes?|h|hours?|milliseconds?)\b"
)
_PATH = re.compile(r"""(?<![\w.:/~}>])(?:/[^\s/"'<>:,;|()\[\]{}]+){2,}""")


class TextRules:
    """The rules of one comparison; `fired` says how often each was needed, over all texts that it was asked about."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self.kinds = tuple(sorted(set(kinds), key=list(_RULES).index))
        self.fired: Counter[str] = Counter()

    def of_one_run(self, texts: Sequence[str], places: Sequence[tuple[str, str]]) -> list[str]:
        """The texts of one run with everything that a rule covers written as its form.

        `places` are what stands there only because of where it ran; they become `{name}`. A uuid becomes its number
        by first appearance, so that two places with one uuid still have one.
        """
        uuids: dict[str, str] = {}
        return [self._one(_placed(text, places), uuids) for text in texts]

    def told(self) -> str:
        """What the rules did, for the reason of a judgement."""
        used = [f"{kind} {self.fired[kind]}" for kind in self.kinds if self.fired[kind]]
        idle = [kind for kind in self.kinds if not self.fired[kind]]
        parts = [f"normalised: {', '.join(used)}"] * bool(used) + [f"never needed: {', '.join(idle)}"] * bool(idle)
        return "; ".join(parts)

    def _one(self, text: str, uuids: dict[str, str]) -> str:
        for kind in self.kinds:
            parts = list(_swapped(*_RULES[kind], text, uuids))
            self.fired[kind] += len(parts) // 2
            text = "".join(parts)
        return text


def _placed(text: str, places: Sequence[tuple[str, str]]) -> str:
    for name, value in sorted(places, key=lambda place: len(place[1]), reverse=True):
        if len(value) >= _SHORTEST_PLACE:
            # A port is a place as well, and no part of a longer number.
            found = re.compile(rf"(?<!\d){re.escape(value)}(?!\d)")
            text = f"{{{name}}}".join(found.split(text))
    return text


def _swapped(pattern: re.Pattern[str], form: _Form, text: str, uuids: dict[str, str]) -> Iterator[str]:
    """The text in parts: what is left alone and what was written as its form, in turns; odd ones are forms."""
    at = 0
    for match in pattern.finditer(text):
        if written := form(match, uuids):
            yield text[at : match.start()]
            yield written
            at = match.end()
    yield text[at:]


def _uuid(match: re.Match[str], uuids: dict[str, str]) -> str:
    return uuids.setdefault(match[0], f"<uuid {len(uuids) + 1}>")


def _timestamp(match: re.Match[str], _: dict[str, str]) -> str:
    # Elsewhere days are padded with blanks: "Nov  1" and "Nov 11" are one format.
    spoken = re.sub(r"\s+", " ", re.sub("[A-Za-z]+", "a", re.sub(r"\d+", "9", match[0])))
    form = timestamp_format(match[0]) or (spoken,)
    return f"<timestamp {' '.join(part for part in form if part)}>"


def _version(match: re.Match[str], _: dict[str, str]) -> str:
    return "" if _ADDRESS.fullmatch(match[0]) else "<version>"


def _port(match: re.Match[str], _: dict[str, str]) -> str:
    return f"{match[1]}<port>"


def _duration(_: re.Match[str], __: dict[str, str]) -> str:
    return "<duration>"


def _path(match: re.Match[str], _: dict[str, str]) -> str:
    return f"<path>/{match[0].rsplit('/', 1)[1]}"


_RULES: dict[str, tuple[re.Pattern[str], _Form]] = {
    "uuids": (_UUID, _uuid),
    "timestamps": (_TIMESTAMP, _timestamp),
    "ports": (_PORT, _port),
    "versions": (_VERSION, _version),
    "durations": (_DURATION, _duration),
    "paths": (_PATH, _path),
}
"""In the order in which they are applied: what one of them wrote is no find of a later one."""
