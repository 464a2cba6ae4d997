"""Runs entry points of two trees with the same words and compares what they say and leave behind; changes nothing else."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 30
Cases = Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True)
class Said:
    """What one run said, the tree's own path left out."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Parity:
    """How many runs were compared, and each difference in a line."""

    runs: int
    differences: tuple[str, ...]


def compared(old: Path, new: Path, places: Iterable[str], cases: Cases) -> Parity:
    """Every case of every place on both trees, in the same order, and the applications' files afterwards."""
    runs, differences = 0, []
    for place in places:
        for words in cases[place]:
            runs += 1
            # Both at once: they share nothing but the machine.
            begun = (_begun(old, place, words), _begun(new, place, words))
            before, after = _ended(old, begun[0]), _ended(new, begun[1])
            if before != after:
                differences.append(f"{place} {' '.join(words)}: {before} became {after}")
    if left_behind(old) != left_behind(new):
        differences.append("the files of the applications differ afterwards")
    return Parity(runs, tuple(differences))


def said(tree: Path, place: str, words: tuple[str, ...], cwd: Path | str = "/") -> Said:
    """One run of an entry point, from the root folder unless told."""
    return _ended(tree, _begun(tree, place, words, cwd))


def _begun(tree: Path, place: str, words: tuple[str, ...], cwd: Path | str = "/") -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    return subprocess.Popen(
        [tree / place, *words], cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _ended(tree: Path, process: subprocess.Popen[str]) -> Said:
    try:
        out, err = process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    return Said(process.returncode, out.replace(str(tree), "<root>"), err.replace(str(tree), "<root>"))


def left_behind(tree: Path) -> dict[str, str]:
    """The content of every file of the applications' data and out folders, by relative path."""
    files = [path for part in ("data", "out") for path in sorted(tree.glob(f"apps/*/{part}/**/*")) if path.is_file()]
    return {
        path.relative_to(tree).as_posix(): hashlib.sha256(
            path.read_bytes().replace(str(tree).encode(), b"<root>")
        ).hexdigest()
        for path in files
    }


def relocated(tree: Path, to: Path) -> None:
    """A copy of a tree that works at its new place: its own path is written anew in every file that holds it."""
    shutil.copytree(tree, to, symlinks=True)
    for path in to.rglob("*"):
        if path.is_file() and not path.is_symlink():
            text = path.read_bytes()
            if str(tree).encode() in text:
                path.write_bytes(text.replace(str(tree).encode(), str(to).encode()))
