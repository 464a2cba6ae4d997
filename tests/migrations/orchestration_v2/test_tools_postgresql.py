"""The tools once on PostgreSQL: what SQLite lets pass must hold there, too."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """One tool."""
    environment = {**os.environ, "PYTHONPATH": str(MIGRATIONS), "ORCHESTRATION_DEFECT": ""}
    command = [sys.executable, "-m", "orchestration_v2.tools", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


@pytest.fixture(scope="module")
def stores(new_database: Callable[[], str]) -> tuple[str, str, str]:
    """Two databases for v1 and one for v2."""
    return new_database(), new_database(), new_database()


def content(store: str, table: str, key: str) -> list[tuple[object, ...]]:
    """All rows of a table."""
    engine = sa.create_engine(store)
    with engine.connect() as connection:
        rows = connection.execute(sa.text(f'SELECT * FROM {table} ORDER BY {key} COLLATE "C"')).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def test_seed_backup_restore_migrate_and_validate_work_on_postgresql(
    stores: tuple[str, str, str], tmp_path: Path
) -> None:
    one, two, three = stores
    steps = (
        ("seed", "--store", one, "--tasks", 200, "--seed", 5),
        ("backup", "--version", "v1", "--store", one, "--output", tmp_path),
        ("restore", "--store", two, "--latest-backup", tmp_path),
        ("migrate", "--from", one, "--to", three, "--validate", "--allow-active"),
        ("migrate", "--from", two, "--to", three, "--validate", "--allow-active"),
        ("validate", "--store", three),
        ("copy", "--from", one, "--to", f"sqlite:///{tmp_path}/copy.db"),
        ("migrate", "--from", one, "--to", f"sqlite:///{tmp_path}/v2.db", "--validate", "--allow-active"),
    )
    for words in steps:
        done = run(*words)
        assert done.returncode == 0, (words, done.stderr)
    assert content(one, "tasks", "id") == content(two, "tasks", "id")


def test_a_v2_backup_lets_the_event_log_go_on_counting(stores: tuple[str, str, str], tmp_path: Path) -> None:
    three = stores[2]
    assert run("seed", "--store", stores[1], "--tasks", 5, "--seed", 1).returncode == 0
    assert run("migrate", "--from", stores[1], "--to", three, "--allow-active").returncode == 0
    add = "INSERT INTO event_log (topic, team, payload, at) VALUES ('t', NULL, '{}', 'now')"
    engine = sa.create_engine(three)
    with engine.begin() as connection:
        for _ in range(3):
            connection.execute(sa.text(add))
    assert run("backup", "--version", "v2", "--store", three, "--output", tmp_path).returncode == 0
    assert run("restore", "--store", three, "--latest-backup", tmp_path).returncode == 0
    with engine.begin() as connection:
        connection.execute(sa.text(add))
        numbers = connection.execute(sa.text("SELECT seq FROM event_log ORDER BY seq")).scalars().all()
    engine.dispose()
    assert numbers == [1, 2, 3, 4]


def test_a_store_that_does_not_answer_is_refused_without_its_password() -> None:
    done = run("validate", "--store", "postgresql+psycopg://godwit:topsecret@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "topsecret" not in done.stderr
