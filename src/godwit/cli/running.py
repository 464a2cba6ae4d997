"""Runs pytest on the shipped suites in a process of its own, with the run's progress beside it; reads no verdict."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from godwit.reporting import Progress
from godwit.session.shipped import SUITES

# Plugins that come with dependencies and do nothing for the shipped suites. One patches sockets and threads; one imports
# all of Hypothesis at the end of a run, which takes a second; two import all of their libraries at the start.
WITHOUT = ("-p", "no:locust", "-p", "no:hypothesispytest", "-p", "no:schemathesis", "-p", "no:anyio")
_OWNS_TERMINAL = re.compile(r"-[a-z]*s[a-z]*|--capture(=.*)?|--pdb|--trace|--collect-only|--co")
_DEBUGS = ("--pdb", "--trace")
_LAST_WORDS_S = 2.0


def run_pytest(words: Sequence[str], out: Path, log: Path | None = None) -> int:
    """Run pytest and give its exit code. What it says goes to the terminal, or with `log` into that file.

    Its progress is shown in any case: as a live view on a terminal that pytest leaves alone, else as lines; a debugger
    has the terminal to itself.
    """
    command = [sys.executable, "-P", "-m", "pytest", "--pyargs", SUITES, *WITHOUT, "-q", "-rN"]
    if log is None and _is_terminal() and not any(_OWNS_TERMINAL.fullmatch(word) for word in words):
        colour = [] if "NO_COLOR" in os.environ else ["--color=yes"]
        return _viewed([*command, *colour, *words], out)
    if any(word in _DEBUGS for word in words):
        with subprocess.Popen([*command, *words]) as child:
            return _waited(child)
    with _lines(out):
        if log is None:
            with subprocess.Popen([*command, *words]) as child:
                return _waited(child)
        with log.open("wb") as said, subprocess.Popen([*command, *words], stdout=said, stderr=said) as child:
            return _waited(child)


def _is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


@contextmanager
def _lines(out: Path) -> Iterator[None]:
    progress = Progress(out, lambda line: click.echo(f"\n{line}"))
    progress.start()
    try:
        yield
    finally:
        progress.stop()


def _viewed(command: Sequence[str], out: Path) -> int:
    """Run pytest with a live view below what it says. A process that outlives it with its output open is not waited for."""
    from godwit.reporting.live import LiveView  # heavy: only where there is a terminal

    with LiveView(out) as view:
        # No `with` for the child: closing its output waits for the reader, which waits for whoever has it open.
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        reader = threading.Thread(target=view.pass_on, args=(child.stdout,), name="godwit-said", daemon=True)
        reader.start()
        try:
            return _waited(child)
        finally:
            reader.join(timeout=_LAST_WORDS_S)


def _waited(child: subprocess.Popen[bytes]) -> int:
    """Wait for pytest; what interrupts this process is passed on, and pytest waited for while it cleans up.

    Somebody who ends only this process (a CI service that cancels a job) means the whole run. Ctrl-C reaches pytest by
    itself as well, which is interrupted once, however often it is told.
    """
    signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))
    try:
        return child.wait()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        child.send_signal(signal.SIGINT)
        return child.wait()
