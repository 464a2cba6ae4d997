"""Plays one worker's share of a load: has an engine send it and hands on what it saw; runs in Locust, sends nothing itself."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent  # type: ignore[import-untyped]
import numpy as np
from locust.stats import StatsEntry, StatsError

# Locust puts the folder of its locustfile on the path, in a clone as in an installation.
from schedule import Load  # type: ignore[import-not-found]

ENGINE = Path(__file__).resolve().with_name("engine.py")
LAYOUT = np.dtype(
    [("turn", "<u4"), ("due_us", "<u8"), ("latency_us", "<u4"), ("operation", "<u2"), ("side", "u1"), ("kind", "u1")]
)
"""A record as numpy reads it: see spool.RECORD."""

_PATIENCE_S = 3.0

Tell = Callable[[str, dict[str, Any]], None]


class Player:
    """An engine at work on a share. `tell` sends a message to whoever conducts the run."""

    def __init__(self, environment: Any, order: dict[str, Any], tell: Tell) -> None:
        self._environment, self._order, self._tell = environment, order, tell
        self.run = order["run"]
        self._load = Load(order["load"], order["host"])
        # Whoever starts Locust may name a folder, and takes it away even where this process is killed.
        self._folder = tempfile.TemporaryDirectory(prefix="godwit-load-", dir=os.environ.get("GODWIT_LOAD_WORK"))
        self._spool = Path(self._folder.name) / "records"
        self._engine: Any = subprocess.Popen(
            [sys.executable, str(ENGINE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._read = 0
        self._errors: dict[tuple[int, int, str], int] = {}
        self._say({name: order[name] for name in ("load", "host", "share")} | {"spool": str(self._spool)})
        gevent.spawn(self._listen)

    def go(self, at: float) -> None:
        """Begin at a time of the wall clock."""
        self._say({"at": at})

    def stop(self) -> None:
        """End the engine, if it has not ended; nothing of it is left."""
        self._hang_up()
        try:
            self._engine.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._engine.kill()
            self._engine.wait()
        self._folder.cleanup()

    def _say(self, line: dict[str, Any]) -> None:
        try:
            self._engine.stdin.write(json.dumps(line) + "\n")
            self._engine.stdin.flush()
        except BrokenPipeError:
            return  # it has died, which whoever listens to it finds out

    def _hang_up(self) -> None:
        try:
            self._engine.stdin.close()
        except BrokenPipeError:
            return

    def _listen(self) -> None:
        """Hand on what the engine says; if it falls silent before it is done, say that."""
        for text in self._engine.stdout:
            line = json.loads(text)
            if line.get("ready"):
                self._tell("godwit_ready", {"run": self.run})
                continue
            self._hand_on(line)
            if line.get("done"):
                self._hang_up()
                return
        code = self._engine.wait()
        self._tell(
            "godwit_records", {"run": self.run, "line": {"died": f"the engine ended with code {code}"}, "data": b""}
        )

    def _hand_on(self, line: dict[str, Any]) -> None:
        data = self._new_records(line["records"])
        self._show(np.frombuffer(data, LAYOUT), line["errors"])
        if line.get("done"):
            self._report()
        self._tell("godwit_records", {"run": self.run, "line": line, "data": data})

    def _new_records(self, upto: int) -> bytes:
        with self._spool.open("rb") as file:
            file.seek(self._read)
            data = file.read(upto - self._read)
        self._read += len(data)
        return data

    def _report(self) -> None:
        """Have the master's own table hold all that this worker made: its regular report comes every 3 s only."""
        send = getattr(self._environment.runner, "_send_stats", None)
        if send is not None:
            send()

    def _show(self, found: Any, errors: list[list[Any]]) -> None:
        """Enter records into Locust's own statistics, for its table and its web page."""
        stats, names, sides = self._environment.stats, self._load.names, list(self._load.targets)
        requests = len(self._load.requests)
        for side, operation, its in parted(found):
            asked, method = names[operation]
            name = f"{sides[side]} {asked}"
            entry = _entry(stats, name, method, its)
            stats.get(name, method).extend(entry)
            if operation < requests:
                stats.total.extend(entry)
        for side, operation, text, times in errors:
            asked, method = names[operation]
            new = times - self._errors.get((side, operation, text), 0)
            self._errors[side, operation, text] = times
            if new:
                _add_error(stats, method, f"{sides[side]} {asked}", text, new)


def parted(records: Any) -> Iterator[tuple[int, int, Any]]:
    """The records of each side's each operation: the places of both, and the records in their order."""
    keys = records["side"].astype(np.uint32) << 16 | records["operation"]
    for key in np.unique(keys):
        yield int(key >> 16), int(key & 0xFFFF), records[keys == key]


def _entry(stats: Any, name: str, method: str, found: Any) -> Any:
    """Records of one name as Locust adds them up, with times of 3 digits in place of its own two."""
    now = time.time()
    entry = StatsEntry(stats, name, method)
    entry.start_time = entry.last_request_timestamp = now
    good = found["latency_us"][found["latency_us"] > 0] / 1000
    entry.num_requests = len(found)
    entry.num_none_requests = entry.num_failures = len(found) - len(good)
    entry.num_reqs_per_sec[int(now)] = len(found)
    entry.num_fail_per_sec[int(now)] = entry.num_failures
    if len(good):
        entry.total_response_time = float(good.sum())  # type: ignore[assignment]
        entry.min_response_time, entry.max_response_time = float(good.min()), float(good.max())  # type: ignore[assignment]
        for milliseconds, times in zip(*np.unique(_three_digits(good), return_counts=True), strict=True):
            entry.response_times[float(milliseconds)] = int(times)  # type: ignore[index]
    return entry


def _three_digits(values: Any) -> Any:
    scale = 10.0 ** (np.floor(np.log10(values)) - 2)
    return np.round(np.round(values / scale) * scale, 3)


def _add_error(stats: Any, method: str, name: str, text: str, times: int) -> None:
    key = StatsError.create_key(method, name, text)
    entry = stats.errors.get(key)
    if entry is None:
        entry = stats.errors[key] = StatsError(method, name, text)
    entry.occurrences += times
