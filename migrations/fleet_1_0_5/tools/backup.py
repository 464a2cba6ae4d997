"""Backs up the configuration and the file database under the documents' names, with a manifest of sums; brings both back."""

import hashlib
import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleet_1_0_5.tools.refusals import RefusedError

MANIFEST = "manifest.json"
CONFIG, DATABASE = "fleet.yaml.backup.v1.0.4", "fleet.db.backup.v1.0.4"
VERSION = "1.0.4"


def back_up(config: Path, store: str, output: Path, now: datetime) -> Path:
    """A new folder below `output` with both files and their manifest; it gets its name only when it is complete."""
    database = file_of(store)
    if not config.is_file():
        raise RefusedError(f"{config}: no such configuration")
    output.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=output))
    try:
        shutil.copyfile(config, draft / CONFIG)
        rows = copy_database(database, draft / DATABASE)
        entries = manifest_entries(draft, {CONFIG: None, DATABASE: rows})
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        manifest = {"id": stamp, "created": now.isoformat(), "version": VERSION, "files": entries}
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        return draft.rename(output / stamp)
    except (OSError, sqlite3.Error) as error:
        raise RefusedError(f"{output}: {error}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def file_of(store: str) -> Path:
    """The file of a store; only file databases are backed up here."""
    prefix = "sqlite:///"
    if not store.startswith(prefix):
        raise RefusedError(f"{store.split(':', 1)[0]}: not a file database; write sqlite:////absolute/path.db")
    return Path(store.removeprefix(prefix))


def copy_database(source: Path, target: Path) -> int:
    """Copy a database while it may be in use; how many rows it has. The copy is checked before it counts."""
    if not source.is_file():
        raise RefusedError(f"{source}: no such database")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        if (said := new.execute("pragma integrity_check").fetchone()[0]) != "ok":
            raise RefusedError(f"{source}: {said}")
        names = [row[0] for row in new.execute("select name from sqlite_master where type = 'table'")]
        return sum(int(new.execute(f'select count(*) from "{name}"').fetchone()[0]) for name in names)  # noqa: S608


def manifest_entries(folder: Path, rows: dict[str, int | None]) -> list[dict[str, Any]]:
    """One entry for each file: name, SHA-256, size, rows."""
    return [
        {"name": name, "sha256": digest(folder / name), "bytes": (folder / name).stat().st_size, "rows": count}
        for name, count in rows.items()
    ]


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def newest(folder: Path) -> Path:
    """The newest backup below a folder; a broken one is not passed over."""
    found = sorted(path for path in folder.glob("2*Z") if path.is_dir())
    if not found:
        raise RefusedError(f"{folder}: holds no backup")
    return found[-1]


def verify(backup: Path) -> list[str]:
    """The names of a backup's files, after each was held against the manifest."""
    path = backup / MANIFEST
    try:
        listed = {entry["name"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"{path}: is no manifest ({type(error).__name__})") from None
    bad = [f"{backup.name}: the manifest does not list {name}" for name in (CONFIG, DATABASE) if name not in listed]
    for name, entry in listed.items():
        file = backup / name
        if not file.is_file() or digest(file) != entry["sha256"]:
            bad.append(f"{backup.name}: {name} is {'altered' if file.is_file() else 'missing'}")
    if bad:
        raise RefusedError(*bad)
    return list(listed)


def restore(backup: Path, store: str, config: Path | None) -> list[str]:
    """Bring a verified backup back: the database into the store, the configuration to its place if one is named."""
    names = verify(backup)
    target = file_of(store)
    with closing(sqlite3.connect(backup / DATABASE)) as old, closing(sqlite3.connect(target, timeout=10)) as new:
        old.backup(new)
    if config is not None:
        partial = config.with_name(f".{config.name}.partial")
        shutil.copyfile(backup / CONFIG, partial)
        partial.replace(config)
    return names
