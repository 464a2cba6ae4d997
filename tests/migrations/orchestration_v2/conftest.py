"""Starts the services as real processes on loopback and gives their SQLite stores ten agents; judges nothing."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import WITH_US, free_port

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
# Two places each; nobody but the SRE talks to the PM, and product-owner talks to nobody.
ROLES: dict[str, dict[str, Any]] = {
    "backend-engineer": {"capacity": 2, "talks_to": ["frontend-engineer", "sre"]},
    "frontend-engineer": {"capacity": 2, "talks_to": ["backend-engineer", "ui-designer"]},
    "ui-designer": {"capacity": 2, "talks_to": ["ux-researcher"]},
    "ux-researcher": {"capacity": 2, "talks_to": ["ui-designer"]},
    "test-engineer": {"capacity": 2, "talks_to": ["qa-specialist"]},
    "qa-specialist": {"capacity": 2, "talks_to": ["test-engineer"]},
    "devops-engineer": {"capacity": 2, "talks_to": ["sre"]},
    "sre": {"capacity": 2, "talks_to": ["devops-engineer", "pm"]},
    "pm": {"capacity": 2, "talks_to": ["product-owner"]},
    "product-owner": {"capacity": 2, "talks_to": []},
}
TEAMS = {
    "engineering-fullstack": ["backend-engineer", "frontend-engineer"],
    "engineering-ux": ["ui-designer", "ux-researcher"],
    "qa-analyst": ["qa-specialist", "test-engineer"],
    "devops-infrastructure": ["devops-engineer", "sre"],
    "product-manager": ["pm", "product-owner"],
}
TEAM_OF = {role: team for team, members in TEAMS.items() for role in members}
V1_CONTENT = ("tasks", "workflows", "workflow_steps", "messages", "idempotency", "agents")
V2_CONTENT = (
    *("work_items", "work_steps", "messages", "idempotency", "event_log"),
    *("teams", "subscriptions", "capacity"),
)


@dataclass
class Service:
    """A running service."""

    name: str
    url: str
    process: subprocess.Popen[str]
    folder: Path
    client: httpx.Client

    @property
    def store(self) -> Path:
        """Its SQLite file."""
        return self.folder / "store.db"

    def metric(self, name: str, **labels: str) -> float:
        """The value of one series; 0.0 for one that was never seen."""
        wanted = name + ("{" + ",".join(f'{key}="{labels[key]}"' for key in sorted(labels)) + "}" if labels else "")
        lines = self.client.get("/metrics").text.splitlines()
        return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.rsplit(" ", 1)[0] == wanted), 0.0)

    def stop(self) -> int:
        """Asks it to end; its exit code."""
        self.client.close()
        self.process.terminate()
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()


Launch = Callable[..., Service]


def words(name: str, folder: Path, port: int, options: tuple[str, ...]) -> list[str]:
    """The command line of a service."""
    own = ["--data", str(folder)] if name == "gateway" else ["--store", f"sqlite:///{folder / 'store.db'}"]
    own = [] if "--store" in options else own
    module = f"orchestration_v2.{name}"
    return [*WITH_US, sys.executable, "-m", module, "--host", "127.0.0.1", "--port", str(port), *own, *options]


def environment(defect: str) -> dict[str, str]:
    """What a service sees of the environment."""
    return {**os.environ, "PYTHONPATH": str(MIGRATIONS), "ORCHESTRATION_DEFECT": defect}


def await_answer(service: Service, limit_s: float = 30) -> None:
    """Returns when the service answers."""
    path = "/admin/health" if service.name == "gateway" else "/health"
    ends = time.monotonic() + limit_s
    while True:
        try:
            assert service.client.get(path).status_code == 200
            return
        except httpx.TransportError:
            assert service.process.poll() is None, f"{service.name} ended: see {service.folder}/log"
            assert time.monotonic() < ends, f"{service.name} does not answer"
            time.sleep(0.02)


def fill(service: Service) -> None:
    """Empties the store and puts the ten agents into it, in the words of its side."""
    with closing(sqlite3.connect(service.store, timeout=10)) as connection, connection:
        for table in V1_CONTENT if service.name == "baseline" else V2_CONTENT:
            connection.execute(f"DELETE FROM {table}")
        if service.name == "baseline":
            rows = [(role, role, d["capacity"], json.dumps(d["talks_to"])) for role, d in ROLES.items()]
            connection.executemany("INSERT INTO agents VALUES (?, ?, ?, ?)", rows)
            return
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('roles', ?)", [json.dumps(ROLES)])
        connection.executemany("INSERT INTO teams VALUES (?, ?, 4)", [(t, json.dumps(m)) for t, m in TEAMS.items()])
        connection.executemany("INSERT INTO capacity VALUES (?, ?)", [*((team, 4) for team in TEAMS), ("total", 20)])
        edges = [(role, other) for role, desk in ROLES.items() for other in desk["talks_to"]]
        rows = [(f"{a}.{b}", TEAM_OF[a], json.dumps([TEAM_OF[b]]), json.dumps([[a, b]])) for a, b in edges]
        connection.executemany("INSERT INTO subscriptions VALUES (?, ?, ?, ?)", rows)


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    """Starts a service: launch(name, *options, defect="", folder=None); all are ended at the end."""
    started: list[Service] = []

    def start(name: str, *options: str, defect: str = "", folder: Path | None = None) -> Service:
        place, port = folder or tmp_path_factory.mktemp(name), free_port()
        with (place / "log").open("a") as log:
            process = subprocess.Popen(
                words(name, place, port, options), stdout=log, stderr=log, env=environment(defect), text=True
            )
        url = f"http://127.0.0.1:{port}"
        service = Service(name, url, process, place, httpx.Client(base_url=url, timeout=30))
        started.append(service)
        await_answer(service)
        if name != "gateway" and "--store" not in options:
            fill(service)
        return service

    yield start
    for service in started:
        service.stop()


@pytest.fixture(scope="session")
def sides(launch: Launch) -> dict[str, Service]:
    """One baseline and one candidate for all tests."""
    return {name: launch(name) for name in ("baseline", "candidate")}


@pytest.fixture
def fresh_sides(sides: dict[str, Service]) -> dict[str, Service]:
    """Both sides with ten agents and nothing else."""
    for service in sides.values():
        service.client.delete("/internal/faults")
        fill(service)
    return sides


@pytest.fixture(params=["baseline", "candidate"])
def side(request: pytest.FixtureRequest, fresh_sides: dict[str, Service]) -> Service:
    """Each side in turn."""
    return fresh_sides[request.param]


@pytest.fixture
def api(side: Service) -> httpx.Client:
    """A client of each side in turn."""
    return side.client
