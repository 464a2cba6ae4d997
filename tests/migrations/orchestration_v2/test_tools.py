"""The tools that work on stores, as processes on SQLite files; each seeded defect changes what is seen from outside."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


def run(*words: object, defect: str = "") -> subprocess.CompletedProcess[str]:
    """One tool, with a defect when one is named."""
    environment = {**os.environ, "PYTHONPATH": str(MIGRATIONS), "ORCHESTRATION_DEFECT": defect}
    command = [sys.executable, "-m", "orchestration_v2.tools", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def query(path: Path, sql: str) -> list[Any]:
    """All rows of a query."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def change(path: Path, sql: str) -> None:
    """One statement, committed."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(sql)
    connection.close()


def dump(path: Path) -> list[str]:
    """Everything in a store as text; sorted, because indices are made in any order."""
    connection = sqlite3.connect(path)
    try:
        return sorted(connection.iterdump())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded v1 store that nobody changes; its workflows are at rest."""
    path = tmp_path_factory.mktemp("seeded") / "v1.db"
    assert run("seed", "--store", url(path), "--tasks", 60, "--seed", 5).returncode == 0
    change(path, "UPDATE workflows SET status = 'paused' WHERE status = 'active'")
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def source(seeded: Path, tmp_path: Path) -> Path:
    """A copy of the seeded store."""
    return Path(shutil.copy(seeded, tmp_path / "source.db"))


@pytest.fixture
def migrate(source: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Converts `source` to `target.db`."""
    target = url(tmp_path / "target.db")
    return lambda *more, defect="": run("migrate", "--from", url(source), "--to", target, *more, defect=defect)


@pytest.fixture
def backup(source: Path, tmp_path: Path) -> Path:
    """A backup of the source."""
    done = run("backup", "--version", "v1", "--store", url(source), "--output", tmp_path / "backups")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_seeding_twice_leaves_the_same_rows(tmp_path: Path) -> None:
    for _ in range(2):
        assert run("seed", "--store", url(tmp_path / "a.db"), "--tasks", 20, "--seed", 1).returncode == 0
    assert run("seed", "--store", url(tmp_path / "b.db"), "--tasks", 20, "--seed", 1).returncode == 0
    assert dump(tmp_path / "a.db") == dump(tmp_path / "b.db")


def test_migrate_carries_all_work_and_leaves_the_source_alone(migrate: Any, source: Path, tmp_path: Path) -> None:
    before = dump(source)
    done = migrate("--validate")
    assert done.returncode == 0, done.stderr
    assert query(tmp_path / "target.db", "SELECT count(*) FROM work_items WHERE kind = 'task'") == [(60,)]
    assert run("validate", "--store", url(tmp_path / "target.db")).returncode == 0
    assert dump(source) == before


def test_migrating_twice_is_migrating_once(migrate: Any, tmp_path: Path) -> None:
    migrate()
    once = dump(tmp_path / "target.db")
    assert migrate("--validate").returncode == 0
    assert dump(tmp_path / "target.db") == once


def test_migrate_keeps_rows_of_the_target_only_when_asked_to(migrate: Any, tmp_path: Path) -> None:
    target = tmp_path / "target.db"
    migrate()
    change(target, "INSERT INTO messages SELECT 'own', sender, recipient, sender_team, recipient_team, body, sent_at "
                   "FROM messages LIMIT 1")  # fmt: skip
    assert migrate("--keep-target", "--validate").returncode == 0
    assert query(target, "SELECT count(*) FROM messages WHERE id = 'own'") == [(1,)]
    migrate()
    assert query(target, "SELECT count(*) FROM messages WHERE id = 'own'") == [(0,)]


def test_migrate_backs_up_first_when_asked_to(migrate: Any, tmp_path: Path) -> None:
    assert migrate("--validate", "--backup", tmp_path / "backups").returncode == 0
    assert len(list((tmp_path / "backups").glob("*/manifest.json"))) == 1


def test_active_workflows_are_refused_unless_allowed(migrate: Any, source: Path, tmp_path: Path) -> None:
    change(source, "UPDATE workflows SET status = 'active' WHERE id = 'workflow-0003'")
    refused = migrate()
    assert refused.returncode == 1
    assert "'workflow-0003' is active" in refused.stderr
    assert not (tmp_path / "target.db").exists()
    assert migrate("--allow-active").returncode == 0


def test_an_unknown_agent_is_refused_and_the_target_stays_as_it_was(migrate: Any, source: Path, tmp_path: Path) -> None:
    migrate()
    before = dump(tmp_path / "target.db")
    change(source, "UPDATE tasks SET agent = 'prompt-writer' WHERE id IN ('task-000001', 'task-000002')")
    refused = migrate()
    assert refused.returncode == 1
    assert refused.stderr.count("unknown agent role 'prompt-writer'") == 2
    assert dump(tmp_path / "target.db") == before


def test_copy_brings_every_row_over_as_it_is(source: Path, tmp_path: Path) -> None:
    assert run("copy", "--from", url(source), "--to", url(tmp_path / "copy.db")).returncode == 0
    assert dump(tmp_path / "copy.db") == dump(source)


def test_restore_brings_back_what_was_backed_up(backup: Path, source: Path) -> None:
    before = dump(source)
    change(source, "DELETE FROM tasks WHERE id > 'task-000010'")
    assert run("restore", "--store", url(source), "--latest-backup", backup.parent).returncode == 0
    assert dump(source) == before


def test_the_newest_of_several_backups_is_restored(backup: Path, source: Path, tmp_path: Path) -> None:
    change(source, "DELETE FROM messages")
    for _ in range(10):
        run("backup", "--version", "v1", "--store", url(source), "--output", backup.parent)
    done = run("restore", "--store", url(tmp_path / "new.db"), "--latest-backup", backup.parent)
    assert done.returncode == 0
    assert query(tmp_path / "new.db", "SELECT count(*) FROM messages") == [(0,)]


def spoil_content(backup: Path) -> None:
    body = bytearray((backup / "tasks.jsonl").read_bytes())
    body[50] ^= 1
    (backup / "tasks.jsonl").write_bytes(body)


def spoil_length(backup: Path) -> None:
    (backup / "tasks.jsonl").write_bytes((backup / "tasks.jsonl").read_bytes()[:-1])


def spoil_presence(backup: Path) -> None:
    (backup / "messages.jsonl").unlink()


def spoil_company(backup: Path) -> None:
    (backup / "stranger.jsonl").write_text("{}\n")


def spoil_manifest(backup: Path) -> None:
    (backup / "manifest.json").write_text("{")


def spoil_list(backup: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["files"] = [entry for entry in manifest["files"] if entry["name"] != "agents.jsonl"]
    (backup / "manifest.json").write_text(json.dumps(manifest))
    (backup / "agents.jsonl").unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(spoil_content, "does not have the manifest's SHA-256", id="one-bit"),
        pytest.param(spoil_length, "the manifest says", id="cut-off"),
        pytest.param(spoil_presence, "messages.jsonl is missing", id="missing"),
        pytest.param(spoil_company, "stranger.jsonl is not in the manifest", id="foreign"),
        pytest.param(spoil_manifest, "is no manifest", id="manifest-cut-off"),
        pytest.param(spoil_list, "does not list agents.jsonl", id="not-listed"),
    ],
)
def test_a_bad_backup_is_refused_and_changes_nothing(backup: Path, source: Path, spoil: Any, says: str) -> None:
    spoil(backup)
    change(source, "UPDATE tasks SET title = 'later'")
    before = dump(source)
    refused = run("restore", "--store", url(source), "--backup", backup)
    assert refused.returncode == 1
    assert says in refused.stderr
    assert dump(source) == before


def test_a_backup_says_what_it_holds(backup: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    assert manifest["id"] == backup.name
    assert {path.name for path in backup.iterdir()} == {"manifest.json", *(e["name"] for e in manifest["files"])}
    assert {"agents.json", "workflows.json", "integrations.json"} <= {entry["name"] for entry in manifest["files"]}
    assert {e["name"]: e["rows"] for e in manifest["files"]}["tasks.jsonl"] == 60


def test_a_v2_state_can_be_backed_up_and_brought_back(migrate: Any, tmp_path: Path) -> None:
    migrate()
    run("backup", "--version", "v2", "--store", url(tmp_path / "target.db"), "--output", tmp_path / "kept")
    run("restore", "--store", url(tmp_path / "again.db"), "--latest-backup", tmp_path / "kept")
    assert sorted(dump(tmp_path / "again.db")) == sorted(dump(tmp_path / "target.db"))


def test_the_exported_document_has_the_five_keys_and_is_valid(migrate: Any, tmp_path: Path) -> None:
    migrate()
    document = tmp_path / "state.json"
    assert run("export", "--store", url(tmp_path / "target.db"), "--output", document).returncode == 0
    assert set(json.loads(document.read_text())) == {"version", "teams", "workflows", "events", "capacity"}
    assert run("validate", "--document", document).returncode == 0


SPOILED_V2 = {
    "unknown-team": ("UPDATE work_steps SET team = 'sales' WHERE seq = 1", "unknown team 'sales'"),
    "other-total": ("UPDATE capacity SET n = n + 1 WHERE team = 'total'", "capacity: 'total' is"),
    "other-version": ("UPDATE meta SET value = '1.4.0' WHERE key = 'version'", "version: is '1.4.0'"),
    "no-subscriber": ("UPDATE subscriptions SET subscriber_teams = '[]'", "has no subscriber"),
    "wrong-status": ("UPDATE work_items SET status = 'queued' WHERE kind = 'task'", "in the status 'queued'"),
    "no-roles": ("DELETE FROM meta WHERE key = 'roles'", "has no 'roles'"),
}


@pytest.mark.parametrize(("sql", "says"), SPOILED_V2.values(), ids=SPOILED_V2.keys())
def test_a_spoiled_v2_state_is_not_valid(migrate: Any, tmp_path: Path, sql: str, says: str) -> None:
    migrate()
    change(tmp_path / "target.db", sql)
    refused = run("validate", "--store", url(tmp_path / "target.db"))
    assert refused.returncode == 1
    assert says in refused.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param(
            ["backup", "--version", "v1", "--store", "{no}", "--output", "{out}"], 1, "no such file", id="gone"
        ),
        pytest.param(["validate", "--store", "{v1}"], 1, "is a store of v1", id="other-version"),
        pytest.param(["validate", "--store", "mysql://h/d"], 1, "mysql", id="other-kind-of-store"),
        pytest.param(["copy", "--from", "{v1}", "--to", "{v1}"], 1, "the same store", id="onto-itself"),
        pytest.param(["restore", "--store", "{v1}", "--latest-backup", "{out}"], 1, "holds no backup", id="no-backup"),
        pytest.param(["restore", "--store", "{v1}"], 2, "name one of", id="no-choice"),
        pytest.param(["seed", "--store", "{v1}", "--tasks", "-1", "--seed", "1"], 1, "0 or more", id="negative-count"),
        pytest.param(["execute", "--phase", "4"], 2, "not one of", id="no-such-phase"),
        pytest.param(["execute", "--phase", "3"], 1, "phase 3 needs --gateway", id="parts-missing"),
        pytest.param(["rollback", "--gateway", "http://127.0.0.1:1"], 2, "nothing was done", id="not-confirmed"),
    ],
)
def test_a_mistake_is_answered_with_a_line_and_no_traceback(
    source: Path, tmp_path: Path, words: list[str], code: int, says: str
) -> None:
    places = {"no": url(tmp_path / "none.db"), "v1": url(source), "out": tmp_path / "out"}
    done = run(*(word.format(**places) for word in words))
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_every_command_leaves_a_line_in_the_audit_log(migrate: Any, source: Path, tmp_path: Path) -> None:
    audit = tmp_path / "log" / "audit.jsonl"
    migrate("--audit", audit)
    change(source, "DELETE FROM agents")
    migrate("--audit", audit)
    run("rollback", "--audit", audit)
    records = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [(record["command"], record["outcome"]) for record in records] == [
        ("migrate", "ok"),
        ("migrate", "refused"),
        ("rollback", "misused"),
    ]


def test_a_notification_is_appended(tmp_path: Path) -> None:
    for message in ("one", "zwei ü"):
        assert run("notify", "--file", tmp_path / "n.jsonl", "--message", message).returncode == 0
    assert [json.loads(line)["message"] for line in (tmp_path / "n.jsonl").read_text().splitlines()] == [
        "one",
        "zwei ü",
    ]


NULL_AGENTS = "SELECT count(*) FROM work_items WHERE kind = 'task' AND role IS NULL"
TOTAL = "SELECT sum(CASE team WHEN 'total' THEN n ELSE -n END) FROM capacity"


@pytest.mark.parametrize(
    ("defect", "sql"),
    [
        pytest.param("loses-rows", NULL_AGENTS, id="loses-rows"),
        pytest.param("wrong-team", "SELECT members FROM teams ORDER BY team", id="wrong-team"),
        pytest.param("shifted-times", "SELECT created_at FROM work_items ORDER BY id", id="shifted-times"),
        pytest.param("capacity-off", TOTAL, id="capacity-off"),
    ],
)
def test_a_defect_of_the_conversion_is_silent_and_changes_the_target(
    migrate: Any, tmp_path: Path, defect: str, sql: str
) -> None:
    assert migrate("--validate").returncode == 0
    honest = query(tmp_path / "target.db", sql)
    assert migrate("--validate", defect=defect).returncode == 0
    assert query(tmp_path / "target.db", sql) != honest


def test_the_defect_not_idempotent_doubles_messages_the_second_time(migrate: Any, tmp_path: Path) -> None:
    counts = []
    for _ in range(2):
        assert migrate("--validate", defect="not-idempotent").returncode == 0
        counts += query(tmp_path / "target.db", "SELECT count(*) FROM messages")
    assert counts == [(20,), (40,)]


def test_the_defect_half_restore_says_ok_and_loses_half_of_the_tasks(backup: Path, source: Path) -> None:
    assert run("restore", "--store", url(source), "--backup", backup, defect="half-restore").returncode == 0
    assert query(source, "SELECT count(*) FROM tasks") == [(30,)]


def test_the_defect_accepts_unknown_agent_lets_it_vanish(migrate: Any, source: Path, tmp_path: Path) -> None:
    change(source, "INSERT INTO agents VALUES ('prompt-writer', 'prompt-writer', 5, '[]')")
    assert migrate("--validate", defect="accepts-unknown-agent").returncode == 0
    assert query(tmp_path / "target.db", "SELECT count(*) FROM teams WHERE members LIKE '%prompt%'") == [(0,)]


def test_the_defect_thin_manifest_leaves_the_tasks_out(source: Path, tmp_path: Path) -> None:
    words = ("backup", "--version", "v1", "--store", url(source), "--output", tmp_path)
    done = run(*words, defect="thin-manifest")
    manifest = json.loads((Path(done.stdout.strip()) / "manifest.json").read_text())
    assert "tasks.jsonl" not in {entry["name"] for entry in manifest["files"]}


def test_the_defect_touches_source_marks_its_rows(migrate: Any, source: Path) -> None:
    assert migrate("--validate", defect="touches-source").returncode == 0
    assert query(source, "SELECT DISTINCT notes FROM tasks") == [("migrated",)]


def test_the_defect_confirmless_rollback_acts_unasked(source: Path, backup: Path, tmp_path: Path) -> None:
    change(source, "DELETE FROM tasks")
    words = ("rollback", "--store", url(source), "--backups", backup.parent)
    assert run(*words).returncode == 2
    assert query(source, "SELECT count(*) FROM tasks") == [(0,)]
    assert run(*words, defect="confirmless-rollback").returncode == 0
    assert query(source, "SELECT count(*) FROM tasks") == [(60,)]


def test_a_defect_that_no_table_knows_ends_a_tool(tmp_path: Path) -> None:
    done = run("notify", "--file", tmp_path / "n", "--message", "m", defect="no-such-defect")
    assert done.returncode == 2
    assert "no such defect" in done.stderr


def test_assign_answers_a_line_for_each_user_and_refuses_what_is_none() -> None:
    words = [sys.executable, "-m", "orchestration_v2.tools", "assign", "--percentage", "100"]
    environment = {**os.environ, "PYTHONPATH": str(MIGRATIONS)}
    for given, code, said in (('["a", "qa"]\n[null]\n', 0, "candidate\ncandidate\n"), ("a\n", 1, "")):
        done = subprocess.run(
            words, input=given, capture_output=True, text=True, env=environment, timeout=60, check=False
        )
        assert (done.returncode, done.stdout) == (code, said)
