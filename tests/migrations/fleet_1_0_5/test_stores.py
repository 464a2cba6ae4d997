"""Both versions on one store: SQLite when they begin at the same moment, and PostgreSQL."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
BEGIN = """
import sys
from plumbing.store import open_engine
from fleet_1_0_5.{side}.memory import SwarmMemoryManager
sys.stdin.readline()
SwarmMemoryManager(open_engine(sys.argv[1])).store("{side}", 1)
"""


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


def test_both_versions_work_on_one_postgresql(launch: Any, models: Any, new_database: Callable[[], str]) -> None:
    on = {"features": {"multiModelRouter": True}, "routing": {"enabled": True, "costTracking": {"enabled": True}}}
    plain = {"fleet": {"id": "f", "name": "F"}, "ai": {"apiKey": "k"}}
    options = ("--store", new_database(), "--models", models.url)
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
