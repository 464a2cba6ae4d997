"""`godwit verify` in a real pseudo-terminal: a live view of which nothing stays; lines where pytest owns the terminal."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

TINY = Path(__file__).resolve().parents[1] / "pytest_plugin" / "tiny"
GODWIT = str(Path(sys.executable).with_name("godwit"))
_ROWS, _COLUMNS = 40, 100
_GLANCE = 64  # bytes: what is shown and wiped away within one piece of output is seen too
_MOVES = re.compile(rb"\x1b\[[0-9;?]*[A-HJKSTfhl]")


def in_terminal(
    home: Path, *words: str, look: Callable[[list[str]], None] = lambda _: None, **environ: str
) -> tuple[bytes, list[str]]:
    """Verify two checks of the tiny migration in a terminal; gives what was written, and what stands on the screen at the end."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    own = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "GODWIT_", "NO_COLOR"))}
    command = [
        GODWIT,
        "verify",
        str(TINY),
        "--check",
        "parity/the-stack-is-healthy",
        "--out",
        str(home / "out"),
        *words,
    ]
    screen = pyte.Screen(_COLUMNS, _ROWS)
    stream, written, ends = pyte.ByteStream(screen), b"", time.monotonic() + 90
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=home,
        env={**own, "TERM": "xterm", "GODWIT_STATE_DIR": str(home / "state"), **environ},
    ) as child:
        os.close(theirs)
        try:
            while time.monotonic() < ends:
                if not select.select([ours], [], [], 0.2)[0]:
                    continue
                data = os.read(ours, 65536)
                written += data
                for begin in range(0, len(data), _GLANCE):
                    stream.feed(data[begin : begin + _GLANCE])
                    look(list(screen.display))
        except OSError:  # the terminal is closed: everybody who wrote into it has ended
            pass
        finally:
            os.close(ours)
            child.kill() if time.monotonic() >= ends else child.wait()
    return written, [line.rstrip() for line in screen.display if line.strip()]


def test_a_terminal_shows_the_run_live_and_at_its_end_the_verdict(tmp_path: Path) -> None:
    seen: set[str] = set()
    written, screen = in_terminal(tmp_path, look=lambda lines: seen.update(line.rstrip() for line in lines))
    assert any(line.startswith("phase 1/1 parity: Both sides stand beside each other") for line in seen)
    assert any(re.fullmatch(r".*\d of \d+ checks", line) for line in seen)
    assert [line for line in screen if "phase 1/1" in line or line.endswith("checks")] == []
    assert any(line.startswith("INCONCLUSIVE") for line in screen)
    assert screen[-1].startswith(("2 passed", "exit code"))
    assert written.rstrip().endswith(b"\x1b[?25h") or b"\x1b[?25h" in written[-200:]  # the cursor is seen again


def test_where_pytest_owns_the_terminal_nothing_moves_in_it(tmp_path: Path) -> None:
    written, screen = in_terminal(tmp_path, "-s", NO_COLOR="1")
    assert _MOVES.findall(written) == []
    assert re.search(rb"\x1b\[[0-9;]*m", written) is None
    assert any(line.startswith("godwit: phase 1/1 parity: ") for line in screen)
    assert any(line.startswith("INCONCLUSIVE") for line in screen)
