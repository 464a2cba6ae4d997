"""State of V2 becomes state of V3 without loss, once however often, or not at all; copies and backups are whole."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from v3_roadmap.stores.backup import back_up, copy, newest, restore
from v3_roadmap.stores.conversion import convert
from v3_roadmap.stores.seeding import AGENTS, fill
from v3_roadmap.tools.refusals import RefusedError

NOW = datetime(2026, 1, 5, tzinfo=UTC)
OLD = ("registry_agents", "coordination_agents", "coordination_work", "xavos_log")
NEW = ("agents", "work", "events", "meta")


def url(path: Path) -> str:
    return f"sqlite:///{path}"


def rows(path: Path, tables: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {name: sorted(connection.execute(f"select * from {name}"), key=repr) for name in tables}


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(sql).rowcount == 1
        connection.commit()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A filled store of V2."""
    fill(url(tmp_path / "old.db"), 60, 7)
    return tmp_path / "old.db"


def test_every_row_is_converted(old: Path, tmp_path: Path) -> None:
    assert convert(url(old), url(tmp_path / "new.db")) == {"agents": AGENTS, "work": 60, "events": 60}
    made, held = rows(tmp_path / "new.db", NEW), rows(old, OLD)
    assert {row[0]: row[2] for row in made["work"]} == {row[0]: row[2] for row in held["coordination_work"]}
    assert ("version", "3.0.0") in made["meta"]
    assert sum(row[5] for row in made["agents"]) == sum(row[1] for row in held["coordination_agents"]) > 0


def test_converting_twice_is_converting_once(old: Path, tmp_path: Path) -> None:
    convert(url(old), url(tmp_path / "new.db"))
    once = rows(tmp_path / "new.db", NEW)
    convert(url(old), url(tmp_path / "new.db"))
    assert rows(tmp_path / "new.db", NEW) == once


def test_what_changed_in_v2_since_is_taken_over(old: Path, tmp_path: Path) -> None:
    convert(url(old), url(tmp_path / "new.db"))
    change(old, "update coordination_work set text = 'anew' where id = (select min(id) from coordination_work)")
    convert(url(old), url(tmp_path / "new.db"))
    assert rows(tmp_path / "new.db", NEW)["work"][0][2] == "anew"


def test_converting_leaves_v2_alone(old: Path, tmp_path: Path) -> None:
    before = rows(old, OLD)
    convert(url(old), url(tmp_path / "new.db"))
    assert rows(old, OLD) == before


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        (
            "update coordination_work set state = 'lost' where id = (select min(id) from coordination_work)",
            "is none of",
        ),
        (
            (
                "update coordination_work set claimed_by = 'ghost' where id ="
                " (select min(id) from coordination_work where state = 'claimed')"
            ),
            "whom the registry does not know",
        ),
        (
            "update coordination_agents set claims = claims + 1 where id = (select min(id) from coordination_agents)",
            "claims are counted",
        ),
    ],
    ids=["state", "ghost", "claims"],
)
def test_state_that_contradicts_itself_is_refused_whole(old: Path, tmp_path: Path, sql: str, says: str) -> None:
    change(old, sql)
    with pytest.raises(RefusedError, match=says):
        convert(url(old), url(tmp_path / "new.db"))
    assert not (tmp_path / "new.db").exists()


def test_a_store_of_another_kind_is_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(RefusedError, match="is no store of V2"):
        convert(url(tmp_path / "empty.db"), url(tmp_path / "new.db"))


def test_a_second_seed_is_refused(old: Path) -> None:
    with pytest.raises(RefusedError, match="holds agents already"):
        fill(url(old), 10, 1)


def test_a_backup_brings_every_row_back(old: Path, tmp_path: Path) -> None:
    before = rows(old, OLD)
    back_up(url(old), tmp_path / "kept", NOW)
    change(old, "delete from coordination_work where id = (select max(id) from coordination_work)")
    restore(newest(tmp_path / "kept"), url(old))
    assert rows(old, OLD) == before


def test_a_damaged_backup_is_not_restored(old: Path, tmp_path: Path) -> None:
    kept = back_up(url(old), tmp_path / "kept", NOW)
    file = kept / "coordination_work.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace("review", "reviwe", 1), encoding="utf-8")
    before = rows(old, OLD)
    with pytest.raises(RefusedError, match="nothing was changed"):
        restore(kept, url(old))
    assert rows(old, OLD) == before


def test_the_manifest_lists_every_file_with_its_rows(old: Path, tmp_path: Path) -> None:
    kept = back_up(url(old), tmp_path / "kept", NOW)
    listed = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert {entry["name"]: entry["rows"] for entry in listed} == {
        f"{name}.jsonl": len(held) for name, held in rows(old, OLD).items()
    }


def test_a_copy_has_the_same_rows(old: Path, tmp_path: Path) -> None:
    copy(url(old), url(tmp_path / "copy.db"))
    assert rows(tmp_path / "copy.db", OLD) == rows(old, OLD)
