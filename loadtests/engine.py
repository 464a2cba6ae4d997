"""Sends one worker's share of a load and spools what came of it: a process of its own, because Locust patches the one it is in.

`open_loop.py` starts it and talks to it in lines of JSON: the load comes in, then the moment to begin; counts go out. When
its input ends before the load does, it stops. Refuses to judge: what is written is what was seen.
"""

import asyncio
import gc
import json
import math
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvloop

# A script's own folder is on its path.
from alarm import Alarm  # type: ignore[import-not-found]
from commands import Commands, PreparedCommand  # type: ignore[import-not-found]
from prepared import Prepared  # type: ignore[import-not-found]
from schedule import Arrival, Load  # type: ignore[import-not-found]
from spool import WARM, Spool  # type: ignore[import-not-found]
from wire import (  # type: ignore[import-not-found]
    GOOD,
    NOT_SENT,
    Connection,
    Exchange,
    Pool,
    ReadingConnection,
    StreamingConnection,
)

LATE_S = 0.05
"""An arrival that starts this much after its time did so through the generator's own fault."""

_REPORT_S = 0.25
_SWEEP_S = 0.05
_AT_ONCE = 64
_STEP_S = 0.001
"""Arrivals closer than this are due together, every millisecond: to wake for each costs as much as to send it."""
_TEXTS = 100
_FILES = 65536
_LONGEST_LINE = 2**28


class Counts:
    """What is known of a share besides its records."""

    def __init__(self) -> None:
        self.sent = self.failed = self.asked = self.late = 0
        self.behind = [0] * 64
        self.errors: Counter[tuple[int, int, str]] = Counter()
        self.cpu_s = self.seconds = 0.0

    def started(self, measured: bool, behind_s: float) -> None:
        """Note that an arrival was sent, and how far behind its time."""
        self.sent += 1
        if measured:
            self.asked += 1
            self.late += behind_s > LATE_S
            self.behind[int(behind_s * 1e6).bit_length() if behind_s > 0 else 0] += 1

    def wrong(self, side: int, operation: int, problem: str) -> None:
        """Note why a measured request failed; after a hundred different reasons they stand as one."""
        key = (side, operation, problem[:200])
        if key not in self.errors and len(self.errors) >= _TEXTS:
            key = (side, operation, "other reasons")
        self.errors[key] += 1


class Share:
    """One worker's part of a load under way."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.load = Load(order["load"], order.get("host"))
        self.index, self.of = order["share"]
        self.counts = Counts()
        spool = Path(order["spool"])
        self.spool = Spool(spool)
        self._names = [request["id"] for request in self.load.requests]
        self._prepared: dict[tuple[str, str], Any] = {
            (side, request["id"]): (PreparedCommand if request.get("command") else Prepared)(self.load, side, place)
            for side in self.load.targets
            for place, request in enumerate(self.load.requests)
        }
        self._turns_apart = self.load.longest
        self._to_follow = 0
        self._pools = {side: self._pool(side) for side in self.load.targets}
        self._commands = {side: self._commands_in(spool.parent) for side in self.load.targets}
        self.senders = [*self._pools.values(), *self._commands.values()]
        self._ways = {key: (prepared, self._sender(prepared, key[0])) for key, prepared in self._prepared.items()}
        self._loop = asyncio.get_running_loop()
        self._alarm = Alarm(self._loop, self._ring)
        self._arrivals: Iterator[Arrival] = self.load.arrivals((self.index, self.of))
        self._next: Arrival | None = None
        self._start = self._measured_from = self._cpu_from = 0.0
        self._last_s = -1.0
        self._measuring = self._is_cut = False
        self.over = asyncio.Event()

    def begin(self, at: float) -> None:
        """Start at a time on the performance counter."""
        self._start = at
        self._next = next(self._arrivals, None)
        self._alarm.at(at)

    def stop(self) -> None:
        """End now; what is still under way is in no figure, since nobody knows how it would have ended."""
        self._is_cut = True
        self._stop_measuring()
        self._next = None
        self._alarm.close()
        for sender in self.senders:
            sender.sweep(time.perf_counter())
            sender.stop("no answer before the end of the run")
        self.over.set()

    async def settled(self) -> None:
        """Wait till nothing is being started any more."""
        for commands in self._commands.values():
            await commands.settled()

    def told(self) -> dict[str, Any]:
        """The counts so far, everything that they count being in the spool."""
        self.spool.flush()
        counts = self.counts
        cpu_s, seconds = self._measured_so_far()
        faults: Counter[str] = Counter()
        for sender in self.senders:
            faults.update(sender.faults)
            faults["connections"] += sender.waited
        return {
            "records": self.spool.written,
            "sent": counts.sent,
            "asked": counts.asked,
            "late": counts.late,
            "behind": {str(bits): times for bits, times in enumerate(counts.behind) if times},
            "seconds": seconds,
            "cpu": cpu_s / seconds if seconds else 0.0,
            "cpu_s": time.process_time(),
            "faults": {name: times for name, times in faults.items() if times},
            "errors": [[*key, times] for key, times in counts.errors.items()],
        }

    def _pool(self, side: str) -> Pool:
        prepared = [each for (its, _), each in self._prepared.items() if its == side]
        reads = any(each.needs_headers or each.needs_body for each in prepared)
        made: type[Connection] = ReadingConnection if reads else Connection
        made = StreamingConnection if any(each.parts is not None for each in prepared) else made
        load = self.load
        most = max(1, load.connections)
        return Pool(load.targets[side], most=most, timeout_s=load.timeout_s, made=made, ended=self._ended)

    def _commands_in(self, folder: Path) -> Commands:
        load = self.load
        return Commands(most=max(1, load.connections), timeout_s=load.timeout_s, folder=folder, ended=self._ended)

    def _sender(self, prepared: Any, side: str) -> Any:
        return (self._commands if isinstance(prepared, PreparedCommand) else self._pools)[side]

    def _ring(self) -> None:
        if self.load.is_closed:
            self._begin_closed()
        else:
            self._send_what_is_due()

    def _send_what_is_due(self) -> None:
        """Send everything whose time has come, a few dozen at once so that answers are read between."""
        now = time.perf_counter()
        for _ in range(_AT_ONCE):
            arrival = self._next
            if arrival is None:
                self._await_the_end()
                return
            due = self._start + self._stepped(arrival.at_s)
            if due > now:
                self._alarm.at(due)
                return
            self._send(arrival, due, now, arrival.measured)
            self._last_s, self._next = arrival.at_s, next(self._arrivals, None)
        self._loop.call_soon(self._ring)

    def _stepped(self, at_s: float) -> float:
        return at_s if at_s - self._last_s >= _STEP_S else math.floor(at_s / _STEP_S) * _STEP_S

    def _begin_closed(self) -> None:
        """Let each user of a closed loop send its first request."""
        mine = len(range(self.index, self.load.concurrency, self.of))
        for _ in range(mine):
            self._send_another()
        self._await_the_end()

    def _send_another(self) -> None:
        now = time.perf_counter()
        if now < self._start + self.load.rate.seconds and not self.over.is_set():
            self._send(next(self._arrivals), now, now, now >= self._start + self.load.warmup_s)

    def _send(self, arrival: Arrival, due: float, now: float, measured: bool) -> None:
        if measured and not self._measuring:
            self._measuring = True
            self._measured_from, self._cpu_from = now, time.process_time()
        self.counts.started(measured, now - due)
        prepared, sender = self._ways[arrival.side, arrival.operation["id"]]
        sender.send(Exchange(arrival, prepared, due, now))

    def _follow(self, before: Exchange, due: float) -> None:
        """Send the next step of a flow; it was due when the answer before it was here."""
        self._to_follow -= 1
        if self.over.is_set():
            return
        side = before.arrival.side
        prepared = self._prepared[side, self._names[before.prepared.next]]
        now = time.perf_counter()
        exchange = Exchange(before.arrival, prepared, due, now, before)
        self.counts.started(self._is_measured(exchange), now - due)
        self._pools[side].send(exchange)

    def _is_measured(self, exchange: Exchange) -> bool:
        """Whether an exchange counts; the steps of a flow do as its beginning does, in a closed loop each for itself."""
        if self.load.is_closed:
            return bool(exchange.due - self._start >= self.load.warmup_s)
        return bool(exchange.arrival.measured)

    def _ended(self, exchange: Exchange, kind: int, at: float, problem: str) -> None:
        measured = self._is_measured(exchange) and not self._is_cut
        self._record(exchange, exchange.prepared.operation, exchange.due, at, kind, measured)
        if exchange.stream is not None and kind != NOT_SENT:
            for part, since, until in exchange.stream.parts(exchange.due, kind == GOOD):
                its = kind if until is None else GOOD
                self._record(exchange, exchange.prepared.parts + part, since, until or at, its, measured)
        if kind != GOOD:
            self.counts.failed += 1
            if measured:
                self.counts.wrong(exchange.prepared.side, exchange.prepared.operation, problem)
        if kind == GOOD and exchange.prepared.next is not None:
            self._to_follow += 1
            self._loop.call_soon(self._follow, exchange, at)
        elif self.load.is_closed:
            self._loop.call_later(self.load.think_s, self._send_another)

    def _record(
        self, exchange: Exchange, operation: int, since: float, until: float, kind: int, measured: bool
    ) -> None:
        """Write down one sample: an exchange, or a part of a stream."""
        self.spool.add(
            exchange.arrival.turn * self._turns_apart + exchange.step,
            max(0, round((since - self._start) * 1e6)),
            max(1, round((until - since) * 1e6)) if kind == GOOD else 0,
            operation,
            exchange.prepared.side,
            kind if measured else kind | WARM,
        )

    def _await_the_end(self) -> None:
        """Measure until the schedule is over, and be done when everything has been answered or has failed."""
        left_s = self._start + self.load.rate.seconds - time.perf_counter()
        if left_s > 0:
            self._loop.call_later(min(left_s, 0.05) if left_s > 0.05 else left_s, self._await_the_end)
            return
        self._stop_measuring()
        if not self._to_follow and all(sender.is_quiet for sender in self.senders):
            self.over.set()
        else:
            self._loop.call_later(_SWEEP_S, self._await_the_end)

    def _stop_measuring(self) -> None:
        self.counts.cpu_s, self.counts.seconds = self._measured_so_far()

    def _measured_so_far(self) -> tuple[float, float]:
        """Seconds of CPU and of the clock since the warm-up; a run that is ended has no others than these."""
        counts = self.counts
        if counts.seconds or not self._measuring:
            return counts.cpu_s, counts.seconds
        return time.process_time() - self._cpu_from, time.perf_counter() - self._measured_from


def say(**line: Any) -> None:
    """Tell the worker."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _follow(share: Share, orphaned: "asyncio.Future[bytes]") -> None:
    """Sweep and tell until the share is over, or nobody listens any more."""
    told = 0.0
    while not share.over.is_set() and not orphaned.done():
        await asyncio.sleep(_SWEEP_S)
        now = time.perf_counter()
        for sender in share.senders:
            sender.sweep(now)
        if now >= told + _REPORT_S and not orphaned.done():
            told = now
            say(**share.told())


async def run() -> None:
    """Take the order, wait for the moment, send, and tell."""
    lines = asyncio.StreamReader(limit=_LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    order = json.loads(await lines.readline())
    share = Share(order)
    gc.collect()
    gc.freeze()
    say(ready=True)
    go = await lines.readline()
    if not go:
        return
    wall = json.loads(go)["at"]
    share.begin(time.perf_counter() + (wall - time.time()))
    orphaned = asyncio.ensure_future(lines.read())
    try:
        await _follow(share, orphaned)
    finally:  # also where a signal ends it
        share.stop()
        await share.settled()
    complete = not orphaned.done()
    orphaned.cancel()
    say(**share.told(), done=True, complete=complete)
    share.spool.close()


def main() -> None:
    """Run with as many open files as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    uvloop.run(run())


if __name__ == "__main__":
    main()
