"""Keeps a ledger of writes that were acknowledged, and writes meanwhile, on a schedule or one after another; judges nothing."""

import itertools
import json
import math
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from godwit.plan import Request
from godwit.state.asking import ask, connections, filled, pointed
from godwit.verdict import GodwitError

_IN_FLIGHT = 64
_SERVED_BY = "x-served-by"


@dataclass(frozen=True, slots=True)
class Entry:
    """One acknowledged write: what the answer said, when (monotonic seconds), and by whom as the answer tells."""

    id: str
    fields: Any
    at_s: float
    by: str


class Attempt(NamedTuple):
    """One write that was tried: when it was due (monotonic seconds), whether it was acknowledged, how long it took."""

    at_s: float
    ok: bool
    seconds: float


class Write(NamedTuple):
    """One write of one client: its number, what was sent, when (monotonic seconds), and whether it was acknowledged."""

    client: str
    number: int
    body: Any
    began_s: float
    ended_s: float
    ok: bool


class Ledger:
    """Acknowledged writes by id, also on disk as JSON Lines; any thread may add."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._counts: Counter[str] = Counter()
        self._writes: list[Write] = []
        path.parent.mkdir(parents=True, exist_ok=True)

    def acknowledge(self, entry: Entry) -> None:
        """Add a write that was acknowledged; of two under one id the first counts, and both are counted."""
        with self._lock:
            self._entries.setdefault(entry.id, entry)
            self._counts[entry.id] += 1
        self.note("acknowledged", **asdict(entry))

    def note(self, event: str, **fields: Any) -> None:
        """Append one line to the file."""
        line = json.dumps({"event": event, **fields}, ensure_ascii=False, default=str) + "\n"
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line)

    def attempted(self, write: Write, status: int, key: str | None, error: str) -> None:
        """Add a write that was tried, whatever came of it."""
        with self._lock:
            self._writes.append(write)
        attempt = Attempt(write.began_s, write.ok, write.ended_s - write.began_s)
        told = {"n": write.number, "client": write.client, **attempt._asdict()}
        self.note("attempted", **told, status=status, id=key, error=error)

    def writes(self) -> tuple[Write, ...]:
        """Every write that was tried, in the order in which they began."""
        with self._lock:
            return tuple(sorted(self._writes, key=lambda write: (write.began_s, write.number)))

    def acknowledged(self) -> dict[str, Any]:
        """What the answer to each acknowledged write said, by id."""
        with self._lock:
            return {key: entry.fields for key, entry in self._entries.items()}

    def entries(self) -> tuple[Entry, ...]:
        """All acknowledged writes, in order of acknowledgement."""
        with self._lock:
            return tuple(self._entries.values())

    def doubled(self) -> tuple[str, ...]:
        """Ids under which more than one write was acknowledged."""
        with self._lock:
            return tuple(sorted(key for key, count in self._counts.items() if count > 1))


class Sender:
    """Sends the write of a ledger, again and again; `{n}` in it is the number of the write, `{client}` who writes."""

    def __init__(self, ledger: Ledger, url: str, request: Request) -> None:
        if "id" not in request.capture:
            raise GodwitError(f"state.ledger.write: {request.method} {request.path} must capture id")
        self._ledger = ledger
        self.url = url.rstrip("/")
        self._request = request

    def send(self, client: httpx.Client, name: str, number: int, due_s: float) -> Attempt:
        """Write once; due seconds ago counts as the time that it took. It is in the ledger afterwards, whatever came of it."""
        places = {"n": str(number), "client": name}
        body = filled(self._request.body, places)
        status, key, error = 0, None, ""
        try:
            status, key = self._sent(client, places)
        except Exception as trouble:  # noqa: BLE001  an attempt that left no trace would look like one never made
            error = f"{type(trouble).__name__}: {trouble}"
        write = Write(name, number, body, due_s, time.monotonic(), key is not None)
        self._ledger.attempted(write, status, key, error)
        return Attempt(due_s, write.ok, write.ended_s - due_s)

    def _sent(self, client: httpx.Client, places: dict[str, str]) -> tuple[int, str | None]:
        answer = ask(client, self.url, self._request, places)
        if not 200 <= answer.status_code < 300:
            return answer.status_code, None
        fields = answer.json()
        key = str(pointed(fields, self._request.capture["id"]))
        self._ledger.acknowledge(Entry(key, fields, time.monotonic(), answer.headers.get(_SERVED_BY, "")))
        return answer.status_code, key


class Writer:
    """Writes through a router on a schedule, from `start` to `stop`, into a ledger.

    A write that waits does not delay the next one, up to 64 at a time; then the schedule waits, and the time lost counts
    as the time that the next write took.
    """

    def __init__(self, ledger: Ledger, url: str, request: Request, rate_per_s: float) -> None:
        self._sender = Sender(ledger, url, request)
        self._every_s = 1.0 / rate_per_s
        self._stop = threading.Event()
        self._room = threading.Semaphore(_IN_FLIGHT)
        self._lock = threading.Lock()
        self._attempts: list[Attempt] = []
        self._schedule = threading.Thread(target=self._run, name="ledger-writer", daemon=True)

    def start(self) -> None:
        """Begin to write, in the background."""
        self._schedule.start()

    def answered(self, since_s: float) -> int:
        """How many writes were due since a moment (monotonic seconds) and were acknowledged."""
        with self._lock:
            return sum(attempt.ok and attempt.at_s > since_s for attempt in self._attempts)

    def stop(self) -> list[Attempt]:
        """Stop writing, wait for the writes that are under way, and give every attempt in the order it was due."""
        self._stop.set()
        self._schedule.join()
        with self._lock:
            return sorted(self._attempts)

    def _run(self) -> None:
        with connections(self._sender.url, _IN_FLIGHT) as client:
            threads: list[threading.Thread] = []
            started = time.monotonic()
            for number in itertools.count():
                due = started + number * self._every_s
                if self._stop.wait(max(0.0, due - time.monotonic())):
                    break
                self._room.acquire()
                thread = threading.Thread(target=self._write, args=(client, number, due), daemon=True)
                thread.start()
                threads = [*(item for item in threads if item.is_alive()), thread]
            for thread in threads:
                thread.join()

    def _write(self, client: httpx.Client, number: int, due: float) -> None:
        attempt = self._sender.send(client, "any", number, due)
        self._room.release()
        with self._lock:
            self._attempts.append(attempt)


class Clients:
    """Writes of several clients, each of which waits for its answer before it writes again, from `start` to `stop`.

    Client `k` of `c` is called by `names` and k, and makes the writes k, k + c, k + 2c and so on, so that numbers grow with
    each client's writes; they go on where the ledger's end.
    """

    def __init__(
        self,
        ledger: Ledger,
        url: str,
        request: Request,
        rate_per_s: float,
        clients: int,
        names: str,
        *,
        at_most: int | None = None,
    ) -> None:
        self._sender = Sender(ledger, url, request)
        self._every_s = clients / rate_per_s
        self._count = clients
        self._names = names
        self._first = max((write.number + 1 for write in ledger.writes()), default=0)
        self._last = math.inf if at_most is None else self._first + at_most
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._attempts: list[Attempt] = []
        self._threads = [threading.Thread(target=self._run, args=(client,), daemon=True) for client in range(clients)]

    def start(self) -> None:
        """Begin to write, in the background."""
        for thread in self._threads:
            thread.start()

    def answered(self, since_s: float) -> int:
        """How many writes began since a moment (monotonic seconds) and were acknowledged."""
        with self._lock:
            return sum(attempt.ok and attempt.at_s > since_s for attempt in self._attempts)

    def wait(self) -> None:
        """Wait until `at_most` writes were tried."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> list[Attempt]:
        """Stop writing, wait for the writes that are under way, and give every attempt in the order it began."""
        self._stop.set()
        self.wait()
        with self._lock:
            return sorted(self._attempts)

    def _run(self, client: int) -> None:
        with connections(self._sender.url, 1) as http:
            next_s = time.monotonic() + self._every_s * client / self._count
            for number in itertools.count(self._first + client, self._count):
                if number >= self._last or self._stop.wait(max(0.0, next_s - time.monotonic())):
                    return
                attempt = self._sender.send(http, f"{self._names}{client}", number, time.monotonic())
                with self._lock:
                    self._attempts.append(attempt)
                next_s = max(next_s + self._every_s, time.monotonic())
