"""The old client works unchanged on both sides, and the new one does less on the old side, as its documents say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def client(version: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"orchestration_v2.clients.{version}", *words]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3] / "migrations")}


def test_the_old_client_meets_the_same_on_both_sides(fresh_sides):
    met = {name: client("v1", "--url", side.url) for name, side in fresh_sides.items()}
    assert {name: ended.returncode for name, ended in met.items()} == {"baseline": 0, "candidate": 0}, met
    assert met["baseline"].stdout == met["candidate"].stdout
    assert "False" not in met["baseline"].stdout
    assert "not refused" not in met["baseline"].stdout


def test_the_new_client_shows_teams_on_the_new_side(fresh_sides):
    ended = client("v2", "--url", fresh_sides["candidate"].url)
    assert (ended.returncode, ended.stdout.count("team ")) == (0, 5), ended
    assert "degraded" not in ended.stdout


def test_the_new_client_does_less_on_the_old_side_and_says_so(fresh_sides):
    ended = client("v2", "--url", fresh_sides["baseline"].url)
    assert ended.returncode == 0, ended
    assert "degraded: a service of version 1.4.0 does not offer capacity by team" in ended.stdout
    assert ended.stdout.count("agent ") == 10
    assert "a task was completed" in ended.stdout


def test_the_new_client_refuses_the_old_side_where_teams_are_required(fresh_sides):
    assert client("v2", "--url", fresh_sides["baseline"].url, "--require-teams").returncode == 3


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    "url", [pytest.param("http://127.0.0.1:9", id="nobody"), pytest.param("nonsense", id="no-url")]
)
def test_a_client_without_a_service_says_so_in_one_line(version, url):
    ended = client(version, "--url", url)
    assert ended.returncode in (1, 2)
    assert "Traceback" not in ended.stderr
    assert ended.stderr
