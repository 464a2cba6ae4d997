"""Sends prepared requests over kept connections, each once and never again, and tells when its answer was whole; judges no answer."""

import asyncio
import errno
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httptools

# Locust puts the folder of its locustfile on the path, in a clone as in an installation; a script stands in its own.
from prepared import Prepared  # type: ignore[import-not-found]
from schedule import Arrival  # type: ignore[import-not-found]

IDLE_AT_MOST_S = 1.5
"""Servers hang up on connections that rest, the quickest after 2 s; a request on its way then would fail by our own fault."""

GOOD, FAILED, TIMED_OUT, NOT_SENT = range(4)
"""What may come of a request; `NOT_SENT` is the generator's own fault and says nothing of the server."""

_NOTHING: Mapping[str, str] = {}
_OWN_FAULTS = {errno.EADDRNOTAVAIL: "ports", errno.EMFILE: "files", errno.ENFILE: "files", errno.ENOBUFS: "memory"}


class Exchange:
    """One request under way: what was due when, the connection that it is on, and whether it has ended.

    A step of a flow follows the exchange `before` it, and has what was captured until then.
    """

    __slots__ = (
        "arrival",
        "captured",
        "connection",
        "due",
        "ended",
        "prepared",
        "queued",
        "request",
        "started",
        "step",
        "stream",
    )

    def __init__(
        self, arrival: Arrival, prepared: Prepared, due: float, started: float, before: "Exchange | None" = None
    ) -> None:
        self.arrival, self.prepared, self.due, self.started = arrival, prepared, due, started
        self.captured: Mapping[str, str] = before.captured if before else _NOTHING
        self.step: int = before.step + 1 if before else 0
        self.request: bytes = prepared.made_for(arrival, self.captured)
        self.stream = prepared.stream()
        self.connection: Connection | None = None
        self.ended = self.queued = False


Ended = Callable[[Exchange, int, float, str], None]
"""Told once of every exchange: what came of it, when (performance counter), and why it is no success."""


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._parser: Any = httptools.HttpResponseParser(self)
        self._transport: Any = None
        self._exchange: Exchange | None = None
        self._whole = self._stays = False
        self._first = b""
        self.rests_since = 0.0

    def connection_made(self, transport: Any) -> None:
        """Be ready."""
        self._transport = transport

    def send(self, exchange: Exchange) -> None:
        """Send a request."""
        self._exchange = exchange
        exchange.connection = self
        self._whole, self._first = False, b""
        self._transport.write(exchange.request)

    def is_open(self) -> bool:
        """Whether a request may be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Hang up at once."""
        self._exchange = None
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Read on; an answer is timed when its last part is here."""
        now = time.perf_counter()
        exchange = self._exchange
        if exchange is None:
            self._transport.abort()
            return
        self._first = self._first or data
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self._whole:
                self._fail(exchange, now, f"no HTTP: {error}")
                return
            self._stays = False
        if self._whole:
            self._answered(exchange, now)

    def on_message_complete(self) -> None:
        """Note that the answer is whole; an interim answer (100 to 199) is none."""
        if self._parser.get_status_code() >= 200:
            self._whole, self._stays = True, self._parser.should_keep_alive()

    def connection_lost(self, error: Exception | None) -> None:
        """Fail what was under way, unless its answer was to end with the connection."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            now = time.perf_counter()
            if error is None and _ends_with_its_connection(self._first):
                self._judge(exchange, now)
            else:
                self._pool.ended(
                    exchange, FAILED, now, f"no answer: {type(error).__name__}: {error}" if error else self._cut()
                )
        self._pool.lost(self)

    def headers(self) -> Mapping[bytes, bytes]:
        """Headers of the last answer, names in lower case."""
        return {}

    def body(self) -> bytes:
        """Body of the last answer."""
        return b""

    def _answered(self, exchange: Exchange, now: float) -> None:
        self._exchange = None
        self._judge(exchange, now)
        if self._stays:
            self._pool.free(self, now)
        else:
            self._transport.abort()

    def _judge(self, exchange: Exchange, now: float) -> None:
        status, prepared = self._parser.get_status_code(), exchange.prepared
        if prepared.takes_any and status < 400:
            self._pool.ended(exchange, GOOD, now, "")
            return
        problem = prepared.problem(status, self.headers(), self.body())
        if exchange.stream is not None:
            problem = problem or exchange.stream.lacks
        if prepared.capture and not problem:
            values, problem = prepared.captured(self.body())
            exchange.captured = {**exchange.captured, **values}
        self._pool.ended(exchange, FAILED if problem else GOOD, now, problem)

    def _fail(self, exchange: Exchange, now: float, problem: str) -> None:
        self._exchange = None
        self._pool.ended(exchange, FAILED, now, problem)
        self._transport.abort()

    def _cut(self) -> str:
        return "the answer was cut off" if self._first else "no answer: the server hung up"


class ReadingConnection(Connection):
    """A connection that keeps headers and bodies of answers."""

    def __init__(self, pool: "Pool") -> None:
        self._kept: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []
        super().__init__(pool)

    def on_message_begin(self) -> None:
        """Forget the answer before."""
        self._kept, self._parts = {}, []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._kept[name.lower()] = value

    def on_body(self, part: bytes) -> None:
        """Keep a part of the body."""
        self._parts.append(part)

    def headers(self) -> Mapping[bytes, bytes]:
        """Headers of the last answer, names in lower case."""
        return self._kept

    def body(self) -> bytes:
        """Body of the last answer."""
        return b"".join(self._parts)


class StreamingConnection(ReadingConnection):
    """A connection that follows streams of events too, and hangs up on one that has told enough."""

    _now = 0.0

    def data_received(self, data: bytes) -> None:
        """Read on, remembering when this came."""
        self._now = time.perf_counter()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Note when the head of an answer was here."""
        status = self._parser.get_status_code()
        if self._exchange is not None and self._exchange.stream is not None and status >= 200:
            kind = self.headers().get(b"content-type", b"").decode("latin-1")
            self._exchange.stream.begin(status, kind, self._now)

    def on_body(self, part: bytes) -> None:
        """Keep a part of the body; a stream may have told enough with it."""
        super().on_body(part)
        stream = self._exchange.stream if self._exchange is not None else None
        if stream is not None:
            stream.take(part, self._now)
            if stream.is_over:
                self._whole, self._stays = True, False


class Pool:
    """The connections to one side: the one used last is used first, more are opened when all are busy.

    `most` bounds them; what is due then waits, and its time runs. `waited` counts those that waited for that and were
    answered all the same; `faults` what the generator could not send.
    """

    def __init__(self, url: str, *, most: int, timeout_s: float, made: type[Connection], ended: Ended) -> None:
        parts = urlsplit(url)
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._ssl else 80)
        self._most, self._timeout_s, self._told = most, timeout_s, ended
        self._made = made
        self._idle: list[Connection] = []
        self._waiting: deque[Exchange] = deque()
        self._flying: deque[Exchange] = deque()
        self._opening: set[asyncio.Task[None]] = set()
        self._open: set[Connection] = set()
        self.waited = 0
        self.faults: dict[str, int] = {}

    def send(self, exchange: Exchange) -> None:
        """Send a request, now or as soon as there is a connection."""
        self._flying.append(exchange)
        oldest = exchange.started - IDLE_AT_MOST_S
        while self._idle:
            connection = self._idle.pop()
            if connection.rests_since >= oldest and connection.is_open():
                connection.send(exchange)
                return
            connection.close()
        self._waiting.append(exchange)
        exchange.queued = not self._open_more()

    def free(self, connection: Connection, now: float) -> None:
        """Use a connection for what has waited longest, or let it rest."""
        while self._waiting:
            exchange = self._waiting.popleft()
            if not exchange.ended:
                connection.send(exchange)
                return
        connection.rests_since = now
        self._idle.append(connection)

    def lost(self, connection: Connection) -> None:
        """Forget a connection; what waits gets another."""
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._open_more()

    def ended(self, exchange: Exchange, kind: int, at: float, problem: str) -> None:
        """Note the end of an exchange; only the first counts."""
        if not exchange.ended:
            exchange.ended = True
            self.waited += exchange.queued and kind == GOOD
            self._told(exchange, kind, at, problem)

    def sweep(self, now: float) -> None:
        """End what has had no answer in time, and hang up on connections that have rested."""
        flying = self._flying
        while flying and (flying[0].ended or flying[0].started + self._timeout_s <= now):
            exchange = flying.popleft()
            if not exchange.ended:
                self._give_up(exchange, now, f"no answer within {self._timeout_s:g} s")
        while self._idle and self._idle[0].rests_since < now - IDLE_AT_MOST_S:
            self._idle.pop(0).close()

    def stop(self, problem: str) -> None:
        """End everything that is under way."""
        now = time.perf_counter()
        for exchange in list(self._flying):
            if not exchange.ended:
                self._give_up(exchange, now, problem)
        for task in list(self._opening):
            task.cancel()
        for connection in list(self._open):
            connection.close()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way; sweeps forget what has ended."""
        return not any(not exchange.ended for exchange in self._flying)

    def _give_up(self, exchange: Exchange, now: float, problem: str) -> None:
        if exchange.connection is not None:
            exchange.connection.close()
        self.ended(exchange, TIMED_OUT, now, problem)

    def _open_more(self) -> bool:
        """Open as many connections as wait for one; false where that would be too many."""
        while len(self._opening) < len(self._waiting):
            if len(self._open) + len(self._opening) >= self._most:
                return False
            task = asyncio.get_running_loop().create_task(self._connect())
            self._opening.add(task)
            task.add_done_callback(self._opened)
        return True

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        self._open_more()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            opened = loop.create_connection(self._connection, self._host, self._port, ssl=self._ssl)
            _, connection = await asyncio.wait_for(opened, self._timeout_s)
        except (OSError, TimeoutError) as error:
            self._refused(error)
            return
        self._open.add(connection)
        self.free(connection, time.perf_counter())

    def _connection(self) -> Connection:
        return self._made(self)

    def _refused(self, error: Exception) -> None:
        fault = _OWN_FAULTS.get(getattr(error, "errno", None) or 0)
        while self._waiting:
            exchange = self._waiting.popleft()
            if exchange.ended:
                continue
            if fault:
                self.faults[fault] = self.faults.get(fault, 0) + 1
            text = f"no answer: {type(error).__name__}: {error}"
            self.ended(exchange, NOT_SENT if fault else FAILED, time.perf_counter(), text)
            return


def _ends_with_its_connection(first: bytes) -> bool:
    """Whether an answer's head names no length, so that only the end of its connection ends it."""
    head, blank, _ = first.partition(b"\r\n\r\n")
    head = head.lower()
    return bool(blank) and b"\ncontent-length:" not in head and b"\ntransfer-encoding:" not in head
