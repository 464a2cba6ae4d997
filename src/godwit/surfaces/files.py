"""Reads the files that a command left in its folder; follows no link, and keeps nothing that is too large to compare."""

from collections.abc import Sequence
from pathlib import Path

FILE_LIMIT = 4 * 1024 * 1024
"""The largest file that is kept, in bytes."""
MOST_FILES = 500
"""How many files are kept."""


def written(folder: Path, patterns: Sequence[str]) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, ...]]:
    """The files below a folder that patterns (`*`, `**`) mean, by name and content, and what was too large or too many."""
    paths = sorted({path for pattern in patterns for path in folder.glob(pattern) if _is_own(path, folder)})
    large = [path for path in paths if path.stat().st_size > FILE_LIMIT]
    kept = [path for path in paths if path not in large][:MOST_FILES]
    left = [path.relative_to(folder).as_posix() for path in large]
    left += [f"{len(paths) - len(large) - len(kept)} more files"] * (len(paths) - len(large) > len(kept))
    return tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in kept), tuple(left)


def _is_own(path: Path, folder: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(folder.resolve())
