"""Runs the orchestrator service out of a deployed tree and asks it all the while; judges nothing."""

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import httpx

from universal_orchestrator.tools.refusals import RefusedError
from universal_orchestrator.tools.sides import HOME, environment

START_S = 30.0
STOP_S = 10.0


def free_port() -> int:
    """A TCP port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class SiteService:
    """orchestrator-service of a tree, on one port over all its restarts."""

    def __init__(self, site: Path, config: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._site, self._config = site, config
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "SiteService":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, side: str) -> str:
        """The version that answers; `side` names whose seeded defects may act. RefusedError if nothing answers in time."""
        port = self.url.rpartition(":")[2]
        words = ["-m", "app.core.service", "--host", "127.0.0.1", "--port", port, "--config", str(self._config)]
        env = environment(side, self._site.resolve())
        self._process = subprocess.Popen([sys.executable, *words], env=env, cwd=HOME, stdout=subprocess.DEVNULL)
        until_s = time.monotonic() + START_S
        while time.monotonic() < until_s and self._process.poll() is None:
            try:
                return str(httpx.get(f"{self.url}/version", timeout=1).json()["version"])
            except httpx.HTTPError:
                time.sleep(0.02)
        raise RefusedError("the service of the deployed tree does not answer")

    def stop(self) -> None:
        """End it, by force after a while."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class Watch:
    """Asks for /health every 10 ms in a thread; `gap_s` is the longest time without a good answer."""

    def __init__(self, url: str) -> None:
        self._url, self._over = url, threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self.good, self.bad, self.gap_s = 0, 0, 0.0

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        last_good_s = time.monotonic()
        with httpx.Client(base_url=self._url, timeout=2) as client:
            while not self._over.wait(0.01):
                try:
                    fine = client.get("/health").status_code == 200
                except httpx.HTTPError:
                    fine = False
                self.good += fine
                self.bad += not fine
                if fine:
                    self.gap_s = max(self.gap_s, time.monotonic() - last_good_s)
                    last_good_s = time.monotonic()
