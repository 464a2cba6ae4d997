"""The tools that operate running services: real baseline, candidate and gateway on loopback."""

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import free_port

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(MIGRATIONS), "ORCHESTRATION_DEFECT": ""}


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """One tool."""
    command = [sys.executable, "-m", "orchestration_v2.tools", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=90, check=False)


def ask(url: str, method: str = "GET", body: object = None) -> Any:
    """The JSON answer of a service."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.loads(response.read() or b"null")


@contextmanager
def service(name: str, log: Path, *options: str, health: str = "/health") -> Iterator[str]:
    """A running part of the migration; gives its address and ends it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    words = [sys.executable, "-m", f"orchestration_v2.{name}", "--host", "127.0.0.1", "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(words, env=ENVIRONMENT, stdout=output, stderr=output)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                ask(f"{url}{health}")
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@dataclass(frozen=True)
class Site:
    """Three running services, their stores, and a folder for what the tools write."""

    baseline: str
    candidate: str
    gateway: str
    v1: Path
    v2: Path
    folder: Path

    @property
    def services(self) -> tuple[str, ...]:
        """The options that name the services."""
        return ("--gateway", self.gateway, "--baseline", self.baseline, "--candidate", self.candidate)

    def execute(self, phase: int, *more: object) -> subprocess.CompletedProcess[str]:
        """One phase with all parts named."""
        stores = ("--baseline-store", f"sqlite:///{self.v1}", "--candidate-store", f"sqlite:///{self.v2}")
        where = ("--backups", self.folder / "backups", "--notify-file", self.folder / "told.jsonl")
        audit = ("--audit", self.folder / "audit.jsonl")
        return run("execute", "--phase", phase, *self.services, *stores, *where, *audit, *more)

    def flags(self) -> dict[str, Any]:
        """The flags in force."""
        return dict(ask(f"{self.gateway}/admin/flags"))


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """A seeded baseline, a candidate with the converted state, and the gateway before them."""
    v1, v2 = folder / "v1.db", folder / "v2.db"
    assert run("seed", "--store", f"sqlite:///{v1}", "--tasks", 60, "--seed", 5).returncode == 0
    words = ("migrate", "--from", f"sqlite:///{v1}", "--to", f"sqlite:///{v2}", "--allow-active")
    assert run(*words).returncode == 0
    with ExitStack() as stack:
        baseline = stack.enter_context(service("baseline", folder / "b.log", "--store", f"sqlite:///{v1}"))
        candidate = stack.enter_context(service("candidate", folder / "c.log", "--store", f"sqlite:///{v2}"))
        sides = ("--baseline", baseline, "--candidate", candidate, "--data", str(folder))
        gateway = stack.enter_context(service("gateway", folder / "g.log", *sides, health="/admin/health"))
        yield Site(baseline, candidate, gateway, v1, v2, folder)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site of one's own."""
    with running_site(tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that is only looked at."""
    with running_site(tmp_path_factory.mktemp("calm")) as site:
        yield site


def test_the_pre_migration_tests_hold_for_the_two_services(calm: Site) -> None:
    done = run("compatibility", "--baseline", calm.baseline, "--candidate", calm.candidate)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok ") == 5


def test_the_pre_migration_tests_fail_when_the_candidate_is_none(calm: Site) -> None:
    done = run("compatibility", "--baseline", calm.baseline, "--candidate", calm.baseline)
    assert done.returncode == 1
    assert "FAIL both are healthy" in done.stdout


def test_the_three_phases_lead_all_users_to_the_candidate(site: Site) -> None:
    for phase in (1, 2, 3):
        done = site.execute(phase)
        assert done.returncode == 0, done.stdout + done.stderr
        if phase == 2:
            assert site.flags()["v2_user_percentage"] == 50
    assert site.flags()["use_v2_orchestration"] is True
    assert site.flags()["v2_user_percentage"] == 100
    assert ask(f"{site.baseline}/api/workflows?status=active")["workflows"] == []
    assert ask(f"{site.candidate}/api/integrity")["checksum"] == ask(f"{site.baseline}/api/integrity")["checksum"]
    status = run("status", "--gateway", site.gateway, "--audit", site.folder / "audit.jsonl", "--json")
    assert json.loads(status.stdout)["phase"] == 3


def test_a_refused_cutover_lets_the_held_requests_go_where_they_went(site: Site) -> None:
    connection = sqlite3.connect(site.v1)
    with connection:
        connection.execute("UPDATE tasks SET agent = 'prompt-writer' WHERE id = 'task-000003'")
    connection.close()
    done = site.execute(3)
    assert done.returncode == 1
    assert "unknown agent role 'prompt-writer'" in done.stderr
    assert site.flags()["use_v2_orchestration"] is False
    assert ask(f"{site.gateway}/api/tasks?limit=1")["tasks"]


def test_a_dry_run_lists_the_steps_and_does_none(calm: Site) -> None:
    done = calm.execute(2, "--dry-run")
    assert done.returncode == 0
    assert "5% of the users" in done.stdout
    assert calm.flags()["use_v2_orchestration"] is False


def test_a_confirmed_rollback_resets_flags_restores_v1_and_tells_people(site: Site) -> None:
    ask(f"{site.gateway}/admin/flags", "PUT", {"use_v2_orchestration": True, "v2_user_percentage": 100})
    backups = site.folder / "backups"
    run("backup", "--version", "v1", "--store", f"sqlite:///{site.v1}", "--output", backups)
    before = ask(f"{site.baseline}/api/integrity")
    ask(f"{site.baseline}/api/tasks", "POST", {"title": "late", "role": "pm", "created_by": "ana"})
    parts = ("--gateway", site.gateway, "--store", f"sqlite:///{site.v1}", "--backups", backups)
    keep = ("--candidate-store", f"sqlite:///{site.v2}", "--keep", site.folder / "kept")
    more = ("--baseline", site.baseline, "--notify-file", site.folder / "told.jsonl")
    assert run("rollback", *parts, *keep, *more).returncode == 2
    assert site.flags()["v2_user_percentage"] == 100
    done = run("rollback", "--confirm", *parts, *keep, *more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.flags()["use_v2_orchestration"] is False
    assert ask(f"{site.baseline}/api/integrity") == before
    assert list((site.folder / "kept").glob("*/work_items.jsonl"))
    assert "rolled back" in (site.folder / "told.jsonl").read_text()


def test_the_status_names_phase_flags_and_backups(calm: Site) -> None:
    audit = ("--audit", calm.folder / "audit.jsonl")
    run("backup", "--version", "v1", "--store", f"sqlite:///{calm.v1}", "--output", calm.folder / "b", *audit)
    done = run("status", "--gateway", calm.gateway, *audit)
    assert done.returncode == 0
    assert "phase: 1 (preparation)" in done.stdout
    assert "flag use_v2_orchestration: False" in done.stdout
    assert "backups: 1" in done.stdout


def test_the_monitor_prints_a_line_a_second_about_all_three(calm: Site) -> None:
    done = run("monitor", *calm.services, "--real-time", "--lines", 2)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert all(word in lines[1] for word in ("gateway: requests=", "baseline: requests=", "candidate: requests="))


@pytest.mark.parametrize(
    ("version", "code"), [pytest.param("1.4.0", 0, id="right"), pytest.param("2.0.0", 1, id="wrong")]
)
def test_health_is_verified_with_its_version(calm: Site, version: str, code: int) -> None:
    assert run("verify-health", "--url", calm.baseline, "--version", version).returncode == code
    assert run("verify-health", "--url", f"{calm.candidate}/health/v2", "--version", "2.0.0").returncode == 0


def test_a_service_that_does_not_answer_is_not_healthy() -> None:
    done = run("verify-health", "--url", f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert "no answer" in done.stderr
