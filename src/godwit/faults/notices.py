"""Questions that the system asks about another process's calls, and the answers: go on, or fail with an error; decides nothing."""

import contextlib
import errno
import fcntl
import os
import select
import struct
from dataclasses import dataclass

_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTICE = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")
_GO_ON = 1
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Notice:
    """A process stands before a call: `pid` (of the thread), the call's `number` and its six `arguments`."""

    id: int
    pid: int
    number: int
    arguments: tuple[int, ...]

    def text(self, argument: int) -> str | None:
        """The path that an argument points to; None if it points nowhere or cannot be read."""
        address = self.arguments[argument]
        if not address:
            return None
        found = b""
        while b"\0" not in found and len(found) <= _PAGE:
            part = self.memory(address + len(found), _PAGE - (address + len(found)) % _PAGE)
            if not part:
                return None
            found += part
        return os.fsdecode(found.partition(b"\0")[0])

    def memory(self, address: int, size: int) -> bytes:
        """A part of the process's memory; empty if it cannot be read."""
        try:
            with open(f"/proc/{self.pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - no regular file
                return os.pread(memory.fileno(), size, address)
        except OSError:
            return b""

    def file(self, descriptor: int) -> str | None:
        """What a descriptor of the process stands for; None if it is none."""
        return self._link(f"fd/{descriptor}")

    def folder(self, argument: int | None) -> str | None:
        """The folder that a relative path starts from."""
        here = argument is None or struct.unpack("i", struct.pack("I", self.arguments[argument] & 0xFFFFFFFF))[0] < 0
        return self._link("cwd") if here or argument is None else self.file(self.arguments[argument])

    def _link(self, name: str) -> str | None:
        try:
            return os.readlink(f"/proc/{self.pid}/{name}")  # noqa: PTH115 - Path would tidy what the system says
        except OSError:
            return None


class Listener:
    """The descriptor that questions come from. Close it when the traced processes have ended: then none is left waiting."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def next(self, within_s: float) -> Notice | None:
        """The next question, or None if none came in time or nobody is left to ask."""
        events = self._poll.poll(max(0, int(within_s * 1000)))
        if not events or not events[0][1] & select.POLLIN:
            return None
        raw = bytearray(_NOTICE.size)
        try:
            fcntl.ioctl(self._descriptor, _RECEIVE, raw)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):  # it was killed meanwhile
                return None
            raise
        id_, pid, _, number, _, _, *arguments = _NOTICE.unpack(raw)
        return Notice(id_, pid, number, tuple(arguments))

    def go_on(self, notice: Notice) -> None:
        """Let the call happen."""
        self._answer(notice, 0, _GO_ON)

    def refuse(self, notice: Notice, error: int) -> None:
        """Let the call fail without happening."""
        self._answer(notice, -error, 0)

    def close(self) -> None:
        """Ask no more."""
        os.close(self._descriptor)

    def _answer(self, notice: Notice, error: int, flags: int) -> None:
        with contextlib.suppress(FileNotFoundError):  # it was killed meanwhile
            fcntl.ioctl(self._descriptor, _SEND, _ANSWER.pack(notice.id, 0, error, flags))
