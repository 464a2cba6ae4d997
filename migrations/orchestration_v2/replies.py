"""Rewrites the candidate's answers on their way out, for seeded defects; production code knows nothing of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass
class Reply:
    """An answer before it is sent, and what was asked; `headers` has names in lower case."""

    method: str
    path: str
    query: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_error(self) -> bool:
        """Whether it says that something went wrong."""
        return self.status >= 400

    def document(self) -> Any:
        """The body as JSON, None if it is none."""
        if not self.body or "json" not in self.headers.get("content-type", ""):
            return None
        return json.loads(self.body)

    def say(self, document: Any) -> None:
        """Puts another document into the body."""
        self.body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


Change = Callable[[Reply], None]


def change_replies(change: Change) -> None:
    """Lets `change` have every answer of the service before its caller does."""
    from plumbing.faults import FaultInjection

    serve = FaultInjection.__call__

    async def changed(self: FaultInjection, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await serve(self, scope, receive, send)
            return
        told: list[Any] = []

        async def keep(message: Any) -> None:
            told.append(message)

        await serve(self, scope, receive, keep)
        reply = _reply(scope, told)
        change(reply)
        await _send(send, reply)

    FaultInjection.__call__ = changed  # type: ignore[method-assign]


def things(reply: Reply, kind: str) -> Iterator[dict[str, Any]]:
    """The documents of one kind (`tasks`, `workflows`, `agents`, `messages`) in the reply, to be changed in place."""
    document = reply.document()
    if reply.is_error or not isinstance(document, dict) or not reply.path.startswith("/api/"):
        return
    if isinstance(document.get(kind), list):
        yield from document[kind]
    elif reply.path.startswith(f"/api/{kind}") and "id" in document:
        yield document
    else:
        return
    reply.say(document)


def _reply(scope: Any, told: list[Any]) -> Reply:
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in told[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in told[1:])
    asked = scope["method"], scope["path"], scope["query_string"].decode()
    return Reply(*asked, told[0]["status"], headers, body)


async def _send(send: Any, reply: Reply) -> None:
    if reply.body or "content-length" in reply.headers:
        reply.headers["content-length"] = str(len(reply.body))
    headers = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
