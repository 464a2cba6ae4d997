"""A tiny detached child that sweeps what its owner left, however the owner ends; refuses to stay after that.

It needs nothing but the standard library, so that it costs little while it waits: it reads its standard input, which
ends when the owner does, and only then turns itself into a sweep.
"""

import os
import sys
from pathlib import Path

from godwit.stacks.owners import MARK, Owner, started

_armed: dict[int, int] = {}

_PROGRAM = """
import os, sys, time
os.chdir("/")
pid, start, python = sys.argv[1], sys.argv[2], sys.argv[3]
def alive():
    try:
        fields = open(f"/proc/{pid}/stat").read().rpartition(") ")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX" and fields[19] == start
sys.stdin.buffer.read()
for _ in range(600):
    if not alive():
        os.execv(python, [python, "-m", "godwit.stacks.sweeping"])
    time.sleep(0.05)
"""


def arm(owner: Owner) -> None:
    """Start the guard of this process unless it has one that lives."""
    known = _armed.get(owner.pid)
    if known is not None and started(known) is not None:
        return
    inherited = {name: text for name, text in os.environ.items() if name != MARK}
    # What this process can import, the sweep can; the parent's own folder of sources may not be installed.
    env = {**inherited, "PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry)}
    words = [sys.executable, "-S", "-E", "-c", _PROGRAM, str(owner.pid), owner.start, sys.executable]
    reading, _writing = os.pipe()  # ours stays open, and is never inherited, until this process ends
    _armed[owner.pid] = os.posix_spawn(
        sys.executable,
        words,
        env,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, reading, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsid=True,
    )
    os.close(reading)
