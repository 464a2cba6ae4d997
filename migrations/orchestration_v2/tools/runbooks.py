"""Runs named steps in their order and stops at the first that is refused; it decides nothing about their content."""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from orchestration_v2.tools.refusals import Refused


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it does, and the function that does it and returns what came of it."""

    title: str
    run: Callable[[], str]


def run_steps(steps: Sequence[Step]) -> Iterator[str]:
    """Yield a line for each step done; the refusal of one is raised again with its number and title."""
    for number, step in enumerate(steps, 1):
        where = f"step {number}/{len(steps)} {step.title}"
        try:
            detail = step.run()
        except Refused as refusal:
            raise Refused(*(f"{where}: {line}" for line in refusal.lines)) from refusal
        yield f"{where}: ok{f' ({detail})' if detail else ''}"


def run_command(command: str, timeout_s: float = 60.0) -> str:
    """Run a command of the service manager (words as in a shell, no shell involved) and return its last line."""
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=timeout_s, check=False)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Refused(f"'{command}': {error}") from error
    last = (done.stdout + done.stderr).strip().split("\n")[-1]
    if done.returncode != 0:
        raise Refused(f"'{command}': exit code {done.returncode}: {last}")
    return last
