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


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended. `exit` is negative for a signal; after `timed_out` it was killed."""

    words: tuple[str, ...]
    exit: int
    stdout: str
    stderr: str
    seconds: float
    timed_out: bool


def run_command(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    log: Path | None = None,
    mask: Callable[[str], str] = str,
) -> CommandResult:
    """Run a command with exactly this environment; its output also goes to `log`, through `mask`.

    Raises GodwitError when it cannot be started. Whatever it left running in its process group is killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.monotonic()
        process = _start(words, cwd, env, out, err)
        timed_out = False
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            _end_group(process)
        result = CommandResult(
            tuple(words), process.returncode, _kept(out), _kept(err), time.monotonic() - started, timed_out
        )
    if log is not None:
        _write(log, result, mask)
    return result


def _start(
    words: Sequence[str], cwd: Path, env: Mapping[str, str], out: IO[bytes], err: IO[bytes]
) -> subprocess.Popen[bytes]:
    if not cwd.is_dir():
        raise GodwitError(f"{' '.join(words)}: there is no folder {cwd} to run it in")
    try:
        return subprocess.Popen(
            list(words),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
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


def _kept(stream: IO[bytes]) -> str:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size <= OUTPUT_LIMIT:
        return stream.read().decode(errors="replace")
    head = stream.read(OUTPUT_LIMIT // 2)
    stream.seek(-OUTPUT_LIMIT // 2, os.SEEK_END)
    left_out = f"\n[{size - OUTPUT_LIMIT} bytes left out]\n"
    return head.decode(errors="replace") + left_out + stream.read().decode(errors="replace")


def _write(log: Path, result: CommandResult, mask: Callable[[str], str]) -> None:
    ended = "killed after its time limit" if result.timed_out else f"exit {result.exit}"
    log.parent.mkdir(parents=True, exist_ok=True)
    text = (
        f"$ {' '.join(result.words)}\n# {ended}, {result.seconds:.2f} s\n"
        f"# stdout\n{result.stdout}\n# stderr\n{result.stderr}\n"
    )
    log.write_text(mask(text), encoding="utf-8")
