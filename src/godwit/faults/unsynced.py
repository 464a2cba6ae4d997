"""Follows what of each file has reached the disk for certain, and takes a folder back to that, as a loss of power would.

Names count as safe at once, contents from fsync on: what a rename without fsync before it loses is found, what a folder
that was never synced loses is not.
"""

from pathlib import Path

_File = tuple[int, int]


class Unsynced:
    """The safe contents of the files under a folder, told of each call before it happens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there = {found for path in folder.rglob("*") if (found := _file(path))}
        self._safe: dict[_File, bytes] = {}

    def before_write(self, path: Path) -> None:
        """A file is about to change: what it held before this run is safe, what this run made holds nothing yet."""
        found = _file(path)
        if found and found not in self._safe:
            self._safe[found] = path.read_bytes() if found in self._there else b""

    def synced(self, path: Path) -> None:
        """A file's contents are safe."""
        if found := _file(path):
            self._safe[found] = path.read_bytes()

    def before_removal(self, path: Path) -> None:
        """A name goes away; the system may give the file's number to another one."""
        found = _file(path)
        if found and path.stat().st_nlink == 1:
            self._safe.pop(found, None)
            self._there.discard(found)

    def lose(self) -> int:
        """Take every file back to its safe contents; how many lost something."""
        lost = 0
        for path in self._folder.rglob("*"):
            found = _file(path)
            if found is None:
                continue
            safe = self._safe.get(found, None if found in self._there else b"")
            if safe is not None and path.read_bytes() != safe:
                path.write_bytes(safe)
                lost += 1
        return lost


def _file(path: Path) -> _File | None:
    if path.is_symlink() or not path.is_file():
        return None
    status = path.stat()
    return status.st_dev, status.st_ino
