"""Runs a command that is stopped before each change it makes to a folder, and strikes at one of them; judges nothing.

Linux alone, but without privileges and in containers too: the system asks about the calls that change files (seccomp's
user notification). What is written through a memory map or an io_uring is not seen.
"""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from godwit.faults import launching
from godwit.faults.notices import Listener, Notice
from godwit.faults.system_calls import MAKES, Call, Machine, filter_of, this_machine
from godwit.faults.unsynced import Unsynced
from godwit.verdict import GodwitError, HarnessError

Deed = Literal["kill", "power-loss", "disk-full", "permission-denied"]
REFUSED: Mapping[str, frozenset[str]] = {
    "disk-full": frozenset({"create", "write"}),
    "permission-denied": frozenset({"create", "rename", "unlink", "mode"}),
}
"""The kinds of calls that fail under a trouble."""
_ERRORS = {"disk-full": errno.ENOSPC, "permission-denied": errno.EACCES}
_LOOK_S = 0.1
_STARTS_WITHIN_S = 30.0
_SAID_AT_MOST = 4000


@dataclass(frozen=True, slots=True)
class Point:
    """One change that a command is about to make: its kind, and the file's name in the folder."""

    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}".strip()


@dataclass(frozen=True, slots=True)
class Blow:
    """What happens at the point of a number (from 1): a kill there, or a trouble that stays from there on.

    Number 0 is the time after the command's end: only power can be lost then.
    """

    number: int
    deed: Deed


@dataclass(frozen=True, slots=True)
class Traced:
    """How a traced command went: its points up to its end or the blow, and whether the blow took effect."""

    points: tuple[Point, ...]
    struck: Point | None
    refused: int
    exit: int
    timed_out: bool
    said: str
    seconds: float


def untraceable() -> str:
    """Why commands cannot be traced here; empty if they can."""
    if this_machine() is None:
        return "the calls of this processor are not known"
    try:
        with tempfile.TemporaryDirectory() as folder:
            where = Path(folder)
            trace([sys.executable, "-I", "-S", "-c", ""], where, where, dict(os.environ), _STARTS_WITHIN_S)
    except HarnessError as error:
        return str(error)
    return ""


def trace(
    words: Sequence[str],
    folder: Path,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    kinds: frozenset[str] | None = None,
    blow: Blow | None = None,
) -> Traced:
    """Run a command and stop before each change (of these kinds, all when none is named) that it makes under `folder`.

    Raises HarnessError where the system does not let commands be traced, GodwitError for a command that does not start.
    """
    machine = this_machine()
    if machine is None:
        raise HarnessError("the calls of this processor are not known, so nothing can be traced")
    program = str(cwd / words[0]) if "/" in words[0] else words[0]
    if shutil.which(program, path=env.get("PATH")) is None:
        raise GodwitError(f"{' '.join(words)}: {words[0]!r} cannot be started: there is no such program")
    with tempfile.TemporaryFile() as said:
        process, listener = _start(words, cwd, env, machine, said)
        watch = _Watch(folder.resolve(), machine.calls, kinds, blow)
        began = time.monotonic()
        try:
            timed_out = _follow(process, listener, watch, began + timeout_s)
        finally:
            _end(process)
            listener.close()
        seconds = time.monotonic() - began
        watch.finish()
        return Traced(
            tuple(watch.points), watch.struck, watch.refused, process.returncode, timed_out, _tail(said), seconds
        )


def run_for(words: Sequence[str], cwd: Path, env: Mapping[str, str], seconds: float) -> tuple[bool, str]:
    """Run a command untraced and kill it after a time; whether it was still running then, and what it said."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            list(words),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True, _tail(said)
        finally:
            _end(process)
        return False, _tail(said)


def _start(
    words: Sequence[str], cwd: Path, env: Mapping[str, str], machine: Machine, said: IO[bytes]
) -> tuple[subprocess.Popen[bytes], Listener]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        given = (str(theirs.fileno()), filter_of(machine).hex(), str(machine.seccomp), *words)
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(launching.__file__), *given],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        ours.settimeout(_STARTS_WITHIN_S)
        try:
            word, descriptors, _, _ = socket.recv_fds(ours, 200, 1)
        except TimeoutError:
            word, descriptors = b"", []
    if not descriptors:
        _end(process)
        raise HarnessError(f"commands cannot be traced here: {word.decode().removeprefix('no ') or _tail(said)}")
    return process, Listener(descriptors[0])


def _follow(process: subprocess.Popen[bytes], listener: Listener, watch: "_Watch", ends: float) -> bool:
    """Answer until the process has ended; true if it ran out of time."""
    while process.poll() is None:
        if time.monotonic() > ends:
            return True
        notice = listener.next(_LOOK_S)
        if notice is None:
            continue
        error = watch.answer(notice)
        if error == _KILL:
            os.kill(notice.pid, signal.SIGKILL)
            return False
        if error:
            listener.refuse(notice, error)
        else:
            listener.go_on(notice)
    return False


_KILL = -1


@dataclass(slots=True)
class _Watch:
    """What is done about each call: it is counted, refused, or is the one at which to kill."""

    folder: Path
    calls: Mapping[int, Call]
    kinds: frozenset[str] | None
    blow: Blow | None
    points: list[Point] = field(default_factory=list)
    struck: Point | None = None
    refused: int = 0
    _unsynced: Unsynced | None = None

    def __post_init__(self) -> None:
        if self.blow and self.blow.deed == "power-loss":
            self._unsynced = Unsynced(self.folder)

    def answer(self, notice: Notice) -> int:
        """0 to go on, an error to fail with, or _KILL."""
        call = self.calls[notice.number]
        path, old = self._paths(notice, call)
        inside = path if path and self._holds(path) else old if old and self._holds(old) else None
        if call.kind == "exit":
            return self._count(Point("exit", ""), call)
        if inside is None or _is_scratch(call, inside) or (call.flags is not None and not _makes(notice, call, inside)):
            return 0
        kind = "commit" if self._wanted("commit") and _commits(notice, call, inside) else call.kind
        said = self._count(Point(kind, inside.relative_to(self.folder).as_posix()), call)
        if said == 0 and self._unsynced:
            _follow_contents(self._unsynced, call, inside, old)
        return said

    def finish(self) -> None:
        """Lose what is lost with the power."""
        if self._unsynced and (self.struck or (self.blow and self.blow.number == 0)):
            self.refused = self._unsynced.lose()

    def _count(self, point: Point, call: Call) -> int:
        blow = self.blow
        if self._wanted(point.kind):
            self.points.append(point)
            if blow and len(self.points) == blow.number:
                self.struck = point
                if blow.deed in ("kill", "power-loss"):
                    return _KILL
        if self.struck and blow and call.kind in REFUSED.get(blow.deed, ()) and call.grows:
            self.refused += 1
            return _ERRORS[blow.deed]
        return 0

    def _wanted(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds

    def _paths(self, notice: Notice, call: Call) -> tuple[Path | None, Path | None]:
        path = _path_of(notice, call.base, call.path) if call.path is not None else None
        if call.fd is not None:
            path = _plain(notice.file(notice.arguments[call.fd]))
        return path, _path_of(notice, *call.old) if call.old else None

    def _holds(self, path: Path) -> bool:
        return path != self.folder and path.is_relative_to(self.folder)


def _follow_contents(unsynced: Unsynced, call: Call, path: Path, old: Path | None) -> None:
    if call.kind == "fsync":
        unsynced.synced(path)
    elif call.kind in ("write", "create"):
        unsynced.before_write(path)
    elif call.kind == "unlink" or (call.kind == "rename" and path != old):
        unsynced.before_removal(path)


def _path_of(notice: Notice, base: int | None, argument: int) -> Path | None:
    text = notice.text(argument)
    if text is None:  # such as the times of a descriptor
        return _plain(notice.file(notice.arguments[base])) if base is not None else None
    start = notice.folder(base)
    if start is None:
        return None
    whole = os.path.join(start, text)  # noqa: PTH118 - Path would not keep a path that ends in a slash apart
    return Path(os.path.realpath(os.path.dirname(whole.rstrip("/")))) / os.path.basename(whole.rstrip("/"))  # noqa: PTH119, PTH120


def _plain(name: str | None) -> Path | None:
    return Path(name.removesuffix(" (deleted)")) if name and name.startswith("/") else None


def _is_scratch(call: Call, path: Path) -> bool:
    """Whether this writes into the index of SQLite's log, which is made anew by whoever opens the store after a crash."""
    return call.kind == "write" and path.name.endswith("-shm")


def _makes(notice: Notice, call: Call, path: Path) -> bool:
    """Whether an opening changes anything: one that may make a file finds it there as a rule."""
    flags = notice.arguments[call.flags] if call.flags is not None else MAKES
    return bool(flags & os.O_TRUNC) or not path.exists()


def _commits(notice: Notice, call: Call, path: Path) -> bool:
    """Whether SQLite commits by this: a frame that says how large the database then is, or the end of its journal."""
    if path.name.endswith("-journal"):
        return call.kind == "unlink" or (call.name == "ftruncate" and notice.arguments[1] == 0)
    if not path.name.endswith("-wal") or call.name != "pwrite64" or notice.arguments[2] != _FRAME_HEAD:
        return False
    return any(notice.memory(notice.arguments[1], _FRAME_HEAD)[4:8])


_FRAME_HEAD = 24


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _tail(said: IO[bytes]) -> str:
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - _SAID_AT_MOST))
    return said.read().decode(errors="backslashreplace").strip()
