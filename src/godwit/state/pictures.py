"""Reads everything that lies in a folder as rows that can be compared: files as one table, the tables of SQLite stores."""

import hashlib
import stat
from collections.abc import Mapping, Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from godwit.state.stores import Store
from godwit.verdict import HarnessError

Picture = Mapping[str, list[dict[str, Any]]]
_SQLITE = b"SQLite format 3\0"
_COMPANIONS = ("-wal", "-shm", "-journal")
_HERE = "{folder}"
_UNREAD = "(unreadable)"


def picture(folder: Path, ignore: Sequence[str] = ()) -> Picture:
    """What lies in a folder: `files` (name, kind, mode, sha256) and `<store>/<table>` for every SQLite store in it.

    The folder's own path reads `{folder}` wherever it stands, so that two folders can be compared. `ignore` are patterns
    of files, of `<store>/<table>` and of `<store>/<table>.<column>`. A store that cannot be read is a row that says so.
    """
    found: dict[str, list[dict[str, Any]]] = {"files": []}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if _is_store(path):
            found.update({f"{name}/{table}": rows for table, rows in _tables(path, folder).items()})
        elif not _belongs_to_a_store(path) and not _ignored(name, ignore):
            found["files"].append(_file(path, name, folder))
    kept = {name: rows for name, rows in found.items() if not _ignored(name, ignore)}
    return {name: [_cut(name, row, ignore) for row in rows] for name, rows in kept.items()}


def unread(found: Picture) -> str:
    """The store of a picture that cannot be read, and why; empty if there is none."""
    why = {name.removesuffix(f"/{_UNREAD}"): rows for name, rows in found.items() if name.endswith(f"/{_UNREAD}")}
    return next((f"{store} cannot be read: {rows[0]['why']}" for store, rows in why.items()), "")


def _file(path: Path, name: str, folder: Path) -> dict[str, Any]:
    mode = path.lstat().st_mode
    if path.is_symlink():
        return {"id": name, "kind": "link", "mode": "", "holds": _plain(str(path.readlink()), folder)}
    if path.is_dir():
        return {"id": name, "kind": "folder", "mode": oct(stat.S_IMODE(mode)), "holds": ""}
    data = path.read_bytes().replace(str(folder).encode(), _HERE.encode()) if path.is_file() else b""
    holds = f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()[:16]}"
    return {"id": name, "kind": "file", "mode": oct(stat.S_IMODE(mode)), "holds": holds}


def _tables(path: Path, folder: Path) -> Picture:
    try:
        with closing(Store(f"sqlite:///{path}")) as store:
            found = store.snapshot()
    except HarnessError as error:
        return {_UNREAD: [{"id": "", "why": _plain(str(error), folder)}]}
    return {
        name: [{column: _plain(value, folder) for column, value in row.items()} for row in rows]
        for name, rows in {"(tables)": [{"id": name} for name in found], **found}.items()
    }


def _plain(value: Any, folder: Path) -> Any:
    return value.replace(str(folder), _HERE) if isinstance(value, str) else value


def _is_store(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _belongs_to_a_store(path: Path) -> bool:
    """Whether a file is part of a store beside it, which reads it itself; one that is left alone counts."""
    base = next((path.name.removesuffix(tail) for tail in _COMPANIONS if path.name.endswith(tail)), None)
    return base is not None and _is_store(path.with_name(base))


def _ignored(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _cut(table: str, row: dict[str, Any], ignore: Sequence[str]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if not _ignored(f"{table}.{column}", ignore)}
