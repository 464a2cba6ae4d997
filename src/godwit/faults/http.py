"""Faults that a stack takes over HTTP: put, proved by reading back, and taken back whatever happens in between."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from godwit.verdict import HarnessError


def inject(url: str, fault: Mapping[str, Any]) -> None:
    """Give the fault to the stack (PUT); HarnessError when it refuses or does not answer."""
    _ask("PUT", url, dict(fault))


def clear(url: str) -> None:
    """Take every fault back (DELETE); HarnessError when the stack refuses or does not answer."""
    _ask("DELETE", url)


def current(url: str) -> dict[str, Any]:
    """The faults in force (GET); HarnessError when the stack does not tell."""
    found = _ask("GET", url)
    if not isinstance(found, dict):
        raise HarnessError(f"GET {url} answered {found!r:.200}, not the faults in force")
    return found


@contextmanager
def injected(url: str, fault: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Keep a fault in force during the block, which gets what the stack says of it.

    Raises HarnessError when the fault did not take effect, or is still in force after it was taken back. A stack
    that is gone by then took its faults with it.
    """
    if not fault:
        raise HarnessError("an empty fault proves nothing; name at least one word of it")
    try:
        inject(url, fault)
        seen = current(url)
        if not _holds(seen, fault):
            raise HarnessError(f"fault did not take effect: asked {dict(fault)!r} of {url}, which says {seen!r}")
        yield seen
    finally:
        _take_back(url, fault)


def _take_back(url: str, fault: Mapping[str, Any]) -> None:
    try:
        clear(url)
        left = current(url)
    except HarnessError as error:
        if isinstance(error.__cause__, httpx.ConnectError):
            return
        raise
    if _holds(left, fault):
        raise HarnessError(f"fault is still in force at {url} after it was taken back: {left!r}")


def _holds(seen: Mapping[str, Any], fault: Mapping[str, Any]) -> bool:
    return all(name in seen and seen[name] == value for name, value in fault.items())


def _ask(method: str, url: str, body: Any = None) -> Any:
    try:
        with httpx.Client(verify=url.startswith("https:"), trust_env=False, timeout=10.0) as client:
            answer = client.request(method, url, json=body)
    except httpx.HTTPError as error:
        raise HarnessError(f"{method} {url}: no answer: {str(error) or type(error).__name__}") from error
    if not 200 <= answer.status_code < 300:
        raise HarnessError(f"{method} {url}: answered {answer.status_code}: {answer.text[:300]}")
    try:
        return answer.json() if answer.content else None
    except ValueError:
        raise HarnessError(f"{method} {url}: answered no JSON: {answer.text[:100]!r}") from None
