"""Copies, verifies and swaps the folder app/core of a deployed tree; at every moment a whole app/core can be had again.

A swap that was interrupted is finished by the next call: what is in app/core.incoming is whole or it is thrown away.
"""

import hashlib
import json
import os
import shutil
import signal
from pathlib import Path

from universal_orchestrator.tools.refusals import RefusedError

MANIFEST = "manifest.json"
STEPS = ("copied", "set-aside", "swapped")


def digest(tree: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, caches left out."""
    files = (path for path in sorted(tree.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {
        path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name != MANIFEST
    }


def install(source: Path, site: Path) -> int:
    """Make a deployed tree of a sources root; the number of files in its app."""
    if (site / "app").exists():
        raise RefusedError(f"{site}/app is there already")
    shutil.copytree(source / "app", site / "app", ignore=shutil.ignore_patterns("__pycache__"))
    return len(digest(site / "app"))


def back_up(site: Path) -> int:
    """Copy app/core to app/core_backup with a manifest, and verify the copy; the number of files."""
    core, backup = _core(site), site / "app/core_backup"
    partial = site / "app/core_backup.partial"
    remove(partial)
    shutil.copytree(core, partial, ignore=shutil.ignore_patterns("__pycache__"))
    (partial / MANIFEST).write_text(json.dumps(digest(core), indent=1, sort_keys=True), encoding="utf-8")
    verify(partial)
    remove(backup)
    partial.rename(backup)
    return len(digest(backup))


def verify(backup: Path) -> int:
    """How many files a backup has; RefusedError where it differs from its manifest."""
    try:
        listed = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RefusedError(f"{backup.name} has no readable manifest: {type(error).__name__}") from None
    found = digest(backup)
    if wrong := sorted(name for name in {*listed, *found} if listed.get(name) != found.get(name)):
        raise RefusedError(f"{backup.name} differs from its manifest: {', '.join(wrong[:5])}")
    if not found:
        raise RefusedError(f"{backup.name} is empty")
    return len(found)


def swap(site: Path, source: Path, *, crash_after: str = "") -> int:
    """Put a copy of `source` in the place of app/core; the source stays, so that it can be done again.

    `crash_after` one of STEPS kills this process there, for drills.
    """
    core = site / "app/core"
    incoming, leaving = site / "app/core.incoming", site / "app/core.leaving"
    recover(site)
    shutil.copytree(source, incoming, ignore=shutil.ignore_patterns("__pycache__", MANIFEST))
    if digest(incoming) != digest(source):
        raise RefusedError(f"the copy of {source.name} differs from it; nothing was changed")
    _crash("copied", crash_after)
    core.rename(leaving)
    _crash("set-aside", crash_after)
    incoming.rename(core)
    _crash("swapped", crash_after)
    remove(leaving)
    return len(digest(core))


def recover(site: Path) -> str:
    """Finish or undo what an interrupted swap left; which of the two it was."""
    core = site / "app/core"
    incoming, leaving = site / "app/core.incoming", site / "app/core.leaving"
    done = "nothing to recover"
    if not core.exists() and leaving.exists():
        leaving.rename(core)
        done = "the former app/core is back"
    elif leaving.exists():
        remove(leaving)
        done = "the swap was complete"
    remove(incoming)
    _core(site)
    return done


def _core(site: Path) -> Path:
    core = site / "app/core"
    if not core.is_dir():
        raise RefusedError(f"{site} has no app/core")
    return core


def remove(path: Path) -> None:
    """Delete a folder that may not be there."""
    if path.exists():
        shutil.rmtree(path)


def _crash(step: str, crash_after: str) -> None:
    if step == crash_after:
        os.kill(os.getpid(), signal.SIGKILL)
