"""Runs programs of either side as real processes; judges nothing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tool() -> Program:
    """A function that runs the migration's tools."""

    def run(*words: str, **options: str) -> "subprocess.CompletedProcess[str]":
        line = [sys.executable, "-m", "universal_orchestrator.tools", *words]
        env = {"PATH": "/usr/bin:/bin", **options}
        return subprocess.run(line, cwd=MIGRATIONS, env=env, capture_output=True, text=True, timeout=120, check=False)

    return run
