"""Keeps every script of a tree before it changes, and brings them back; refuses a backup that is not whole."""

import hashlib
import json
import shutil
import stat
from pathlib import Path

from v3_roadmap.scripts.grouping import scripts_of
from v3_roadmap.tools.refusals import RefusedError

MANIFEST = "manifest.json"
MADE = ("scripts", "lib")


def back_up(tree: Path, backup: Path) -> dict[str, object]:
    """Copies every script of the tree and notes its hash and mode; the manifest."""
    if (backup / MANIFEST).exists():
        raise RefusedError(f"{backup} holds a backup already; name another folder")
    places = scripts_of(tree)
    if not places:
        raise RefusedError(f"{tree} holds no script; name the folder that has apps/ in it")
    for place in places:
        target = backup / "files" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree / place, target)
    manifest = {
        "tree": str(tree),
        "scripts": len(places),
        "digest": digest(tree, places),
        "files": _files(tree, places),
    }
    (backup / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    check_backup(backup)
    return manifest


def check_backup(backup: Path) -> dict[str, dict[str, object]]:
    """The files of a backup by place; raises RefusedError where one is missing, changed or not listed."""
    try:
        manifest = json.loads((backup / MANIFEST).read_bytes())
        listed: dict[str, dict[str, object]] = manifest["files"]
    except (OSError, ValueError, KeyError) as error:
        raise RefusedError(f"{backup}: no readable {MANIFEST} ({error}); nothing was changed") from error
    kept = _files(backup / "files", scripts_of(backup / "files"))
    wrong = sorted(place for place in listed.keys() | kept.keys() if listed.get(place) != kept.get(place))
    if wrong or len(listed) != manifest["scripts"] or not listed:
        raise RefusedError(*(f"{backup}: {place} is not as the manifest says" for place in wrong or ["the list"]))
    return listed


def restore(tree: Path, backup: Path) -> str:
    """Puts every script back where it lay and takes away what was made of them; the digest of the scripts afterwards."""
    listed = check_backup(backup)
    for made in MADE:
        shutil.rmtree(tree / made, ignore_errors=True)
    for place in listed:
        target = tree / place
        target.unlink(missing_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(backup / "files" / place, target)
    after = scripts_of(tree)
    if _files(tree, after) != listed:
        raise RefusedError(f"{tree}: the scripts are not as they were; compare with {backup / MANIFEST}")
    return digest(tree, after)


def digest(tree: Path, places: list[str]) -> str:
    """One hash over places, modes and contents."""
    text = json.dumps(_files(tree, places), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _files(tree: Path, places: list[str]) -> dict[str, dict[str, object]]:
    return {
        place: {
            "sha256": hashlib.sha256((tree / place).read_bytes()).hexdigest(),
            "mode": stat.S_IMODE((tree / place).stat().st_mode),
        }
        for place in places
    }
