"""Started as a program of its own: has the system ask about some calls, hands the questions to its parent, and becomes the
command that it was given; it imports nothing of godwit, so that nothing but the command's own work is traced.

Words: the number of an inherited socket, the filter in hexadecimal, the number of the call `seccomp`, the command.
"""

import ctypes
import os
import socket
import struct
import sys

_NO_NEW_PRIVILEGES = 38
_SET_FILTER = 1
_LISTENER, _WAIT_KILLABLE = 1 << 3, 1 << 5


def main(number: str, filter_hex: str, seccomp: str, *words: str) -> None:
    """Install the filter, send its listener and become the command; what goes wrong is told instead."""
    raw = ctypes.create_string_buffer(bytes.fromhex(filter_hex))
    program = struct.pack("HxxxxxxP", len(raw) // 8, ctypes.addressof(raw))
    libc = ctypes.CDLL(None, use_errno=True)
    with socket.socket(fileno=int(number)) as parent:
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        # An older system lacks the second flag; there a signal may have a call asked about twice.
        for flags in (_LISTENER | _WAIT_KILLABLE, _LISTENER):
            listener = libc.syscall(int(seccomp), _SET_FILTER, flags, ctypes.c_char_p(program))
            if listener >= 0:
                break
        if listener < 0:
            parent.send(f"no {os.strerror(ctypes.get_errno())}".encode())
            raise SystemExit(126)
        socket.send_fds(parent, [b"ok"], [listener])
    os.execvp(words[0], words)  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main(*sys.argv[1:])
