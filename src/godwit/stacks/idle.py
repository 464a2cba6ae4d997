"""Idle interpreters with some imports, and the memory that they take; what a stack takes more is its own doing."""

import subprocess
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from godwit.stacks.looks import Tree
from godwit.stacks.stack import Runtime
from godwit.verdict import HarnessError, Sample

_PATIENCE_S = 60.0
_READY = "everything is imported"
_PROGRAM = """
import sys
for name in sys.argv[2:]:
    __import__(name)
print(sys.argv[1], flush=True)
sys.stdin.read()
"""


def idle_samples(runtime: Runtime, imports: Sequence[str], processes: int, readings: int) -> list[Sample]:
    """So many readings, each of new interpreters, as many at once as the stack has processes, added up.

    Raises HarnessError when one of them does not come up, with the last line that it wrote.
    """
    return [_reading(runtime, imports, processes) for _ in range(readings)]


def _reading(runtime: Runtime, imports: Sequence[str], processes: int) -> Sample:
    with ExitStack() as opened:
        started = [opened.enter_context(_interpreter(runtime, imports)) for _ in range(processes)]
        try:
            for each in started:
                _wait(each)
            samples = [Tree(each.pid).sample(whole=True) for each in started]
        finally:
            for each in started:
                each.kill()
    return replace(
        samples[0],
        pss_mb=sum(each.pss_mb or 0.0 for each in samples),
        uss_mb=sum(each.uss_mb or 0.0 for each in samples),
        rss_mb=sum(each.rss_mb for each in samples),
        processes=sum(each.processes for each in samples),
    )


def _interpreter(runtime: Runtime, imports: Sequence[str]) -> "subprocess.Popen[str]":
    words = [runtime.python, "-c", _PROGRAM, _READY, *imports]
    try:
        return subprocess.Popen(
            words,
            cwd=runtime.folder,
            env=dict(runtime.env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except OSError as error:
        raise HarnessError(f"an idle interpreter {runtime.python} cannot be run: {error}") from None


def _wait(process: "subprocess.Popen[str]") -> None:
    """Wait until everything is imported; what an import prints is passed over."""
    late = threading.Timer(_PATIENCE_S, process.kill)
    late.start()
    last = "it wrote nothing"
    try:
        for line in process.stdout or ():
            if line.strip() == _READY:
                return
            last = line.strip() or last
    finally:
        late.cancel()
    raise HarnessError(f"an idle interpreter with the plan's imports did not come up: {last}")
