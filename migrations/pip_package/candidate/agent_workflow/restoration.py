"""Restores a backup by itself: it is copied into every backup, and imports nothing of the package that made it.

Usage: python restore.py [--only config,state] [--key FILE] [--move OLD=NEW] [--verify]
"""

import argparse
import hashlib
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ORDER = ("config", "projects", "state", "credentials", "logs", "custom")
# What stood in the environment is kept, but no file gets it back.
STORED = ("file", "environment")
OWN_FILES = ("manifest.json", "manifest.sha256", "restore.py")
Entry = Mapping[str, Any]


class BackupError(Exception):
    """A backup that cannot be trusted or restored; the message says why."""


def load(folder: Path) -> dict[str, Any]:
    """The manifest of a backup; BackupError when it is missing, changed or cut off."""
    try:
        content = (folder / "manifest.json").read_bytes()
        wanted = (folder / "manifest.sha256").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{folder}: is no complete backup: {error}") from None
    if hashlib.sha256(content).hexdigest() != wanted:
        raise BackupError(f"{folder}/manifest.json: was changed after it was written")
    try:
        manifest = json.loads(content)
    except ValueError as error:
        raise BackupError(f"{folder}/manifest.json: is no JSON: {error}") from None
    return dict(manifest)


def checksum_damages(folder: Path, manifest: Entry) -> list[str]:
    """Every stored file that is not as the manifest has it."""
    found = []
    for entry in manifest["files"]:
        path = folder / entry["path"]
        if entry["kind"] in STORED and path.is_symlink():
            found.append(f"{entry['path']}: is a link, which may lead out of the backup")
        elif entry["kind"] in STORED and path.is_file() and _sha256(path) != entry["stored_sha256"]:
            found.append(f"{entry['path']}: was changed")
    return found


def required_damages(folder: Path, manifest: Entry) -> list[str]:
    """Every file that is missing, and every one that nobody put there."""
    wanted = {entry["path"] for entry in manifest["files"] if entry["kind"] in STORED}
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    missing = [f"{name}: is missing" for name in sorted({*wanted, *OWN_FILES} - there)]
    return [*missing, *(f"{name}: does not belong here" for name in sorted(there - wanted - {*OWN_FILES}))]


def restore(
    folder: Path, manifest: Entry, only: Iterable[str] = ORDER, key: Path | None = None, moves: Iterable[str] = ()
) -> dict[str, int]:
    """Puts the categories back, each file whole; what is there already stays; returns how many of each are there."""
    counts: dict[str, int] = {}
    for category in (name for name in ORDER if name in set(only)):
        entries = [entry for entry in manifest["files"] if entry["category"] == category]
        folders_last = sorted(entries, key=lambda entry: (entry["kind"] == "folder", -len(entry["original_path"])))
        for entry in folders_last:
            _put(folder, entry, _moved(entry["original_path"], moves), key or Path(manifest["key_path"]))
        counts[category] = sum(entry["kind"] != "folder" for entry in entries)
    return counts


def displace(manifest: Entry, into: Path, only: Iterable[str] = ORDER, moves: Iterable[str] = ()) -> list[str]:
    """Moves aside what came later into folders that have to be exactly as they were; nothing is thrown away."""
    wanted = {str(_moved(entry["original_path"], moves)) for entry in manifest["files"]}
    moved = []
    for exact in (each for each in manifest["exact"] if each["category"] in set(only)):
        top = _moved(exact["path"], moves)
        for path in sorted(top.rglob("*"), reverse=True):
            if str(path) in wanted:
                continue
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
                continue
            target = into / path.relative_to(path.anchor)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
            moved.append(str(path))
    return moved


def _put(folder: Path, entry: Entry, target: Path, key: Path) -> None:
    if entry["kind"] == "environment":
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if entry["kind"] == "folder":
        target.mkdir(exist_ok=True)
    elif entry["kind"] == "link":
        if not target.is_symlink() or str(target.readlink()) != entry["link"]:
            target.unlink(missing_ok=True)
            target.symlink_to(entry["link"])
        return
    else:
        content = (folder / entry["path"]).read_bytes()
        plain = _unseal(content, key) if entry["encrypted"] else content
        if hashlib.sha256(plain).hexdigest() != entry["sha256"]:
            raise BackupError(f"{entry['path']}: is not what was backed up")
        if not target.is_file() or target.is_symlink() or target.read_bytes() != plain:
            _write(target, plain)
    if stat.S_IMODE(target.stat().st_mode) != entry["mode"]:
        target.chmod(entry["mode"])
    os.utime(target, ns=(entry["mtime_ns"], entry["mtime_ns"]))


def _write(target: Path, content: bytes) -> None:
    part = target.with_name(f".{target.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _unseal(content: bytes, key: Path) -> bytes:
    try:
        from cryptography.fernet import Fernet, InvalidToken
    except ImportError:
        raise BackupError("credentials are encrypted: run pip install cryptography, and this again") from None
    try:
        return Fernet(key.read_bytes()).decrypt(content)
    except FileNotFoundError:
        raise BackupError(f"{key}: the key of the credentials is missing; name it with --key FILE") from None
    except (InvalidToken, ValueError):
        raise BackupError(f"{key}: is not the key of this backup") from None


def _moved(path: str, moves: Iterable[str]) -> Path:
    for old, _, new in (move.partition("=") for move in moves):
        if path == old or path.startswith(f"{old}/"):
            return Path(new + path[len(old) :])
    return Path(path)


def main(words: list[str] | None = None) -> int:
    """Exit code 0 is restored, 1 refused, 2 misused."""
    parser = argparse.ArgumentParser(description="Restores this backup without the package that made it.")
    parser.add_argument("--only", default=",".join(ORDER), help="categories, with commas between")
    parser.add_argument("--key", type=Path, help="the key of the credentials, if it lies elsewhere")
    parser.add_argument("--move", action="append", default=[], metavar="OLD=NEW", help="restore below another folder")
    parser.add_argument("--verify", action="store_true", help="look only")
    chosen = parser.parse_args(words)
    only = [word for word in chosen.only.split(",") if word]
    if set(only) - set(ORDER) or any("=" not in move for move in chosen.move):
        parser.error(f"--only takes {', '.join(ORDER)}; --move takes OLD=NEW")
    folder = Path(__file__).resolve().parent
    try:
        manifest = load(folder)
        damages = [*required_damages(folder, manifest), *checksum_damages(folder, manifest)]
        if damages:
            raise BackupError("nothing was restored: " + "; ".join(damages))
        if not chosen.verify:
            for name, count in restore(folder, manifest, only, chosen.key, chosen.move).items():
                print(f"{name}: {count} restored")
    except (BackupError, OSError) as error:
        print(f"restore: {error}", file=sys.stderr)
        return 1
    print("verified" if chosen.verify else "restored")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
