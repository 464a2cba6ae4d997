"""A small tool that backs up a folder, verifies and restores it, for the tests; each way to be careless has a name."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

CARELESS = sys.argv[4] if len(sys.argv) > 4 else ""


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def backup(source: Path, directory: Path) -> None:
    """A copy of the folder with a manifest; what lies in `secret/` is hidden."""
    folder = directory / "b-1"
    left_out = shutil.ignore_patterns("*.yml") if CARELESS == "forgets" else None
    shutil.copytree(source, folder, symlinks=True, ignore=left_out)
    if CARELESS != "open":
        for path in folder.glob("secret/*"):
            path.write_bytes(hidden(path.read_bytes()))
    files = [
        {"path": name, "sha256": found, "size": (folder / name).stat().st_size} for name, found in sums(folder).items()
    ]
    told = {"backup_id": "b-1", "created": "2024-01-01", "tool_version": "1", "files": files}
    (folder / "manifest.json").write_text(json.dumps(told))


def hidden(content: bytes) -> bytes:
    """Hidden, or shown again."""
    return bytes(255 - sign for sign in content)


def verify(folder: Path) -> None:
    """Ends with a word when the folder is not what its manifest says."""
    stated = {it["path"]: it for it in json.loads((folder / "manifest.json").read_text())["files"]}
    if CARELESS == "lists":
        wrong = [name for name in stated if not (folder / name).exists()]
    elif CARELESS == "sizes":
        wrong = [name for name, it in stated.items() if (folder / name).stat().st_size != it["size"]]
    elif CARELESS == "takes-all":
        wrong = []
    else:
        found = sums(folder)
        links = [name for name in found if (folder / name).is_symlink() and CARELESS != "links"]
        wrong = [name for name in stated if found.get(name) != stated[name]["sha256"]]
        wrong += [*links, *({*found} - {*stated} if CARELESS != "foreign" else ())]
    if wrong:
        sys.exit("" if CARELESS == "mute" else f"{wrong[0]} is not as it was backed up")


def restore(folder: Path, target: Path) -> None:
    """Everything but the manifest goes to the target."""
    if CARELESS != "half":
        verify(folder)
    shutil.copytree(folder, target, symlinks=True, ignore=shutil.ignore_patterns("manifest.json"))
    if CARELESS == "half":
        verify(folder)
    for path in target.glob("secret/*"):
        path.write_bytes(hidden(path.read_bytes()))
        if CARELESS == "opens":
            path.chmod(0o644)


if __name__ == "__main__":
    one, other = (Path(each) for each in sys.argv[2:4])
    {"backup": lambda: backup(one, other), "verify": lambda: verify(one), "restore": lambda: restore(one, other)}[
        sys.argv[1]
    ]()
