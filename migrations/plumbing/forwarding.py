"""Between ASGI and upstreams: reads a whole request as it came, and sends a whole answer; changes neither."""

from starlette.types import Receive, Scope, Send

from plumbing.upstream import Answered, Asked


async def asked_from(scope: Scope, receive: Receive) -> Asked:
    """The request, body included."""
    return Asked(scope["method"], _target(scope), _headers(scope), await _body(receive))


def _target(scope: Scope) -> str:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def _headers(scope: Scope) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1").lower(), _text(value)) for name, value in scope["headers"])


def _text(value: bytes) -> str:
    # A user's id is hashed the same whether it came in a header or in a JSON document.
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def send_answer(send: Send, answered: Answered) -> None:
    """Sends an answer."""
    headers = [(name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in answered.headers]
    if answered.status != 204:
        headers.append((b"content-length", str(len(answered.body)).encode()))
    await send({"type": "http.response.start", "status": answered.status, "headers": headers})
    await send({"type": "http.response.body", "body": answered.body})
