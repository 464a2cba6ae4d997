"""Replays a recording on one side, each request made from the answers before it; what flows where is decided elsewhere."""

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit

from godwit.verdict import Answer, Exchange


class Flow(Protocol):
    """What makes a recorded request one side's own."""

    def request(self, recorded: Exchange) -> Exchange:
        """The request with this side's own values."""

    def wanting(self, request: Exchange) -> str | None:
        """A placeholder for which nothing stands, or None."""

    def learn(self, recorded: Answer, live: Answer) -> None:
        """Note which values of a recorded answer are others on this side."""


def replay(exchanges: Sequence[Exchange], base_url: str, flow: Flow, *, timeout_s: float = 10.0) -> list[Answer]:
    """Send recorded requests in order to one side; one answer each. A request that lacks a secret is not sent (status 0)."""
    from godwit.surfaces import client

    async def work() -> list[Answer]:
        answers = []
        async with client.client(timeout_s) as side:
            for exchange in exchanges:
                request = flow.request(exchange)
                named = f"{request.method} {request.path}"
                if missing := flow.wanting(request):
                    said = f"not sent: the side made nothing that stands for {missing}; give it under the recording's `values`"
                    answers.append(Answer(named, 0, error=said))
                    continue
                headers = _to(base_url, request.headers)
                answer = await side.ask(request.method, base_url.rstrip("/") + request.path, headers, request.body)
                flow.learn(exchange.answer, answer)
                answers.append(answer)
        return answers

    return client.run(work())


def _to(base_url: str, headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers, those that name the recorded host naming this side."""
    side = urlsplit(base_url)
    return [
        (name, urlsplit(value)._replace(scheme=side.scheme, netloc=side.netloc).geturl() if _is_host(name) else value)
        for name, value in headers
    ]


def _is_host(name: str) -> bool:
    return name.lower() in ("origin", "referer")
