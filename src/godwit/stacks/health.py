"""Asks a stack how it is: 200, the expected JSON and the version that the plan names; refuses anything less."""

import http.client
import json
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from godwit.plan import StackSpec
from godwit.verdict import Health, StackError

ANSWER_TIMEOUT_S = 2.0
_RESOLUTION = 0.05
"""A start is looked at again after this part of its age, so that its time is known as exactly."""


def fetch(url: str, timeout_s: float = ANSWER_TIMEOUT_S) -> tuple[int, bytes, str]:
    """Status, body and error of one GET without proxies or redirects; status 0 means that no answer came."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    except (ValueError, http.client.InvalidURL) as error:
        return 0, b"", str(error)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept": "application/json", "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(1_000_000), ""
    except (OSError, http.client.HTTPException) as error:
        return 0, b"", str(error) or type(error).__name__
    finally:
        connection.close()


def at_pointer(body: Any, pointer: str) -> Any:
    """What stands at a JSON Pointer (RFC 6901), or None."""
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body


def missing_from(body: Any, expected: Any, at: str = "") -> str:
    """The first place where a JSON value does not hold the expected part, as a sentence; empty when it holds all."""
    if not isinstance(expected, dict):
        same = body == expected and isinstance(body, bool) == isinstance(expected, bool)
        return "" if same else f"{at or '/'} is {body!r}, expected {expected!r}"
    if not isinstance(body, dict):
        return f"{at or '/'} is {body!r}, expected an object"
    gaps = (missing_from(body.get(key), part, f"{at}/{key}") for key, part in expected.items())
    return next((gap for gap in gaps if gap), "")


def check(base_url: str, spec: StackSpec) -> Health:
    """One look at a stack's health; never raises for what it answers. The plan must say how health is told."""
    if spec.health is None:
        raise StackError("no health path: write stacks.<role>.health.path, so that godwit can tell when it is up")
    status, content, error = fetch(base_url.rstrip("/") + spec.health.path)
    if status == 0:
        return Health(False, 0, None, detail=f"no answer from {base_url}{spec.health.path}: {error}")
    try:
        body = json.loads(content)
    except ValueError:
        text = content[:200].decode("utf-8", "replace")
        return Health(False, status, None, detail=f"{status} with a body that is not JSON: {text!r}")
    found = at_pointer(body, spec.health.version_at)
    version = None if found is None else str(found)
    detail = _fault(status, body, version, spec)
    return Health(not detail, status, version, body, detail or "healthy")


def _fault(status: int, body: Any, version: str | None, spec: StackSpec) -> str:
    if spec.health is None or status != 200:
        return f"status {status}, expected 200"
    gap = missing_from(body, spec.health.expect) if spec.health.expect else ""
    if gap:
        return gap
    if version != spec.version:
        return f"version at {spec.health.version_at} is {version!r}, the plan says {spec.version!r}"
    return ""


def wait_until_healthy(
    ask: Callable[[], Health],
    timeout_s: float,
    gone: Callable[[], str],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Ask until healthy; empty then, else why not: `gone()` said so (it ended), or the time is over (last answer)."""
    began = clock()
    end = began + timeout_s
    while True:
        ended = gone()
        if ended:
            return ended
        seen = ask()
        if seen.healthy:
            return gone()
        if clock() >= end:
            return f"not healthy after {timeout_s:g} s; last health answer: {seen.detail}"
        sleep(min(max(_RESOLUTION * (clock() - began), 0.01), 0.25))


def tail(path: Path, last: int) -> list[str]:
    """The last lines of a log, out of its last 256 kB; empty when there is none."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 262_144))
            return log.read().decode("utf-8", "replace").splitlines()[-last:]
    except OSError:
        return []


def failure(role: str, driver: str, tried: str, why: str, lines: list[str], log: object) -> StackError:
    """The error of a stack that did not come up: what was tried, why not, and its last 20 lines."""
    shown = "\n".join(f"    {line}" for line in lines[-20:]) or "    (nothing)"
    return StackError(f"{role} ({driver}) did not come up\n  tried: {tried}\n  {why}\n  last lines of {log}:\n{shown}")
