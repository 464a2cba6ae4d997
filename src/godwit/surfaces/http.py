"""Sends the requests of probes in order and keeps every answer as it came; a request that lacks a capture is not sent."""

import json
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from godwit.plan import Request
from godwit.surfaces.pointers import AbsentError, fill, fill_text, taken
from godwit.verdict import Answer

if TYPE_CHECKING:
    from godwit.surfaces.client import Client

Pair = tuple[list[Answer], list[Answer]]
"""The answers of the baseline and of the candidate to one sequence of requests."""


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
    `timeout_s` is for each request as a whole.
    """
    from godwit.surfaces import client

    async def work() -> list[Answer]:
        async with client.client(timeout_s) as side:
            known = captured if captured is not None else {}
            return await _sequence(side, requests, base_url.rstrip("/"), headers or {}, known)

    return client.run(work())


def exchange_pairs(
    sequences: Sequence[Sequence[Request]],
    baseline_url: str,
    candidate_url: str,
    *,
    headers: Mapping[str, str] | None = None,
    captured: Sequence[Mapping[str, Any]] | None = None,
    timeout_s: float = 10.0,
    at_once: int = 8,
) -> list[Pair]:
    """Put many sequences to both sides, at most `at_once` of them at a time; one pair of lists each, in their order.

    Each sequence goes to the baseline first and then to the candidate, with captures of its own on each side (and those
    of `captured`, one for each sequence). Take it only for sequences that do not disturb one another.
    """
    import asyncio

    from godwit.surfaces import client

    bases, given = (baseline_url.rstrip("/"), candidate_url.rstrip("/")), headers or {}
    pairs: list[Pair] = [([], [])] * len(sequences)
    waiting = iter(range(len(sequences)))

    async def worker(baseline: "Client", candidate: "Client") -> None:
        for index in waiting:
            known = captured[index] if captured else {}
            one = await _sequence(baseline, sequences[index], bases[0], given, dict(known))
            pairs[index] = one, await _sequence(candidate, sequences[index], bases[1], given, dict(known))

    async def work() -> None:
        async with client.client(timeout_s) as one, client.client(timeout_s) as other:
            await asyncio.gather(*(worker(one, other) for _ in range(min(at_once, len(sequences)))))

    client.run(work())
    return pairs


def exchange_each(
    requests: Sequence[Request],
    base_url: str,
    captured: Sequence[Mapping[str, Any]],
    *,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 10.0,
    at_once: int = 8,
) -> list[list[Answer]]:
    """Send the same requests in order to one side, once for each of `captured`, at most `at_once` of them at a time."""
    import asyncio

    from godwit.surfaces import client

    found: list[list[Answer]] = [[]] * len(captured)
    base = base_url.rstrip("/")
    waiting = iter(range(len(captured)))

    async def worker(side: "Client") -> None:
        for index in waiting:
            found[index] = await _sequence(side, requests, base, headers or {}, dict(captured[index]))

    async def work() -> None:
        async with client.client(timeout_s) as side:
            await asyncio.gather(*(worker(side) for _ in range(min(at_once, len(captured)))))

    client.run(work())
    return found


def exchange_at_once(
    requests: Sequence[Request],
    base_url: str,
    *,
    timeout_s: float = 10.0,
    captured: Mapping[str, Any] | None = None,
) -> list[Answer]:
    """Send requests to one side at the same time, each on a connection of its own; one answer each, in the same order.

    All are filled from the same `captured`; what they capture themselves is not kept.
    """
    import asyncio

    from godwit.surfaces import client

    async def work() -> list[Answer]:
        async with client.client(timeout_s) as side:
            each = (_sequence(side, [request], base_url.rstrip("/"), {}, dict(captured or {})) for request in requests)
            return [answer for (answer,) in await asyncio.gather(*each)]

    return client.run(work())


def send(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: Any = None, timeout_s: float = 10.0
) -> Answer:
    """Send one request as it is; `body` is sent as JSON. Without an answer the status is 0."""
    from godwit.surfaces import client

    sent = _headers(headers or {}, body)

    async def work() -> Answer:
        async with client.client(timeout_s) as side:
            return await side.ask(method, url, sent, _content(sent, body))

    return client.run(work())


async def _sequence(
    side: "Client", requests: Sequence[Request], base: str, headers: Mapping[str, str], known: dict[str, Any]
) -> list[Answer]:
    """One answer for each request, in their order; `base` is a URL without a slash at its end."""
    answers = []
    for request in requests:
        try:
            asked = _asked(side, request, base, headers, known)
        except AbsentError as missing:
            answer = Answer(f"{request.method} {request.path}", 0, error=f"not sent: {missing}")
        else:
            answer = await asked
        answers.append(answer)
        if request.capture:
            _capture(request, answer, known)
    return answers


def _asked(
    side: "Client", request: Request, base: str, headers: Mapping[str, str], known: Mapping[str, Any]
) -> Coroutine[Any, Any, Answer]:
    """The asking of one request; AbsentError when something was not captured that it needs."""
    url = base + fill_text(request.path, known)
    if not headers and not request.headers and request.body is None:  # most requests are so, and this is quick
        return side.ask(request.method, url)
    every = {**headers, **{name: fill_text(value, known) for name, value in request.headers.items()}}
    body = fill(request.body, known)
    sent = _headers(every, body)
    return side.ask(request.method, url, sent, _content(sent, body))


def _capture(request: Request, answer: Answer, known: dict[str, Any]) -> None:
    """Keep what a request captures; a name whose value did not come is forgotten, so that no older value stands in."""
    for name, place in request.capture.items():
        known.pop(name, None)
        try:
            known[name] = taken(answer, place)
        except AbsentError:
            continue


def _headers(headers: Mapping[str, str], body: Any) -> dict[str, str]:
    """What is sent besides what every request carries: a body in JSON is named as such."""
    every = {name.lower(): value for name, value in headers.items()}
    if body is not None:
        every.setdefault("content-type", "application/json")
    return every


def _content(headers: Mapping[str, str], body: Any) -> bytes | None:
    if body is None:
        return None
    if isinstance(body, str) and "json" not in headers["content-type"]:
        return body.encode()
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
