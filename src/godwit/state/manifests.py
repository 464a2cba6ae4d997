"""Holds a backup against its manifest, file by file; an unreadable manifest is a finding, never an empty backup."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from godwit.plan import ManifestWords
from godwit.verdict import Finding, GodwitError


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file as the manifest states it; `bytes` and `rows` are None where it states none."""

    name: str
    sha256: str
    bytes: int | None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    id: str
    created: str
    version: str
    files: tuple[ManifestFile, ...]


def read_manifest(directory: Path, name: str, words: ManifestWords) -> Manifest:
    """The manifest of a backup directory: `{id, created, version, files: [{name, sha256, bytes, rows}]}`, in its own words.

    Raises GodwitError when it is missing or not of that form.
    """
    path = directory / name
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(_file(item, words) for item in found[words.list] if _is_file(item, words))
        return Manifest(str(found[words.id]), str(found[words.created]), str(found[words.version]), files)
    except OSError as error:
        raise GodwitError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GodwitError(f"{path}: not a manifest: {type(error).__name__}: {error}") from None


def verify_backup(
    directory: Path, manifest: str, required: Sequence[str], words: ManifestWords, besides: Sequence[str]
) -> tuple[Finding, ...]:
    """Every way in which a backup directory differs from its manifest, and every required file that it lacks.

    `besides` are files that the manifest need not name.
    """
    try:
        stated = read_manifest(directory, manifest, words)
    except GodwitError as error:
        return (Finding("manifest unreadable", manifest, reason=str(error)),)
    return tuple(_findings(directory, (manifest, *besides), stated, required))


def _findings(directory: Path, unnamed: Sequence[str], stated: Manifest, required: Sequence[str]) -> Iterator[Finding]:
    names = [file.name for file in stated.files]
    if not names:
        yield Finding("empty backup", unnamed[0], reason="the manifest names no file")
    for name in sorted(set(required) - set(names)):
        yield Finding("required file missing", name, reason="the manifest does not name it")
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Finding("file named twice", name)
    for file in stated.files:
        yield from _file_findings(directory, file, file.name in required)
    there = {
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    for name in sorted(there - set(names) - set(unnamed)):
        yield Finding("foreign file", name, reason="the manifest does not name it")


def _file_findings(directory: Path, file: ManifestFile, is_required: bool) -> Iterator[Finding]:
    path = directory / file.name
    named = PurePosixPath(file.name)
    is_inside = path.resolve().is_relative_to(directory.resolve()) and not path.is_symlink()
    if named.is_absolute() or ".." in named.parts or not is_inside:
        yield Finding("file outside the backup", file.name)
        return
    if not path.is_file():
        yield Finding("file missing", file.name)
        return
    size = path.stat().st_size
    if size == 0 and (is_required or file.rows):
        reason = "it is required" if is_required else f"the manifest states {file.rows} rows"
        yield Finding("file empty", file.name, reason=reason)
    if file.bytes is not None and size != file.bytes:
        word = "file truncated" if size < file.bytes else "file longer than stated"
        yield Finding(word, file.name, baseline=f"{file.bytes} bytes", candidate=f"{size} bytes")
    elif (found := _sha256(path)) != file.sha256.lower():
        yield Finding("file changed", file.name, baseline=f"sha256 {file.sha256}", candidate=f"sha256 {found}")
    elif file.rows is not None and path.suffix == ".jsonl" and (lines := _lines(path)) != file.rows:
        yield Finding("rows missing" if lines < file.rows else "rows too many", file.name, f"{file.rows}", f"{lines}")


def _is_file(item: Any, words: ManifestWords) -> bool:
    return all(item[word] in values for word, values in words.where.items())


def _file(item: Any, words: ManifestWords) -> ManifestFile:
    rows = item.get(words.rows)
    size = int(item[words.bytes]) if words.bytes else None
    return ManifestFile(str(item[words.name]), str(item[words.sha256]), size, None if rows is None else int(rows))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())
