"""The calls by which a program changes files, with their numbers, and the filter that asks about exactly these; runs nothing."""

import os
import platform
import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One system call: what it does, and which of its arguments name the file.

    `fd` is the argument that holds a descriptor; `path` the one that points to a path, relative to the descriptor in
    `base` or to the working folder. `flags` is the argument with the flags of an opening. `old` is the pair of `base` and
    `path` of a name that goes away. `grows` is false for what needs no space.
    """

    name: str
    kind: str
    fd: int | None = None
    path: int | None = None
    base: int | None = None
    flags: int | None = None
    old: tuple[int | None, int] | None = None
    grows: bool = True


@dataclass(frozen=True, slots=True)
class Machine:
    """One processor's numbers: of the architecture for a filter, of `seccomp`, and of every call."""

    architecture: int
    seccomp: int
    numbers: dict[str, int]

    @property
    def calls(self) -> dict[int, Call]:
        """The calls by their number here."""
        by_name = {call.name: call for call in CALLS}
        return {number: by_name[name] for name, number in self.numbers.items()}


CALLS = (
    Call("open", "create", path=0, flags=1),
    Call("openat", "create", path=1, base=0, flags=2),
    Call("creat", "create", path=0),
    Call("mkdir", "create", path=0),
    Call("mkdirat", "create", path=1, base=0),
    Call("mknodat", "create", path=1, base=0),
    Call("link", "create", path=1),
    Call("linkat", "create", path=3, base=2),
    Call("symlink", "create", path=1),
    Call("symlinkat", "create", path=2, base=1),
    Call("write", "write", fd=0),
    Call("writev", "write", fd=0),
    Call("pwrite64", "write", fd=0),
    Call("pwritev", "write", fd=0),
    Call("pwritev2", "write", fd=0),
    Call("sendfile", "write", fd=0),
    Call("copy_file_range", "write", fd=2),
    Call("splice", "write", fd=2),
    Call("fallocate", "write", fd=0),
    Call("truncate", "write", path=0, grows=False),
    Call("ftruncate", "write", fd=0, grows=False),
    Call("chmod", "mode", path=0),
    Call("fchmod", "mode", fd=0),
    Call("fchmodat", "mode", path=1, base=0),
    Call("fchmodat2", "mode", path=1, base=0),
    Call("chown", "mode", path=0),
    Call("lchown", "mode", path=0),
    Call("fchown", "mode", fd=0),
    Call("fchownat", "mode", path=1, base=0),
    Call("utimes", "mode", path=0),
    Call("utimensat", "mode", path=1, base=0),
    Call("fsync", "fsync", fd=0),
    Call("fdatasync", "fsync", fd=0),
    Call("syncfs", "fsync", fd=0),
    Call("rename", "rename", path=1, old=(None, 0)),
    Call("renameat", "rename", path=3, base=2, old=(0, 1)),
    Call("renameat2", "rename", path=3, base=2, old=(0, 1)),
    Call("unlink", "unlink", path=0),
    Call("rmdir", "unlink", path=0),
    Call("unlinkat", "unlink", path=1, base=0),
    Call("exit_group", "exit"),
)

_X86_64 = {
    "write": 1, "open": 2, "pwrite64": 18, "writev": 20, "sendfile": 40, "fsync": 74, "fdatasync": 75, "truncate": 76,
    "ftruncate": 77, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87, "symlink": 88,
    "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "exit_group": 231, "utimes": 235, "openat": 257,
    "mkdirat": 258, "mknodat": 259, "fchownat": 260, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266,
    "fchmodat": 268, "splice": 275, "utimensat": 280, "fallocate": 285, "pwritev": 296, "syncfs": 306, "renameat2": 316,
    "copy_file_range": 326, "pwritev2": 328, "fchmodat2": 452,
}  # fmt: skip
_AARCH64 = {
    "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38, "truncate": 45,
    "ftruncate": 46, "fallocate": 47, "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "openat": 56, "write": 64,
    "writev": 66, "pwrite64": 68, "pwritev": 70, "sendfile": 71, "splice": 76, "fsync": 82, "fdatasync": 83, "utimensat": 88,
    "exit_group": 94, "syncfs": 267, "renameat2": 276, "copy_file_range": 285, "pwritev2": 287, "fchmodat2": 452,
}  # fmt: skip
_MACHINES = {
    "x86_64": Machine(0xC000003E, 317, _X86_64),
    "aarch64": Machine(0xC00000B7, 277, _AARCH64),
}
_LOAD, _EQUALS, _HAS_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ASK = 0x7FFF0000, 0x7FC00000
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
MAKES = os.O_CREAT | os.O_TRUNC
"""The flags of an opening that may make a file or empty it."""


def this_machine() -> Machine | None:
    """The numbers of this processor; None where they are not known."""
    return _MACHINES.get(platform.machine())


def filter_of(machine: Machine) -> bytes:
    """The filter as the system takes it: ask about the calls of the table, openings only if they make or empty a file."""
    steps = [(_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUALS, 1, 0, machine.architecture), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_LOAD, 0, 0, _NUMBER_AT))
    for number, call in machine.calls.items():
        if call.flags is None:
            steps += [(_EQUALS, 0, 1, number), (_RETURN, 0, 0, _ASK)]
        else:
            flags_at = _ARGUMENTS_AT + 8 * call.flags
            steps += [(_EQUALS, 0, 4, number), (_LOAD, 0, 0, flags_at), (_HAS_BITS, 0, 1, MAKES)]
            steps += [(_RETURN, 0, 0, _ASK), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
