"""Both versions on one store: SQLite when they begin at the same moment, and PostgreSQL."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
PROGRAMS = Path("/usr/lib/postgresql/15/bin")
BEGIN = """
import sys
from plumbing.store import open_engine
from fleet_1_0_5.{side}.memory import SwarmMemoryManager
sys.stdin.readline()
SwarmMemoryManager(open_engine(sys.argv[1])).store("{side}", 1)
"""


def as_postgres(*words: object) -> None:
    """Runs a program of PostgreSQL, which refuses to run as root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*prefix, str(PROGRAMS / str(words[0])), *map(str, words[1:])]
    subprocess.run(command, capture_output=True, timeout=120, check=True, cwd="/")


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The URL of a database of its own, on loopback."""
    if not (PROGRAMS / "initdb").exists():
        pytest.skip("not run: PostgreSQL 15 is not installed (Debian: postgresql-15)")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    as_postgres("initdb", "-D", data, "-A", "trust", "-U", "godwit", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    as_postgres("pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start")
    try:
        yield f"postgresql+psycopg://godwit:x@127.0.0.1:{port}/postgres"
    finally:
        as_postgres("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_both_versions_begin_on_one_new_file_at_the_same_moment(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'fleet.db'}"
    beginning = [
        subprocess.Popen(
            [sys.executable, "-c", BEGIN.format(side=side), url],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": str(MIGRATIONS)},
        )
        for side in ("baseline", "candidate")
    ]
    for process in beginning:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in beginning]
    assert (said, [process.returncode for process in beginning]) == (["", ""], [0, 0])


def test_both_versions_work_on_one_postgresql(launch: Any, models: Any, postgresql: str) -> None:
    on = {"features": {"multiModelRouter": True}, "routing": {"enabled": True, "costTracking": {"enabled": True}}}
    plain = {"fleet": {"id": "f", "name": "F"}, "ai": {"apiKey": "k"}}
    options = ("--store", postgresql, "--models", models.url)
    old, new = launch("baseline", *options, config=plain), launch("candidate", *options, config=plain | on)
    made = [side.do(description="Grüße 🚀") for side in (old, new, old)]
    for side in (old, new):
        assert side.client.get("/tasks").json()["tasks"] == made
    assert old.client.get("/memory").json() == new.client.get("/memory").json()
    assert old.client.get("/memory").json()["partitions"] == ["coordination", "routing/costs", "routing/selections"]
    for side in (old, new):
        assert side.client.get("/tasks/a%00b").status_code == 404
        assert side.client.get("/memory/a%00b").json()["entries"] == []
    assert [side.stop() for side in (old, new)] == [0, 0]
