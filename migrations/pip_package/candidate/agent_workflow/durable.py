"""Writes files so that a kill at any moment leaves the old file or the new one; never writes in place."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

PART = ".part"


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """The file whole or not at all, on the disk when this returns; its folder is made."""
    write_unnamed(path, content, mode)
    sync_folder(path.parent)


def write_unnamed(path: Path, content: bytes, mode: int = 0o600) -> None:
    """As `write`, but the name reaches the disk only with `sync_tree`: for folders that are nothing before they are whole."""
    make_folder(path.parent)
    part = path.with_name(f".{path.name}{PART}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def write_json(path: Path, value: Any, mode: int = 0o600) -> None:
    """JSON with an indentation of two."""
    write(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode(), mode)


def make_folder(folder: Path, mode: int = 0o700) -> None:
    """The folder and what is missing above it, open to the owner only."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=mode, exist_ok=True)
        sync_folder(each.parent)


def move(source: Path, target: Path) -> None:
    """One name for another, in one step that survives a crash."""
    source.rename(target)
    sync_folder(target.parent)


def remove_tree(folder: Path) -> None:
    """Away with a folder: first out of its name in one step, so that no half of it is ever taken for the whole."""
    doomed = folder.with_name(f"{folder.name}.removing")
    if folder.exists():
        shutil.rmtree(doomed, ignore_errors=True)
        move(folder, doomed)
    if doomed.exists():
        shutil.rmtree(doomed)
        sync_folder(doomed.parent)


def sync_tree(folder: Path) -> None:
    """All names below a folder reach the disk."""
    for each in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(each)


def sync_folder(folder: Path) -> None:
    """Names in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
