"""Reads a file tree entry by entry, without following links; judges nothing, and changes no time of access on purpose."""

import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from godwit.verdict import FileEntry, HarnessError

_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


def read_tree(root: Path, is_left_out: Callable[[str], bool] = lambda _: False) -> dict[str, FileEntry]:
    """What lies in a folder, by path below it; `.` is the folder itself.

    What `is_left_out` says yes to is not looked at. HarnessError when the folder is not there, or changes while it is read.
    """
    if not root.is_dir():
        raise HarnessError(f"{root}: there is no such folder")
    found: dict[str, FileEntry] = {}
    first: dict[tuple[int, int], str] = {}
    try:
        for path in _walk(root, ".", is_left_out):
            found[path] = _entry(root, path, first)
    except OSError as error:
        raise HarnessError(f"{error.filename or root}: {error.strerror}; the tree cannot be read as one") from None
    return found


def read_both(old: Path, new: Path, at_most: int) -> tuple[bytes, bytes] | None:
    """The contents of two files; None if one is larger than `at_most` bytes or cannot be read."""
    try:
        if max(old.stat().st_size, new.stat().st_size) > at_most:
            return None
        return old.read_bytes(), new.read_bytes()
    except OSError:
        return None


def _walk(root: Path, path: str, is_left_out: Callable[[str], bool]) -> Iterator[str]:
    yield path
    for name in sorted(below.name for below in (root / path).iterdir()):
        below = name if path == "." else f"{path}/{name}"
        if is_left_out(below):
            continue
        if stat.S_ISDIR((root / below).lstat().st_mode):
            yield from _walk(root, below, is_left_out)
        else:
            yield below


def _entry(root: Path, path: str, first: dict[tuple[int, int], str]) -> FileEntry:
    place = root / path
    said = place.lstat()
    kind = _KINDS.get(stat.S_IFMT(said.st_mode), "special")
    twin, sha256, trouble = "", "", ""
    if kind == "file":
        if said.st_nlink > 1:
            twin = first.setdefault((said.st_dev, said.st_ino), path)
        try:
            with place.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        except PermissionError as error:
            trouble = str(error.strerror)
    return FileEntry(
        kind=kind,
        mode=stat.S_IMODE(said.st_mode),
        owner=f"{_user(said.st_uid)}:{_group(said.st_gid)}",
        mtime_ns=said.st_mtime_ns,
        size=said.st_size if kind == "file" else 0,
        sha256=sha256,
        target=os.readlink(place) if kind == "link" else "",  # noqa: PTH115  a Path would drop ./ and doubled slashes
        twin="" if twin == path else twin,
        trouble=trouble,
    )


@lru_cache
def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


@lru_cache
def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
