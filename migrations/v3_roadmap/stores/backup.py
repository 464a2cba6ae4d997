"""Writes every row of V2's store into one file with its sums, copies it, and brings it back; refuses what is not whole."""

import hashlib
import json
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from plumbing.store import writing
from v3_roadmap.baseline.tables import create_tables, metadata
from v3_roadmap.stores.opening import TABLES, Rows, opened, read_tables
from v3_roadmap.tools.refusals import RefusedError

MANIFEST = "manifest.json"


def back_up(store: str, output: Path, now: datetime) -> Path:
    """A new folder below `output` with a file for each table; it has its name only when it is complete."""
    with opened(store) as engine:
        held = read_tables(engine)
    output.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=output))
    try:
        listed = [_kept(draft, name, rows) for name, rows in held.items()]
        stamp = now.strftime("%Y%m%dT%H%M%S%fZ")
        manifest = {"id": stamp, "created": now.isoformat(), "version": "2.0.0", "files": listed}
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        return draft.rename(output / stamp)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def restore(backup: Path, store: str) -> dict[str, int]:
    """Puts the rows of a whole backup into the place of what the store holds; how many of each table."""
    return _replace(store, _read(backup))


def copy(source: str, target: str) -> dict[str, int]:
    """The same rows in another store of V2."""
    with opened(source) as engine:
        held = read_tables(engine)
    return _replace(target, held)


def newest(folder: Path) -> Path:
    """The newest backup below a folder; a broken one is not passed over."""
    found = sorted(path for path in folder.glob("2*Z") if path.is_dir())
    if not found:
        raise RefusedError(f"{folder}: holds no backup")
    return found[-1]


def _kept(folder: Path, name: str, rows: Rows) -> dict[str, object]:
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    (folder / f"{name}.jsonl").write_bytes(content)
    sum_ = hashlib.sha256(content).hexdigest()
    return {"name": f"{name}.jsonl", "sha256": sum_, "bytes": len(content), "rows": len(rows)}


def _read(backup: Path) -> dict[str, Rows]:
    try:
        listed = json.loads((backup / MANIFEST).read_bytes())["files"]
        sums = {entry["name"]: entry["sha256"] for entry in listed}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RefusedError(
            f"{backup / MANIFEST}: is no manifest ({type(error).__name__}); nothing was changed"
        ) from None
    held = {}
    for name in TABLES:
        path = backup / f"{name}.jsonl"
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sums.get(path.name):
            raise RefusedError(f"{path}: is not as the manifest says; nothing was changed")
        held[name] = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    return held


def _replace(store: str, held: dict[str, Rows]) -> dict[str, int]:
    with opened(store) as engine:
        create_tables(engine)
        with writing(engine) as connection:
            for name in TABLES:
                connection.execute(sa.delete(metadata.tables[name]))
                if held[name]:
                    connection.execute(metadata.tables[name].insert(), held[name])
    return {name: len(rows) for name, rows in held.items()}
