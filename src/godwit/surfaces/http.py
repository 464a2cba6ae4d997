"""Sends HTTP requests in order and keeps every answer as it came; follows no redirect, raises for no answer."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from godwit.plan import Request
from godwit.surfaces.pointers import AbsentError, at, fill, fill_text
from godwit.verdict import Answer, StackError

BODY_LIMIT = 32 * 1024 * 1024
"""The largest body that is kept, in bytes; a larger one counts as no answer."""


class _TooLargeError(Exception):
    """A body went over the limit."""


def exchange(
    requests: Sequence[Request],
    base_url: str,
    *,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 10.0,
    captured: dict[str, Any] | None = None,
) -> list[Answer]:
    """Send requests in order to one side; one answer each, in the same order.

    `{name}` in path, headers and body is filled from `captured`, to which each request adds what it captures. A request
    without an answer has status 0 and an `error`; one that needs a capture which is missing is not sent at all.
    """
    known = captured if captured is not None else {}
    answers = []
    with _client(base_url, timeout_s) as client:
        for request in requests:
            answer = _one(client, request, base_url, headers or {}, known)
            answers.append(answer)
            _capture(request, answer, known)
    return answers


def send(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: Any = None, timeout_s: float = 10.0
) -> Answer:
    """Send one request as it is; `body` is sent as JSON. Without an answer the status is 0."""
    with _client(url, timeout_s) as client:
        return _send(client, method, url, dict(headers or {}), body)


def fetch_json(url: str, *, timeout_s: float = 10.0) -> Any:
    """Get a JSON document; StackError when there is none."""
    answer = send("GET", url, timeout_s=timeout_s)
    if answer.status != 200:
        raise StackError(f"GET {url} answered {answer.status or answer.error}, not 200 with a JSON document")
    try:
        return answer.json()
    except ValueError as error:
        raise StackError(f"GET {url} answered no JSON: {error}") from None


def _client(url: str, timeout_s: float) -> httpx.Client:
    # Making a TLS context costs more than a request over loopback; proxies of the environment must never see probes.
    secure = url.startswith("https:")
    return httpx.Client(verify=secure, trust_env=False, follow_redirects=False, timeout=timeout_s)


def _one(
    client: httpx.Client, request: Request, base_url: str, headers: Mapping[str, str], known: Mapping[str, Any]
) -> Answer:
    try:
        path = fill_text(request.path, known)
        every = {**headers, **{name: fill_text(value, known) for name, value in request.headers.items()}}
        body = fill(request.body, known)
    except AbsentError as missing:
        return Answer(f"{request.method} {request.path}", 0, error=f"not sent: {missing}")
    return _send(client, request.method, base_url.rstrip("/") + path, every, body)


def _capture(request: Request, answer: Answer, known: dict[str, Any]) -> None:
    """Keep what a request captures; a name whose value did not come is forgotten, so that no older value stands in."""
    for name, pointer in request.capture.items():
        known.pop(name, None)
        try:
            known[name] = at(answer.json(), pointer)
        except (AbsentError, ValueError):
            continue


def _send(client: httpx.Client, method: str, url: str, headers: dict[str, str], body: Any) -> Answer:
    started = time.perf_counter()
    try:
        asked = client.build_request(method, url, headers=_headers(headers, body), content=_content(headers, body))
        named = f"{method} {asked.url.raw_path.decode('ascii', 'replace')}"
        response = client.send(asked, stream=True)
        try:
            content = _content_of(response)
        finally:
            response.close()
    except _TooLargeError:
        return Answer(
            named, 0, error=f"the body is larger than {BODY_LIMIT} bytes", seconds=time.perf_counter() - started
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return Answer(f"{method} {url}", 0, error=said, seconds=time.perf_counter() - started)
    kept = tuple((name.lower(), value) for name, value in response.headers.multi_items())
    return Answer(named, response.status_code, kept, content, time.perf_counter() - started)


def _headers(headers: Mapping[str, str], body: Any) -> dict[str, str]:
    """What is sent besides: JSON is named as such, and bodies come as they are stored, so that they can be compared."""
    every = {name.lower(): value for name, value in headers.items()}
    every.setdefault("accept-encoding", "identity")
    if body is not None:
        every.setdefault("content-type", "application/json")
    return every


def _content(headers: Mapping[str, str], body: Any) -> bytes | None:
    if body is None:
        return None
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "application/json")
    if isinstance(body, str) and "json" not in kind:
        return body.encode()
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _content_of(response: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > BODY_LIMIT:
            raise _TooLargeError
        parts.append(part)
    return b"".join(parts)
