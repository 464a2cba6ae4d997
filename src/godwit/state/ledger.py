"""Keeps a ledger of writes that were acknowledged, and writes through a router meanwhile; judges nothing."""

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from godwit.plan import Request
from godwit.verdict import GodwitError

_IN_FLIGHT = 64


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


class Ledger:
    """Acknowledged writes by id, also on disk as JSON Lines; any thread may add."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._counts: Counter[str] = Counter()
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


class Writer:
    """Writes through a router on a schedule, from `start` to `stop`, into a ledger.

    The request captures `id`; `{n}` in it is the number of the write. A write that waits does not delay the next one,
    up to 64 at a time; then the schedule waits, and the time lost counts as the time that the next write took.
    """

    def __init__(
        self,
        ledger: Ledger,
        url: str,
        request: Request,
        headers: Mapping[str, str],
        rate_per_s: float,
        *,
        timeout_s: float = 35.0,
        served_by: str = "x-served-by",
    ) -> None:
        if "id" not in request.capture:
            raise GodwitError(f"state.ledger.write: {request.method} {request.path} must capture id")
        self._ledger = ledger
        self._url = url.rstrip("/")
        self._request = request
        self._headers = dict(headers)
        self._every_s = 1.0 / rate_per_s
        self._timeout_s = timeout_s
        self._served_by = served_by
        self._stop = threading.Event()
        self._room = threading.Semaphore(_IN_FLIGHT)
        self._lock = threading.Lock()
        self._attempts: list[Attempt] = []
        self._schedule = threading.Thread(target=self._run, name="ledger-writer", daemon=True)

    def start(self) -> None:
        """Begin to write, in the background."""
        self._schedule.start()

    def stop(self) -> list[Attempt]:
        """Stop writing, wait for the writes that are under way, and give every attempt in the order it was due."""
        self._stop.set()
        self._schedule.join()
        with self._lock:
            return sorted(self._attempts)

    def _run(self) -> None:
        limits = httpx.Limits(max_connections=_IN_FLIGHT, max_keepalive_connections=_IN_FLIGHT)
        secure = self._url.startswith("https:")
        with httpx.Client(verify=secure, trust_env=False, timeout=self._timeout_s, limits=limits) as client:
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
        status, key, error = 0, None, ""
        try:
            status, key = self._send(client, number)
        except Exception as trouble:  # noqa: BLE001  an attempt that left no trace would look like one never made
            error = f"{type(trouble).__name__}: {trouble}"
        self._room.release()
        attempt = Attempt(due, key is not None, time.monotonic() - due)
        with self._lock:
            self._attempts.append(attempt)
        self._ledger.note("attempted", n=number, **attempt._asdict(), status=status, id=key, error=error)

    def _send(self, client: httpx.Client, number: int) -> tuple[int, str | None]:
        request = self._request
        filled = {name: _filled(value, number) for name, value in {**self._headers, **request.headers}.items()}
        body = None if request.body is None else _filled(request.body, number)
        answer = client.request(request.method, self._url + _filled(request.path, number), headers=filled, json=body)
        if not 200 <= answer.status_code < 300:
            return answer.status_code, None
        fields = answer.json()
        key = str(_at(fields, request.capture["id"]))
        self._ledger.acknowledge(Entry(key, fields, time.monotonic(), answer.headers.get(self._served_by, "")))
        return answer.status_code, key


def _filled(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {key: _filled(item, number) for key, item in value.items()}
    return [_filled(item, number) for item in value] if isinstance(value, list | tuple) else value


def _at(value: Any, pointer: str) -> Any:
    for raw in pointer.split("/")[1:]:
        step = raw.replace("~1", "/").replace("~0", "~")
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value
