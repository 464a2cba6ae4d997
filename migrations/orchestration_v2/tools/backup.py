"""Writes a backup: JSON Lines for each table, the configuration, a manifest of sums; it never overwrites one."""

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration_v2.tools import tables
from orchestration_v2.tools.conversion import Row, State, compact
from orchestration_v2.tools.refusals import Refused

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a backup: its name, SHA-256 (hex), size in bytes, and rows (or entries of a configuration file)."""

    name: str
    sha256: str
    bytes: int
    rows: int


def back_up(version: str, store: str, output: Path, now: datetime) -> Path:
    """Back up a store below `output` and return the new folder; it appears under its name only when it is complete."""
    state = tables.read_state(store, version)
    try:
        output.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=output))
    except OSError as error:
        raise Refused(f"{output}: {error.strerror}") from error
    try:
        return _publish(draft, output, version, state, now)
    except OSError as error:
        raise Refused(f"{output}: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(draft: Path, output: Path, version: str, state: State, now: datetime) -> Path:
    contents = backup_contents(version, state)
    for name, lines in contents.items():
        (draft / name).write_text("".join(lines), encoding="utf-8")
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    draft.chmod(0o755)
    for number in range(1, 1000):
        folder = output / f"{stamp}-{number}"
        if folder.exists():
            continue
        manifest = {
            "id": folder.name,
            "created": now.astimezone(UTC).isoformat(),
            "version": version,
            "files": [asdict(entry) for entry in manifest_entries(draft, contents)],
        }
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        try:
            return draft.rename(folder)
        except FileExistsError:
            continue
    raise Refused(f"{output}: has 999 backups of this second already")


def backup_contents(version: str, state: State) -> dict[str, list[str]]:
    """Return file name to lines: the tables by key, and for v1 the configuration snapshot."""
    files = {f"{name}.jsonl": [compact(row) + "\n" for row in rows] for name, rows in sorted(state.items())}
    if version == "v1":
        files |= {name: [json.dumps(body, ensure_ascii=False, indent=1) + "\n"] for name, body in _snapshot(state)}
    return files


def _snapshot(state: State) -> list[tuple[str, list[dict[str, Any]]]]:
    steps: dict[str, list[Row]] = {}
    for row in state["workflow_steps"]:
        steps.setdefault(row["workflow_id"], []).append({"seq": row["seq"], "agent": row["agent"]})
    definitions = ("id", "title", "critical", "owner")
    return [
        ("agents.json", [{**row, "talks_to": json.loads(row["talks_to"])} for row in state["agents"]]),
        (
            "workflows.json",
            [
                {**{name: row[name] for name in definitions}, "steps": steps.get(row["id"], [])}
                for row in state["workflows"]
            ],
        ),
        ("integrations.json", state["integrations"]),
    ]


def manifest_entries(folder: Path, contents: dict[str, list[str]]) -> list[FileEntry]:
    """Return the manifest's entries for the files of a folder, read back from the disk."""
    entries = []
    for name, lines in sorted(contents.items()):
        body = (folder / name).read_bytes()
        rows = len(lines) if name.endswith(".jsonl") else len(json.loads(body))
        entries.append(FileEntry(name, hashlib.sha256(body).hexdigest(), len(body), rows))
    return entries
