"""Reads recordings (HAR 1.2, JSON Lines) into exchanges; refuses a file that is none with the place of each mistake."""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from godwit.verdict import Answer, Exchange, HarnessError

FILE_LIMIT = 256 * 1024 * 1024
"""The largest recording that is read, in bytes."""

_FAULTS_AT_MOST = 5
_OUR_OWN = re.compile(
    r"accept-encoding|connection|content-length|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade",
    re.I,
)
"""Request headers that belong to a connection, which replaying makes anew."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The exchanges of a recording in their order, and how many entries were left out, by reason."""

    exchanges: tuple[Exchange, ...]
    left_out: tuple[tuple[str, int], ...] = ()


class _Part(BaseModel):
    """A part of a HAR file; words that replaying does not need are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Header(_Part):
    name: str
    value: str


class _Post(_Part):
    mimeType: str = ""  # noqa: N815  HAR's own words
    text: str | None = None
    encoding: str | None = None
    params: tuple[dict[str, Any], ...] = ()


class _Request(_Part):
    method: Annotated[str, StringConstraints(pattern=r"^[A-Z]+$")]
    url: str
    headers: tuple[_Header, ...] = ()
    postData: _Post | None = None  # noqa: N815


class _Content(_Part):
    text: str | None = None
    encoding: str | None = None


class _Response(_Part):
    status: int
    headers: tuple[_Header, ...] = ()
    content: _Content = _Content()


class _Entry(_Part):
    startedDateTime: str = ""  # noqa: N815
    request: _Request
    response: _Response


class _Log(_Part):
    entries: tuple[_Entry, ...]


class _Har(_Part):
    log: _Log


class _Line(BaseModel):
    """One exchange of a JSON Lines recording: a body is text, or base64 where it is no UTF-8."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Annotated[str, StringConstraints(pattern=r"^[A-Z]+$")]
    path: Annotated[str, StringConstraints(pattern=r"^/([^/]|$)")]
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    body_base64: Base64Bytes | None = None
    status: Annotated[int, Field(ge=100, le=599)]
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: str = ""
    response_body_base64: Base64Bytes | None = None
    started_at: str = ""


def read_recording(path: Path, origin: str | None = None) -> Recorded:
    """Read a `.har` or `.jsonl` file; `origin` picks one host's entries of a HAR that holds several.

    Raises HarnessError that says where the file is wrong, and for a HAR of several hosts when none is picked.
    """
    try:
        size = path.stat().st_size
        if size > FILE_LIMIT:
            raise HarnessError(f"{path}: {size} bytes; a recording has at most {FILE_LIMIT}: split it")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise HarnessError(f"{path}: the recording cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        said = "a recording is UTF-8, with binary bodies in base64"
        raise HarnessError(f"{path}: byte {error.start} is no UTF-8; {said}") from None
    return _from_har(path, text, origin) if path.suffix == ".har" else _from_lines(path, text)


def _from_lines(path: Path, text: str) -> Recorded:
    exchanges, faults = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            exchanges.append(_of_line(_Line.model_validate(_json(line))))
        except ValidationError as error:
            faults += [f"line {number}: {fault}" for fault in _worded(error)]
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    _refuse(path, faults, "each line is one exchange as `godwit record` writes it")
    return Recorded(tuple(exchanges))


def _of_line(line: _Line) -> Exchange:
    body = line.body_base64 if line.body_base64 is not None else None if line.body is None else line.body.encode()
    content = line.response_body.encode() if line.response_body_base64 is None else line.response_body_base64
    answer = Answer(f"{line.method} {line.path}", line.status, _lower(line.response_headers), content)
    return Exchange(line.method, line.path, _kept(line.headers), body, answer, line.started_at)


def _from_har(path: Path, text: str, origin: str | None) -> Recorded:
    faults: list[str] = []
    try:
        har = _Har.model_validate(_json(text))
    except ValidationError as error:
        faults = list(_worded(error))
    except ValueError as error:
        faults = [str(error)]
    _refuse(path, faults, "a HAR file (1.2) is an object with log.entries, each with request and response")
    entries = sorted(har.log.entries, key=lambda entry: entry.startedDateTime)
    asked = [entry for entry in entries if urlsplit(entry.request.url).scheme in ("http", "https")]
    answered = [entry for entry in asked if 100 < entry.response.status <= 599]
    mine = _of_one_host(path, answered, origin)
    exchanges = []
    for entry in mine:
        try:
            exchanges.append(_of_entry(entry))
        except ValueError as error:
            faults.append(f"log.entries[{har.log.entries.index(entry)}]: {error}")
    _refuse(path, faults, "save the HAR with content")
    counts = (
        ("no HTTP", len(entries) - len(asked)),
        ("without an answer", len(asked) - len(answered)),
        ("of another host", len(answered) - len(mine)),
    )
    return Recorded(tuple(exchanges), tuple((why, n) for why, n in counts if n))


def _of_one_host(path: Path, entries: Sequence[_Entry], origin: str | None) -> list[_Entry]:
    hosts = list(dict.fromkeys(_origin(entry) for entry in entries))
    if origin is None and len(hosts) > 1:
        known = ", ".join(hosts[:_FAULTS_AT_MOST])
        raise HarnessError(f"{path}: entries of {len(hosts)} hosts ({known}); say with `origin` whose are replayed")
    if origin is not None and hosts and origin not in hosts:
        raise HarnessError(f"{path}: no entry of {origin}; the recording holds {', '.join(hosts[:_FAULTS_AT_MOST])}")
    return [entry for entry in entries if origin is None or _origin(entry) == origin]


def _origin(entry: _Entry) -> str:
    parts = urlsplit(entry.request.url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _of_entry(entry: _Entry) -> Exchange:
    request, response = entry.request, entry.response
    parts = urlsplit(request.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = tuple((header.name, header.value) for header in request.headers if not header.name.startswith(":"))
    kept = _lower((header.name, header.value) for header in response.headers)
    content = _decoded(response.content.text or "", response.content.encoding, "response.content")
    answer = Answer(f"{request.method} {path}", response.status, kept, content)
    return Exchange(request.method, path, _kept(headers), _posted(request.postData), answer, entry.startedDateTime)


def _posted(post: _Post | None) -> bytes | None:
    if post is None:
        return None
    if post.text is not None:
        return _decoded(post.text, post.encoding, "request.postData")
    if post.params and "urlencoded" in post.mimeType:
        return urlencode([(str(it.get("name", "")), str(it.get("value", ""))) for it in post.params]).encode()
    if post.params:
        raise ValueError(
            f"request.postData of type {post.mimeType or 'unknown'} has no text, so it cannot be sent again"
        )
    return None


def _decoded(text: str, encoding: str | None, where: str) -> bytes:
    if not encoding:
        return text.encode("utf-8", "surrogatepass")
    if encoding.lower() != "base64":
        raise ValueError(f"{where}.encoding {encoding!r} is not known; it is base64 or absent")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError(f"{where}.text is no base64: {error}") from None


def _kept(headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers if not _OUR_OWN.fullmatch(name))


def _lower(headers: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, value in headers)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply to be read") from None


def _worded(error: ValidationError) -> Iterator[str]:
    """The mistakes in words; never what stands there, which may be a secret."""
    for fault in error.errors(include_input=False, include_url=False):
        where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault["loc"]).lstrip(".")
        yield f"{where}: {fault['msg']}" if where else fault["msg"]


def _refuse(path: Path, faults: Sequence[str], allowed: str) -> None:
    if not faults:
        return
    shown = "\n  ".join(faults[:_FAULTS_AT_MOST])
    more = f"\n  and {len(faults) - _FAULTS_AT_MOST} more" if len(faults) > _FAULTS_AT_MOST else ""
    raise HarnessError(f"{path} is no recording that can be read; {allowed}\n  {shown}{more}")
