"""Writes the tree of V2: three applications with 164 script files of 45 contents, data and documents; it consolidates nothing."""

import random
from collections.abc import Sequence
from pathlib import Path

from v3_roadmap.scripts.catalogue import MARK, Script
from v3_roadmap.scripts.upkeep import CATALOGUE

APPS = ("coordination", "registry", "xavos")
COPIED_FOUR_TIMES = 29
TEAMS = ("red", "green", "blue")
DOCUMENTED = 40
DOCUMENTS = 42
MISSING = (
    "assign-team", "archive-work", "audit-agents", "balance-teams", "broadcast", "cancel-work", "clone-agent", "compare-teams",
    "export-report", "forecast-load", "freeze-team", "grant-capacity", "import-work", "inspect-agent", "merge-teams", "notify-team",
    "pause-agent", "plan-week", "purge-work", "rank-agents", "replay-events", "resume-agent", "split-work", "swap-work", "trace-work",
)  # fmt: skip


def make_tree(root: Path, seed: int) -> list[str]:
    """Writes the tree below `root` (no spaces in its path: V2 cannot live with them); the relative path of every script."""
    if any(character.isspace() for character in str(root)):
        raise ValueError(f"{root}: V2 cannot be laid out below a path with spaces")
    chance = random.Random(seed)
    for app in APPS:
        _write_data(root / "apps" / app, chance)
    written = [_write_script(root, place, script) for script in CATALOGUE for place in places_of(script)]
    _write_documents(root)
    return written


def places_of(script: Script) -> list[str]:
    """Where a script lies: once in each application, and some a fourth time under a name of their own."""
    number = CATALOGUE.index(script)
    places = [f"apps/{app}/scripts/{script.name}.sh" for app in APPS]
    if number < COPIED_FOUR_TIMES:
        places.append(f"apps/{APPS[number % 3]}/legacy/{script.name.replace('-', '_')}_v2.sh")
    return places


def _write_script(root: Path, place: str, script: Script) -> str:
    path = root / place
    home = root / "apps" / place.split("/")[1]
    text = f"#!/bin/sh\n# {script.name}: part of {home}\nset -eu\n{script.body}".replace(MARK, str(home))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_spaced(text, _kind(place)), encoding="utf-8")
    path.chmod(0o755)
    return place


def _kind(place: str) -> int:
    return APPS.index(place.split("/")[1]) + (3 if "/legacy/" in place else 0)


def _spaced(text: str, kind: int) -> str:
    """The same script as another hand would have laid it out: blank lines, ends of lines, tabs."""
    lines = text.splitlines()
    if kind in {1, 4}:
        lines = [line + "  " for line in lines]
    if kind in {2, 5}:
        lines = [line.replace("    ", "\t") if line.startswith("    ") else line for line in lines]
    if kind >= 3:
        lines = [part for line in lines for part in (line, "")]
    return "\n".join([lines[0].rstrip(), *lines[1:]]) + "\n"


def _write_data(home: Path, chance: random.Random) -> None:
    data = home / "data"
    data.mkdir(parents=True)
    (home / "out").mkdir()
    agents = [
        (f"agent-{n}", chance.choices(TEAMS)[0], chance.randrange(1, 6), chance.choices(("idle", "busy"))[0])
        for n in range(1, 13)
    ]
    states = ("open", "claimed", "done")
    work = [
        (f"work-{n}", "build", chance.choices(TEAMS)[0], chance.randrange(1, 6), chance.choices(states)[0],
         f"agent-{chance.randrange(1, 15)}", chance.randrange(0, 100))
        for n in range(1, 25)
    ]  # fmt: skip
    _write_table(data / "agents.tsv", agents)
    _write_table(data / "work.tsv", work)
    (data / "events.log").write_text("".join(f"add-work work-{n}\n" for n in range(1, 25)), encoding="utf-8")
    (data / "settings.env").write_text(f"# settings\nteam=red\nretries={chance.randrange(1, 9)}\n", encoding="utf-8")


def _write_table(path: Path, rows: Sequence[tuple[object, ...]]) -> None:
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")


def _write_documents(root: Path) -> None:
    docs = root / "docs"
    docs.mkdir()
    present = [script.name for script in CATALOGUE[: DOCUMENTED - len(MISSING)]]
    (docs / "commands.txt").write_text("".join(f"{name}\n" for name in (*present, *MISSING)), encoding="utf-8")
    for number in range(1, DOCUMENTS):
        (docs / f"note-{number:02}.md").write_text(f"# Note {number}\n\nSee {root}/apps.\n", encoding="utf-8")


def cases() -> dict[str, tuple[tuple[str, ...], ...]]:
    """The words that each place is tried with."""
    return {place: script.cases for script in CATALOGUE for place in places_of(script)}
