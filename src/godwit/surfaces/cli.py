"""Runs a command to its end or to its time limit, in a process group of its own of which nothing is left afterwards."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from godwit.verdict import GodwitError

OUTPUT_LIMIT = 4 * 1024 * 1024
"""How much of each of stdout and stderr is kept, in bytes: the first and the last half of it."""
FLOOD_LIMIT = 64 * OUTPUT_LIMIT
"""A command that has written more than this, in bytes, is killed before it fills the disk."""
_LOOK_S = 0.25


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended. `exit` is negative for a signal; after `timed_out` or `flooded` it was killed.

    Bytes of its output that are no UTF-8 are written as `\\xff`; `cut` names the outputs that were too large to keep.
    """

    words: tuple[str, ...]
    exit: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool
    flooded: bool = False
    cut: tuple[str, ...] = ()


def run_command(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    log: Path | None = None,
    mask: Callable[[str], str] = str,
    stdin: bytes = b"",
    keep: int | None = None,
) -> CommandResult:
    """Run a command with exactly this environment; its output also goes to `log`, through `mask`.

    Of each output `keep` bytes are kept, OUTPUT_LIMIT when nothing is said.
    Raises GodwitError when it cannot be started. Whatever it left running in its process group is killed.
    """
    kept = OUTPUT_LIMIT if keep is None else keep
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        started = time.monotonic()
        process = _start(words, cwd, env, given, out, err)
        try:
            timed_out, flooded = _wait(process, started + timeout_s, out, err)
        finally:
            _end_group(process)
        seconds = time.monotonic() - started
        cut = tuple(name for name, file in (("stdout", out), ("stderr", err)) if _size(file) > kept)
        result = CommandResult(
            tuple(words), process.returncode, _kept(out, kept), _kept(err, kept), seconds, timed_out, flooded, cut
        )
    if log is not None:
        _write(log, result, mask)
    return result


def _wait(process: subprocess.Popen[bytes], ends: float, *outputs: IO[bytes]) -> tuple[bool, bool]:
    """Whether it ran out of time, and whether it had to be stopped for how much it wrote."""
    while True:
        left = ends - time.monotonic()
        try:
            process.wait(max(0.0, min(_LOOK_S, left)))
        except subprocess.TimeoutExpired:
            if any(_size(output) > FLOOD_LIMIT for output in outputs):
                return False, True
            if left <= _LOOK_S:
                return True, False
        else:
            return False, False


def _size(stream: IO[bytes]) -> int:
    return os.fstat(stream.fileno()).st_size


def _start(
    words: Sequence[str], cwd: Path, env: Mapping[str, str], given: IO[bytes], out: IO[bytes], err: IO[bytes]
) -> subprocess.Popen[bytes]:
    if not cwd.is_dir():
        raise GodwitError(f"{' '.join(words)}: there is no folder {cwd} to run it in")
    try:
        return subprocess.Popen(
            list(words),
            cwd=cwd,
            env=dict(env),
            stdin=given,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    except OSError as error:
        raise GodwitError(f"{' '.join(words)}: {words[0]!r} cannot be started: {error.strerror}") from None


def _end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def _kept(stream: IO[bytes], keep: int) -> str:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size <= keep:
        return stream.read().decode(errors="backslashreplace")
    head = stream.read(keep // 2)
    stream.seek(-keep // 2, os.SEEK_END)
    left_out = f"\n[{size - keep} bytes left out]\n"
    return head.decode(errors="backslashreplace") + left_out + stream.read().decode(errors="backslashreplace")


def _write(log: Path, result: CommandResult, mask: Callable[[str], str]) -> None:
    ended = "killed after its time limit" if result.timed_out else f"exit {result.exit}"
    ended = "killed for how much it wrote" if result.flooded else ended
    log.parent.mkdir(parents=True, exist_ok=True)
    text = (
        f"$ {' '.join(result.words)}\n# {ended}, {result.seconds:.2f} s\n"
        f"# stdout\n{result.stdout}\n# stderr\n{result.stderr}\n"
    )
    log.write_text(mask(text), encoding="utf-8")
