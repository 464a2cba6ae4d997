"""Requests of a load as bytes that only need to be sent, and what makes an answer to them a failure; sends nothing."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

# Locust puts the folder of its locustfile on the path, in a clone as in an installation; a script stands in its own.
from schedule import Arrival, Load  # type: ignore[import-not-found]
from streams import Stream  # type: ignore[import-not-found]

_PLACES = re.compile(r"(\{[a-z][a-z0-9_]*\})")
_KNOWN = frozenset({"{n}", "{user}", "{team}"})
_IN_A_PATH = "@:,-._~"
_ABSENT = object()
_READY = "%/?&=+:,;@!$'()*-._~[]#"

Fill = Callable[[str], str]


def _raw(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _in_a_path(text: str) -> str:
    return quote(text, safe=_IN_A_PATH)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


class Template:
    """A text with `{name}` in it for each of some places, and how their values are written there; `fixed` where it has none."""

    def __init__(self, parts: Sequence[tuple[str, Fill]], places: frozenset[str]) -> None:
        self._pieces: list[tuple[bytes, str, Fill]] = []
        for text, fill in parts:
            for each in filter(None, _PLACES.split(text)):
                self._pieces.append((b"" if each in places else each.encode(), each, fill))
        has_places = any(not fixed for fixed, *_ in self._pieces)
        self.fixed = None if has_places else b"".join(fixed for fixed, *_ in self._pieces)

    def filled(self, values: Mapping[str, str]) -> bytes:
        """The text with values in its places."""
        if self.fixed is not None:
            return self.fixed
        return b"".join(fixed or fill(values.get(name, name)).encode() for fixed, name, fill in self._pieces)


class Prepared:
    """One operation of one side, ready to be sent and its answers to be judged.

    `side` and `operation` are their places among all. `needs_headers` and `needs_body` say what has to be kept of an answer
    for judging it, `takes_any` that any answer with a status below 400 is good. `parts` is where those of a stream are counted.
    """

    def __init__(self, load: Load, side: str, place: int) -> None:
        self.side, self.operation = list(load.targets).index(side), place
        operation: Mapping[str, Any] = load.requests[place]
        self.next = load.next_of(place)
        self.capture: Mapping[str, str] = operation.get("capture") or {}
        places = _KNOWN | {f"{{{name}}}" for each in load.requests for name in each.get("capture") or ()}
        url = urlsplit(load.targets[side])
        lines = [
            (f"{operation.get('method', 'GET')} ", _raw),
            (_quoted(url.path.rstrip("/") + operation["path"]), _in_a_path),
        ]
        lines += [(f" HTTP/1.1\r\nHost: {url.netloc.rpartition('@')[2]}\r\n", _raw)]
        lines += [(f"{name}: {value}\r\n", _raw) for name, value in _headers(load, operation).items()]
        self._head = Template(lines, places)
        body = operation.get("body")
        self._body = None if body is None else Template([(json.dumps(body, ensure_ascii=False), _in_json)], places)
        self._whole = self._fixed()
        self._expect = operation.get("expect") or {}
        self._served_by = _served_by(load, side)
        self.needs_headers = self._served_by is not None
        self._stream: Mapping[str, Any] | None = operation.get("stream")
        self.parts = None if self._stream is None else load.parts_of(place)
        self.takes_any = not (self._served_by or any(self._expect.values()) or self.capture or self._stream)
        self.needs_body = bool(self._expect.get("contains") or self._expect.get("values") or self.capture)

    def stream(self) -> Stream | None:
        """What follows the answer, where it is a stream."""
        return None if self._stream is None else Stream(self._stream)

    def made_for(self, arrival: Arrival, captured: Mapping[str, str]) -> bytes:
        """The whole request of an arrival, or of a step that follows it with what was captured before."""
        if self._whole is not None:
            return self._whole
        values = {"{n}": str(arrival.number), "{user}": arrival.user, "{team}": arrival.team, **captured}
        return self._joined(self._head.filled(values), self._body.filled(values) if self._body else None)

    def problem(self, status: int, headers: Mapping[bytes, bytes], body: bytes) -> str:
        """Why an answer is a failure; empty when it is none."""
        wanted = self._expect.get("status")
        if status != wanted if wanted else status >= 400:
            return f"status {status}" + (f", not {wanted}" if wanted else "")
        if self._served_by is not None:
            name, side = self._served_by
            seen = headers.get(name)
            if seen != side:
                return f"served by {seen.decode('latin-1') if seen else None}, not by {side.decode('latin-1')}"
        return wrong_content(self._expect, body) if self.needs_body else ""

    def captured(self, body: bytes) -> tuple[dict[str, str], str]:
        """What the steps after this one need of its answer; and why that is not there, empty when it is."""
        try:
            found = json.loads(body)
        except ValueError:
            return {}, "the answer is no JSON, and a flow needs some of it"
        values = {f"{{{name}}}": _at(found, pointer) for name, pointer in self.capture.items()}
        lacking = [
            self.capture[name[1:-1]] for name, value in values.items() if not isinstance(value, str | int | float)
        ]
        return {
            name: str(value) for name, value in values.items()
        }, f"nothing to go on with at {lacking[0]}" if lacking else ""

    def _fixed(self) -> bytes | None:
        if self._head.fixed is None or (self._body and self._body.fixed is None):
            return None
        return self._joined(self._head.fixed, self._body.fixed if self._body else None)

    @staticmethod
    def _joined(head: bytes, body: bytes | None) -> bytes:
        return head + b"\r\n" if body is None else b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


def wrong_content(expect: Mapping[str, Any], body: bytes) -> str:
    """In what an answer does not hold what it must; empty when it does."""
    for text in expect.get("contains") or ():
        if text.encode() not in body:
            return f"the answer does not hold {text!r}"
    if not expect.get("values"):
        return ""
    try:
        found = json.loads(body)
    except ValueError:
        return "the answer is no JSON"
    for pointer, value in expect["values"].items():
        if not _same(seen := _at(found, pointer), value):
            return f"{pointer or 'the answer'} is {_short(seen)}, not {_short(value)}"
    return ""


def _headers(load: Load, operation: Mapping[str, Any]) -> dict[str, str]:
    own = {name: str(value) for name, value in operation.get("headers", {}).items()}
    names = {name.lower() for name in own}
    usual = {"User-Agent": "godwit-load", "Accept": "text/event-stream" if operation.get("stream") else "*/*"}
    if operation.get("body") is not None:
        usual["Content-Type"] = "application/json"
    elif operation.get("method", "GET") in ("POST", "PUT", "PATCH"):
        usual["Content-Length"] = "0"
    headers = {name: value for name, value in usual.items() if name.lower() not in names} | own
    if load.route:
        headers |= {load.route["user_header"]: "{user}", load.route["team_header"]: "{team}"}
    return headers


def _served_by(load: Load, side: str) -> tuple[bytes, bytes] | None:
    if not load.route:
        return None
    wanted = load.route["served_by"]
    return wanted["header"].lower().encode(), str(wanted[side]).encode()


def _quoted(path: str) -> str:
    """A path as it may stand in a request; places stay."""
    return "".join(each if _PLACES.fullmatch(each) else quote(each, safe=_READY) for each in _PLACES.split(path))


def _same(seen: Any, wanted: Any) -> bool:
    """Whether a value is the wanted one; for Python true is 1, for JSON it is not, however deep."""
    if isinstance(seen, dict) and isinstance(wanted, dict):
        return seen.keys() == wanted.keys() and all(_same(seen[name], wanted[name]) for name in wanted)
    if isinstance(seen, list) and isinstance(wanted, list):
        return len(seen) == len(wanted) and all(map(_same, seen, wanted))
    return bool(seen == wanted) and isinstance(seen, bool) is isinstance(wanted, bool)


def _short(value: Any) -> str:
    return "not there" if value is _ABSENT else json.dumps(value, ensure_ascii=False)[:60]


def _at(value: Any, pointer: str) -> Any:
    """What stands at a JSON Pointer; _ABSENT where there is nothing, which is not null."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(part, _ABSENT)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _ABSENT
    return value
