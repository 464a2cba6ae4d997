"""Starts the fleet's services as real processes on loopback; judges nothing."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from tests.conftest import WITH_US, free_port

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
# Rules without a process around them are tried where they are: in the test's own.
sys.path.append(str(MIGRATIONS))
PLAIN: dict[str, Any] = {
    "fleet": {"id": "test-fleet", "name": "Test Fleet"},
    "agents": [{"type": "test-generator"}, {"type": "quality-gate"}],
    "ai": {"model": "claude-sonnet-4.5", "apiKey": "test-key"},
}
ON: dict[str, Any] = {
    "features": {"multiModelRouter": True, "streaming": True},
    "routing": {"enabled": True},
    "streaming": {"enabled": True, "timeoutMs": 2000, "retryConfig": {"backoffMs": 20}},
}
ENVIRONMENT = ("FEATURE_", "ROUTING_", "STREAMING_", "COST_", "BUDGET_", "FLEET_", "ANTHROPIC_", "ORCHESTRATION_")


@dataclass
class Service:
    """A running service; `config` is the file that it reads."""

    name: str
    process: subprocess.Popen[str]
    folder: Path
    client: httpx.Client

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.client.base_url).rstrip("/")

    @property
    def config(self) -> Path:
        """Its fleet.yaml."""
        return self.folder / "fleet.yaml"

    def configure(self, document: Any) -> None:
        """Puts another configuration in the place of its own, at once and as a whole."""
        draft = self.folder / "draft.yaml"
        with draft.open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(document, file)
        draft.replace(self.config)

    def do(self, **order: Any) -> dict[str, Any]:
        """A task that was done."""
        answer = self.client.post("/tasks", json={"agentType": "test-generator", "description": "a task"} | order)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def metric(self, name: str) -> float:
        """The value of one series; 0.0 for one that was never seen."""
        lines = self.client.get("/metrics").text.splitlines()
        return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.rsplit(" ", 1)[0] == name), 0.0)

    def stop(self) -> int:
        """Asks it to end; its exit code."""
        self.client.close()
        self.process.terminate()
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()


Launch = Callable[..., Service]


def environment(**more: str) -> dict[str, str]:
    """What a service sees of the environment: nothing of its own switches but what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT)}
    return {**kept, "PYTHONPATH": str(MIGRATIONS), **more}


def await_answer(service: Service, limit_s: float = 60) -> None:
    """Returns when the service answers."""
    path = "/admin/health" if service.name == "router" else "/health"
    ends = time.monotonic() + limit_s
    while True:
        try:
            assert service.client.get(path).status_code == 200
            return
        except httpx.TransportError:
            said = (service.folder / f"{service.name}.log").read_text()
            assert service.process.poll() is None, f"{service.name} ended: {said}"
            assert time.monotonic() < ends, f"{service.name} does not answer"
            time.sleep(0.02)


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    """Starts a service: launch(name, *options, config=None, folder=None, env={}); all are ended at the end."""
    started: list[Service] = []

    def start(
        name: str, *options: str, config: Any = None, folder: Path | None = None, env: dict[str, str] | None = None
    ) -> Service:
        place, port = folder or tmp_path_factory.mktemp(name), free_port()
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        words = [
            *WITH_US,
            sys.executable,
            "-m",
            f"fleet_1_0_5.{name}",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            *options,
        ]
        if name in {"baseline", "candidate"}:
            words += ["--config", str(place / "fleet.yaml")]
            words += [] if "--store" in options else ["--store", f"sqlite:///{place / 'fleet.db'}"]
        with (place / f"{name}.log").open("a") as log:
            service = Service(name, None, place, client)  # type: ignore[arg-type]
            if name in {"baseline", "candidate"} and not service.config.exists() and "--template" not in options:
                service.configure(config or PLAIN)
            service.process = subprocess.Popen(words, stdout=log, stderr=log, env=environment(**(env or {})), text=True)
        started.append(service)
        await_answer(service)
        return service

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="session")
def models(launch: Launch) -> Service:
    """One model stub for all tests."""
    return launch("models")


@pytest.fixture(scope="session")
def sides(launch: Launch, models: Service) -> dict[str, Service]:
    """One baseline and one candidate with the same configuration of 1.0.4."""
    return {name: launch(name, "--models", models.url) for name in ("baseline", "candidate")}


@pytest.fixture(scope="session")
def shared_featured(launch: Launch) -> Service:
    """A candidate with a model stub of its own."""
    return launch("candidate", config=PLAIN | ON)


@pytest.fixture
def featured(shared_featured: Service) -> Service:
    """A candidate with both features on, and well-behaved models."""
    shared_featured.configure(PLAIN | ON)
    shared_featured.client.put("/admin/flags", json=dict.fromkeys(("multiModelRouter", "streaming"), None))
    shared_featured.client.delete("/internal/models")
    return shared_featured
