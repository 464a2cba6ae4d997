"""Starts the services of V2 and V3 as real processes on loopback; judges nothing."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import WITH_US

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
# Rules without a process around them are tried where they are: in the test's own.
sys.path.append(str(MIGRATIONS))
Start = Callable[..., httpx.Client]


def run(*words: Any, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a program said until it ended."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=MIGRATIONS,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def started(ending: ExitStack, *words: Any, **environment: str) -> httpx.Client:
    """A client of a service on a free port, which ends with `ending`."""
    command = [*WITH_US, sys.executable, "-m", *map(str, words), "--host", "127.0.0.1", "--port", "0"]
    child = subprocess.Popen(command, cwd=MIGRATIONS, env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    for end in (child.stdout.close if child.stdout else str, lambda: child.wait(30), child.terminate):
        ending.callback(end)
    said = child.stdout.readline() if child.stdout else ""
    assert " listens on " in said, f"{words[0]} did not start"
    return ending.enter_context(httpx.Client(base_url=said.partition(" listens on ")[2].strip(), timeout=30))


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts a service: start("v3_roadmap.candidate", "--store", ..., V3_SCHEMA="2")."""
    with ExitStack() as ending:
        yield lambda *words, **environment: started(ending, *words, **environment)


@pytest.fixture(scope="module")
def sides(start: Start, tmp_path_factory: pytest.TempPathFactory) -> dict[str, httpx.Client]:
    """Both sides on SQLite files of their own, V2 without its delays."""
    folder = tmp_path_factory.mktemp("stores")
    return {
        "baseline": start("v3_roadmap.baseline", "--store", f"sqlite:///{folder}/v2.db", V3_DELAY_SCALE="0"),
        "candidate": start("v3_roadmap.candidate", "--store", f"sqlite:///{folder}/v3.db", "--cache", "memory"),
    }


def command(api: httpx.Client, name: str, **arguments: Any) -> Any:
    """The result of a command that is done."""
    answer = api.post(f"/commands/{name}", json=arguments)
    assert answer.status_code == 200, f"{name}: {answer.text}"
    return answer.json()["result"]
