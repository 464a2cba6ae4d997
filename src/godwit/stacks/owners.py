"""Who owns what was started: a process, by id and start time; refuses to take a reused id for its owner."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = "GODWIT_OWNER"
"""Environment variable that every started process carries; its children inherit it."""


def state_dir() -> Path:
    """Where records of running things are kept: GODWIT_STATE_DIR, or the user's state folder."""
    named = os.environ.get("GODWIT_STATE_DIR")
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return Path(named) if named else home / "godwit"


def cache_dir() -> Path:
    """Where things that are costly to make are kept: GODWIT_CACHE_DIR, or the user's cache folder."""
    named = os.environ.get("GODWIT_CACHE_DIR")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else home / "godwit"


def _stat(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
    except OSError:
        return None


def started(pid: int) -> str | None:
    """When a process started (clock ticks since boot), or None when there is none or it is dead but not yet reaped."""
    fields = _stat(pid)
    return None if fields is None or fields[0] in "ZX" else fields[19]


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that started something; written `pid:start`."""

    pid: int
    start: str

    def __str__(self) -> str:
        return f"{self.pid}:{self.start}"

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return started(self.pid) == self.start


def parse(text: str) -> Owner | None:
    """The owner that a mark names, or None when it is none."""
    pid, _, start = text.partition(":")
    return Owner(int(pid), start) if pid.isdecimal() and start.isdecimal() else None


def this_process() -> Owner:
    """The owner of whatever is started now."""
    return Owner(os.getpid(), started(os.getpid()) or "0")


def ownership() -> dict[str, str]:
    """The environment that marks what is started with it as this process's own."""
    return {MARK: str(this_process())}


def here() -> str:
    """The machine and process-id namespace in which owners' ids mean something."""
    return f"{socket.gethostname()}/{Path('/proc/self/ns/pid').readlink()}"


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())


def mark_of(pid: int) -> Owner | None:
    """The owner whose mark a process carries in its environment, or None."""
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return None
    prefix = f"{MARK}=".encode()
    found = next((entry for entry in content.split(b"\0") if entry.startswith(prefix)), b"")
    return parse(found[len(prefix) :].decode("ascii", "replace"))


def marked() -> dict[int, Owner]:
    """Every living process that carries a mark, with its owner."""
    found = ((pid, mark_of(pid)) for pid in _pids())
    return {pid: owner for pid, owner in found if owner is not None and started(pid) is not None}


def members(session: int) -> list[int]:
    """Living processes of a session (its id is the pid of the process that opened it)."""
    stats = ((pid, _stat(pid)) for pid in _pids())
    return [pid for pid, fields in stats if fields is not None and fields[0] not in "ZX" and fields[3] == str(session)]


def send(pids: list[int], signum: signal.Signals) -> None:
    """Send a signal to each; those that are gone, or not ours, are passed over."""
    for pid in pids:
        try:
            os.kill(pid, signum)
        except (ProcessLookupError, PermissionError):
            continue


@dataclass(frozen=True, slots=True)
class Record:
    """A process group on file, in case its mark cannot be read: the leader, when it started, and whose it is."""

    pid: int
    start: str
    owner: Owner
    role: str

    @property
    def path(self) -> Path:
        """The record's file."""
        return state_dir() / "processes" / f"{self.pid}-{self.start}.json"

    def write(self) -> None:
        """Put the record on file, whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.path.with_suffix(f".{os.getpid()}")
        scratch.write_text(
            json.dumps({"pid": self.pid, "start": self.start, "owner": str(self.owner), "role": self.role})
        )
        scratch.replace(self.path)

    def forget(self) -> None:
        """Take the record off file."""
        self.path.unlink(missing_ok=True)


def records() -> list[Record]:
    """Every record on file; a file that is none is passed over."""
    found = []
    for path in sorted((state_dir() / "processes").glob("*.json")):
        try:
            data = json.loads(path.read_text())
            owner = parse(data["owner"])
            if owner is not None:
                found.append(Record(int(data["pid"]), str(data["start"]), owner, str(data["role"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def end_all(pids: list[int], timeout_s: float = 5.0) -> None:
    """Kill processes and wait until they are gone or dead."""
    starts = {pid: started(pid) for pid in pids}
    end = time.monotonic() + timeout_s
    while living := [pid for pid, start in starts.items() if start is not None and started(pid) == start]:
        send(living, signal.SIGKILL)
        if time.monotonic() > end:
            return
        time.sleep(0.02)
