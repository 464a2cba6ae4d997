"""Finds what is the same but for paths and white space among the scripts of a tree; it changes none of them."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SHELL = b"#!"


@dataclass(frozen=True, slots=True)
class Group:
    """Scripts of one content: the name that one script will have for all, and where they lie (at least one place)."""

    name: str
    places: tuple[str, ...]


def scripts_of(tree: Path) -> list[str]:
    """The relative path of every script: a regular file, no link, that begins with #!."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    return [path.relative_to(tree).as_posix() for path in files if path.read_bytes()[:2] == SHELL]


def home_pattern(root: Path | str) -> re.Pattern[str]:
    """What a baked path to an application's folder looks like below `root`."""
    return re.compile(re.escape(str(root)) + r"/apps/[A-Za-z0-9_-]+")


def normalised(text: str, root: Path | str) -> str:
    """The text without what may differ between copies: the application's path, indentation, blank lines, ends of lines."""
    lines = (" ".join(line.split()) for line in home_pattern(root).sub("<home>", text).splitlines())
    return "\n".join(line for line in lines if line)


def grouped(tree: Path, root: Path | str) -> list[Group]:
    """The scripts of a tree by normalised content, in the order of their names; every name comes once."""
    alike: dict[str, list[str]] = {}
    for place in scripts_of(tree):
        text = (tree / place).read_text(encoding="utf-8")
        alike.setdefault(hashlib.sha256(normalised(text, root).encode()).hexdigest(), []).append(place)
    taken: set[str] = set()
    groups = []
    for places in sorted(alike.values()):
        name = _free(_usual_name(places), taken)
        taken.add(name)
        groups.append(Group(name, tuple(places)))
    return sorted(groups, key=lambda group: group.name)


def baked_paths(tree: Path) -> dict[str, list[str]]:
    """The absolute paths that each script holds, but for those that every system has; scripts without any are left out."""
    found = {}
    for place in scripts_of(tree):
        body = (tree / place).read_text(encoding="utf-8").partition("\n")[2]
        paths = [path for path in ABSOLUTE.findall(body) if not path.startswith(SYSTEM)]
        if paths:
            found[place] = paths
    return found


ABSOLUTE = re.compile(r"(?<![\w.})\"$*/<-])/(?:[\w.+-]+/)*[\w.+-]+")
SYSTEM = ("/bin/", "/usr/bin/", "/dev/null")


def _usual_name(places: list[str]) -> str:
    names = Counter(Path(place).stem.removesuffix("_v2").replace("_", "-") for place in places)
    return names.most_common(1)[0][0]


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
