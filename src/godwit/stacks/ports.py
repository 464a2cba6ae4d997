"""Ports on loopback that stay ours over restarts, each held by a file lock; refuses those that somebody listens on."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from godwit.stacks.owners import started, state_dir
from godwit.verdict import StackError

LOOPBACK = "127.0.0.1"
# The kernel hands out 32768 and above to outgoing connections: such a port could be gone after a restart.
_FIRST, _COUNT = 18000, 14000
_held: dict[int, tuple[int, Path]] = {}


def is_free(port: int, *, unused: bool = False) -> bool:
    """Whether a server could listen on the port now; `unused` asks that no connection is still closing there either."""
    with socket.socket() as probe:
        if not unused:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def reserve() -> int:
    """A port that nobody listens on and that no other godwit on this machine holds; kept until `release`."""
    folder = state_dir() / "ports"
    folder.mkdir(parents=True, exist_ok=True)
    for step in range(_COUNT):
        port = _FIRST + (os.getpid() * 29 + step) % _COUNT
        if port not in _held and is_free(port, unused=True) and _lock(folder / str(port), port):
            return port
    raise StackError(f"no free port between {_FIRST} and {_FIRST + _COUNT - 1} on {LOOPBACK}: end what listens there")


def _lock(path: Path, port: int) -> bool:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return False
    _held[port] = (handle, path)
    return True


def release(port: int) -> None:
    """Give a port back."""
    if port in _held:
        handle, path = _held.pop(port)
        path.unlink(missing_ok=True)
        os.close(handle)


@contextmanager
def given_back_on_error() -> Iterator[None]:
    """Release the ports that were reserved inside the block when it raises."""
    before = set(_held)
    try:
        yield
    except BaseException:
        for port in set(_held) - before:
            release(port)
        raise


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens on a port, as far as this user may see."""

    pid: int
    words: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"process {self.pid} ({' '.join(self.words)[:120]})" if self.pid else "a process that this user cannot see"
        )


def listener(port: int) -> Listener:
    """Who listens on the port."""
    for connection in psutil.net_connections("tcp"):
        here = connection.laddr
        if connection.status == psutil.CONN_LISTEN and here and here.port == port and connection.pid:
            words = _words(connection.pid)
            if words is not None:
                return Listener(connection.pid, words)
    return Listener(0, ())


def _words(pid: int) -> tuple[str, ...] | None:
    try:
        return tuple(psutil.Process(pid).cmdline()) if started(pid) else None
    except psutil.Error:
        return None


def wait_until_free(port: int, timeout_s: float = 3.0) -> None:
    """Wait until the port can be bound; raises StackError that names who holds it."""
    end = time.monotonic() + timeout_s
    while not is_free(port):
        if time.monotonic() > end:
            raise StackError(f"port {port} on {LOOPBACK} is taken by {listener(port)}; end it, and run again")
        time.sleep(0.05)
