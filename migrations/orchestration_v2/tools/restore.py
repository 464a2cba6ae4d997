"""Brings a backup back into a store, after all of it was verified; a bad backup changes nothing."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from orchestration_v2.tools import tables
from orchestration_v2.tools.backup import MANIFEST
from orchestration_v2.tools.conversion import Row
from orchestration_v2.tools.refusals import Refused

NAME = re.compile(r"\d{8}T\d{6}Z-\d+")


def latest_backup(folder: Path) -> Path:
    """Return the newest backup below a folder by its name; a newest one that is broken is not passed over."""
    found = [path for path in folder.iterdir() if NAME.fullmatch(path.name)] if folder.is_dir() else []
    if not found:
        raise Refused(f"{folder}: holds no backup")
    return max(found, key=lambda path: (path.name.split("-")[0], int(path.name.split("-")[1])))


def restore(store: str, backup: Path) -> dict[str, int]:
    """Replace a store's content by a backup's in one transaction; returns the rows of each table."""
    manifest = read_manifest(backup)
    found = backup_problems(backup, manifest)
    if found:
        raise Refused(*found)
    state = read_backup(backup, manifest["version"])
    tables.write_state(store, manifest["version"], state)
    return {name: len(rows) for name, rows in state.items()}


def read_manifest(backup: Path) -> dict[str, Any]:
    """Return a backup's manifest; refuses one that is missing, no JSON, or not of the shape that `backup` writes."""
    path = backup / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        shaped = manifest["version"] in tables.METADATA and all(
            isinstance(entry["name"], str) and isinstance(entry["sha256"], str) and isinstance(entry["bytes"], int)
            for entry in manifest["files"]
        )
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise Refused(f"{path}: is no manifest ({type(error).__name__})") from error
    if not shaped:
        raise Refused(f"{path}: is no manifest of a version that these tools know")
    return dict(manifest)


def backup_problems(backup: Path, manifest: dict[str, Any]) -> list[str]:
    """Return what is missing, foreign, altered or cut off in a backup, one line for each file."""
    listed = {entry["name"]: entry for entry in manifest["files"]}
    there = {path.name for path in backup.iterdir()} - {MANIFEST}
    needed = {f"{table.name}.jsonl" for table in tables.tables_of(manifest["version"])}
    found = [f"{backup.name}: the manifest does not list {name}" for name in sorted(needed - set(listed))]
    found += [f"{backup.name}: {name} is missing" for name in sorted(set(listed) - there)]
    found += [f"{backup.name}: {name} is not in the manifest" for name in sorted(there - set(listed))]
    for name in sorted(there & set(listed)):
        found += file_problems(backup / name, listed[name])
    return found


def file_problems(path: Path, entry: dict[str, Any]) -> list[str]:
    """Return a line when a file's size, sum or number of rows differs from its entry."""
    body = path.read_bytes()
    if len(body) != entry["bytes"]:
        return [f"{path.parent.name}: {path.name} has {len(body)} bytes, the manifest says {entry['bytes']}"]
    if hashlib.sha256(body).hexdigest() != entry["sha256"]:
        return [f"{path.parent.name}: {path.name} does not have the manifest's SHA-256"]
    rows = body.count(b"\n")
    if path.suffix == ".jsonl" and rows != entry.get("rows"):
        return [f"{path.parent.name}: {path.name} has {rows} rows, the manifest says {entry.get('rows')}"]
    return []


def read_backup(backup: Path, version: str) -> dict[str, list[Row]]:
    """Return the rows of all tables of a verified backup."""
    state = {}
    for table in tables.tables_of(version):
        with (backup / f"{table.name}.jsonl").open(encoding="utf-8", newline="\n") as lines:
            state[table.name] = [json.loads(line) for line in lines]
    return state
