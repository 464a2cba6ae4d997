"""Starts a command for each arrival and times it till it has ended; compares nothing, and leaves none running."""

import asyncio
import errno
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# Locust puts the folder of its locustfile on the path, in a clone as in an installation; a script stands in its own.
from prepared import wrong_content  # type: ignore[import-not-found]
from schedule import Arrival, Load  # type: ignore[import-not-found]
from wire import FAILED, GOOD, NOT_SENT, TIMED_OUT, Ended, Exchange  # type: ignore[import-not-found]

_KEPT_BYTES = 2**20
_OWN_FAULTS = {errno.EMFILE: "files", errno.ENFILE: "files", errno.EAGAIN: "memory", errno.ENOMEM: "memory"}


class PreparedCommand:
    """One command of one side, ready to be started and its end to be judged; `side` and `operation` are places among all."""

    next = parts = None
    capture: Mapping[str, str] = {}
    needs_headers = needs_body = False

    def __init__(self, load: Load, side: str, place: int) -> None:
        self.side, self.operation = list(load.targets).index(side), place
        operation: Mapping[str, Any] = load.requests[place]
        ready = load.commands.get(side, {}).get(operation["id"])
        words, env = operation["command"], operation.get("env") or {}
        known = {"{url}": load.targets[side], "{python}": sys.executable}
        self._words = ready["words"] if ready else [_filled(word, known) for word in words]
        own = ready["env"] if ready else {name: _filled(value, known) for name, value in env.items()}
        self._env = {name: value for name, value in os.environ.items() if not name.startswith("GODWIT_LOAD")} | own
        self._expect = operation.get("expect") or {}

    def stream(self) -> None:
        """A command is no stream."""

    def made_for(self, arrival: Arrival, _: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
        """Words and environment of an arrival."""
        values = {"{n}": str(arrival.number), "{user}": arrival.user, "{team}": arrival.team}
        return [_filled(word, values) for word in self._words], self._env

    def problem(self, code: int, output: bytes, errors: bytes) -> str:
        """Why it failed; empty when it did not."""
        wanted = self._expect.get("exit") or 0
        if code != wanted:
            last = errors.decode(errors="replace").strip().rpartition("\n")[2]
            return f"exit {code}, not {wanted}" + (f": {last[:120]}" if last else "")
        return str(wrong_content(self._expect, output))


class Running(asyncio.SubprocessProtocol):
    """One command under way; `told` hears once of its exit code, when it ended and what it wrote."""

    def __init__(self, told: Callable[["Running"], None]) -> None:
        self._told = told
        self._written: dict[int, bytearray] = {1: bytearray(), 2: bytearray()}
        self.ended_at = 0.0

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep the beginning of what it writes."""
        kept = self._written[fd]
        kept += data[: _KEPT_BYTES - len(kept)]

    def process_exited(self) -> None:
        """Note when it ended."""
        self.ended_at = time.perf_counter()

    def connection_lost(self, _: Exception | None) -> None:
        """Tell: it has ended, and all that it wrote is here."""
        self._told(self)

    def wrote(self, fd: int) -> bytes:
        """The beginning of an output."""
        return bytes(self._written[fd])


class Commands:
    """The commands of one side: at `most` so many at once; what is due then waits, and its time runs."""

    def __init__(self, *, most: int, timeout_s: float, folder: Path, ended: Ended) -> None:
        self._most, self._timeout_s, self._folder, self._told = most, timeout_s, folder, ended
        self._waiting: deque[Exchange] = deque()
        self._flying: deque[Exchange] = deque()
        self._starting: set[asyncio.Task[None]] = set()
        self._running: dict[Exchange, Any] = {}
        self.waited = 0
        self.faults: dict[str, int] = {}

    def send(self, exchange: Exchange) -> None:
        """Start a command, now or as soon as there is room."""
        self._flying.append(exchange)
        self._waiting.append(exchange)
        self._start_more()
        exchange.queued = exchange in self._waiting

    def sweep(self, now: float) -> None:
        """Kill what has not ended in time."""
        flying = self._flying
        while flying and (flying[0].ended or flying[0].started + self._timeout_s <= now):
            exchange = flying.popleft()
            self._give_up(exchange, now, f"it did not end within {self._timeout_s:g} s")

    def stop(self, problem: str) -> None:
        """Kill everything that is under way."""
        now = time.perf_counter()
        for exchange in list(self._flying):
            self._give_up(exchange, now, problem)
        for transport in self._running.values():
            _kill(transport)

    async def settled(self) -> None:
        """Wait for those that are being started; what is stopped kills them then."""
        await asyncio.gather(*self._starting)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way."""
        return all(exchange.ended for exchange in self._flying)

    def _start_more(self) -> None:
        while self._waiting and len(self._running) + len(self._starting) < self._most:
            exchange = self._waiting.popleft()
            if exchange.ended:
                continue
            task = asyncio.get_running_loop().create_task(self._start(exchange))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _start(self, exchange: Exchange) -> None:
        words, env = exchange.request
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        try:
            transport, _ = await asyncio.get_running_loop().subprocess_exec(
                lambda: Running(lambda running: self._over(exchange, running)),
                *words, stdin=nothing, stdout=pipe, stderr=pipe, cwd=self._folder, env=env, preexec_fn=os.setpgrp,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            self._unstarted(exchange, words[0], error)
            return
        self._running[exchange] = transport
        if exchange.ended:
            _kill(transport)

    def _over(self, exchange: Exchange, running: Running) -> None:
        transport = self._running.pop(exchange)
        code = transport.get_returncode()
        problem = exchange.prepared.problem(code, running.wrote(1), running.wrote(2))
        self._end(exchange, FAILED if problem else GOOD, running.ended_at, problem)
        transport.close()
        self._start_more()

    def _unstarted(self, exchange: Exchange, word: str, error: Exception) -> None:
        fault = _OWN_FAULTS.get(getattr(error, "errno", None) or 0)
        if fault and not exchange.ended:
            self.faults[fault] = self.faults.get(fault, 0) + 1
        why = getattr(error, "strerror", None) or error
        problem = f"{word!r} cannot be started: {why}"
        self._end(exchange, NOT_SENT if fault else FAILED, time.perf_counter(), problem)

    def _give_up(self, exchange: Exchange, now: float, problem: str) -> None:
        self._end(exchange, TIMED_OUT, now, problem)
        if exchange in self._running:
            _kill(self._running[exchange])

    def _end(self, exchange: Exchange, kind: int, at: float, problem: str) -> None:
        """Note the end of an exchange; only the first counts."""
        if not exchange.ended:
            exchange.ended = True
            self.waited += exchange.queued and kind == GOOD
            self._told(exchange, kind, at, problem)


def _kill(transport: Any) -> None:
    """End a command with all that it started: a child of its own would hold its outputs, and with them its place."""
    try:
        os.killpg(transport.get_pid(), signal.SIGKILL)
    except ProcessLookupError:
        return


def _filled(text: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        text = text.replace(place, value)
    return text
