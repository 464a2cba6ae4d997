"""Starts Python programs with the sources root of one side on their path; knows where the two roots lie."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
SIDES = ("baseline", "candidate")
NOT_INHERITED = ("PYTHONPATH", "PYTHONHOME", "ORCHESTRATOR_FALLBACK")


def environment(side: str, root: Path | None = None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a program of a side, whose sources root may be `root` instead of the one kept here."""
    inherited = {name: text for name, text in os.environ.items() if name not in NOT_INHERITED}
    path = [str(root or HOME / side), str(HOME / "seeding" / side), str(HOME.parent)]
    return {**inherited, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1", **(extra or {})}


def run_python(
    side: str, words: Sequence[str], *, extra: Mapping[str, str] | None = None, timeout_s: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """What a Python program of a side printed and how it ended."""
    return subprocess.run(
        [sys.executable, *words],
        env=environment(side, extra=extra),
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
