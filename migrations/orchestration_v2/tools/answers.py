"""Asks the running services over HTTP; it judges nothing and follows no proxy settings."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from orchestration_v2.tools.refusals import Refused

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body; `body` is parsed JSON, else the text."""

    status: int
    body: Any


def ask(url: str, method: str = "GET", body: object = None, timeout_s: float = TIMEOUT_S) -> Answer:
    """Return the answer of a service, whatever its status; refuses when there is none."""
    if not url.startswith(("http://", "https://")):
        raise Refused(f"'{url}' is no URL; write http://host:port")
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(url, data=data, method=method, headers=headers)  # noqa: S310 - http only
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout_s) as response:
            return Answer(response.status, _parsed(response.read()))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, _parsed(error.read()))
    except (OSError, ValueError) as error:
        raise Refused(f"{url}: no answer ({getattr(error, 'reason', error)})") from error


def demand(url: str, method: str = "GET", body: object = None) -> Any:
    """Return the body of a 2xx answer; refuses any other."""
    answer = ask(url, method, body)
    if not 200 <= answer.status < 300:
        raise Refused(f"{method} {url}: answered {answer.status} {str(answer.body)[:200]}")
    return answer.body


def _parsed(raw: bytes) -> Any:
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def health_problem(url: str, version: str | None) -> str | None:
    """Return what is wrong with a service's health, or nothing; a bare address is asked at `/health`."""
    place = url if url.partition("://")[2].strip("/").count("/") else f"{url.rstrip('/')}/health"
    try:
        answer = ask(place)
    except Refused as refusal:
        return str(refusal)
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status != 200 or body.get("status") != "healthy":
        return f"{place}: answered {answer.status} with status {body.get('status')!r}"
    if version is not None and body.get("version") != version:
        return f"{place}: is version {body.get('version')!r}, not {version!r}"
    return None
