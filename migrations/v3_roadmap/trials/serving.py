"""Starts the services for a trial in its folder and asks them; they end with the trial."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from plumbing.server import LISTENING, end

START_S = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """A service that answers: its URL, its process, and a client of it."""

    url: str
    pid: int
    client: httpx.Client

    def do(self, command: str, **given: Any) -> httpx.Response:
        """Sends a command."""
        return self.client.post(f"/commands/{command}", json=given)

    def result(self, command: str, **given: Any) -> Any:
        """The result of a command that must succeed."""
        answer = self.do(command, **given)
        answer.raise_for_status()
        return answer.json()["result"]

    def ask(self, prompt: str) -> httpx.Response:
        """Asks the model."""
        return self.client.post("/models/ask", json={"prompt": prompt})

    def conduct(self, **words: Any) -> None:
        """Has the model API behave so from now on; well again without words."""
        answer = self.client.put("/internal/models", json=words) if words else self.client.delete("/internal/models")
        answer.raise_for_status()

    def model_calls(self) -> dict[str, int]:
        """How often the model API was called, by how it answered."""
        return dict(self.client.get("/internal/models").json()["calls"])

    def metric(self, line: str) -> float:
        """The value of one series, 0 where it is not there yet."""
        lines = self.client.get("/metrics").text.splitlines()
        return next((float(one.rpartition(" ")[2]) for one in lines if one.startswith(f"{line} ")), 0.0)


@contextmanager
def v2(folder: Path, *words: str, scale: str = "0", name: str = "v2") -> Iterator[Served]:
    """V2 on a store in the folder."""
    store = ("--store", f"sqlite:///{folder}/{name}.db")
    with served("v3_roadmap.baseline", *store, *words, folder=folder, name=name, V3_DELAY_SCALE=scale) as it:
        yield it


@contextmanager
def v3(folder: Path, *words: str, cache: str = "memory", name: str = "v3", **environ: str) -> Iterator[Served]:
    """V3 on a store in the folder."""
    store = ("--store", f"sqlite:///{folder}/{name}.db", "--cache", cache)
    with served("v3_roadmap.candidate", *store, *words, folder=folder, name=name, **environ) as it:
        yield it


@contextmanager
def served(module: str, *words: str, folder: Path, name: str, **environ: str) -> Iterator[Served]:
    """A service by its module; it is asked to end and, where it does not, ended."""
    command = [sys.executable, "-m", module, *words, "--host", "127.0.0.1", "--port", "0"]
    with (folder / f"{name}.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **environ}, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            said = process.stdout.readline() if process.stdout else ""
            if LISTENING not in said:
                raise RuntimeError(f"{module} did not start: {(folder / f'{name}.log').read_text()[-300:]}")
            url = said.partition(LISTENING)[2].strip()
            with httpx.Client(base_url=url, timeout=30.0) as client:
                _wait_healthy(client)
                yield Served(url, process.pid, client)
        finally:
            end(process)


def _wait_healthy(client: httpx.Client) -> None:
    ends = time.monotonic() + START_S
    while True:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > ends:
            raise RuntimeError(f"{client.base_url} is not healthy after {START_S:g} s")
        time.sleep(0.05)
