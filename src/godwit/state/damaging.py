"""Damages a copy of a backup in one way; refuses to touch what is not a copy, and judges nothing."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from godwit.verdict import HarnessError

_FOREIGN = "foreign-file.bin"
_OF_MANIFEST = ("manifest-missing", "manifest-cut", "manifest-changed")


def damage(folder: Path, kind: str, file: str, manifest: str, other: str) -> None:
    """Damage `file` (or the manifest, or what it states of `file`) in a backup's folder; `other` is another file, for what takes two.

    Raises HarnessError for a manifest that does not state the file's SHA-256.
    """
    path = folder / (manifest if kind in _OF_MANIFEST else file)
    content = path.read_bytes()
    if kind == "foreign":
        (path.parent / _FOREIGN).write_bytes(b"nobody named me\n")
    elif kind in ("missing", "manifest-missing"):
        path.unlink()
    elif kind in ("truncated", "manifest-cut"):
        path.write_bytes(content[: len(content) // 2])
    elif kind == "manifest-changed":
        path.write_bytes(_with_another_checksum(content, folder / file))
    elif kind == "emptied":
        path.write_bytes(b"")
    elif kind == "changed":
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif kind == "swapped":
        path.write_bytes((folder / other).read_bytes())
        (folder / other).write_bytes(content)
    elif kind == "linked":
        outside = folder.parent / f"{folder.name}-outside"
        outside.write_bytes(content)
        path.unlink()
        path.symlink_to(outside)
    else:
        raise HarnessError(f"no damage of the kind {kind}")


def _with_another_checksum(manifest: bytes, file: Path) -> bytes:
    """The manifest with one digit of a file's checksum changed: it can be read as before, and is wrong."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest().encode()
    at = manifest.lower().find(digest)
    if at < 0:
        raise HarnessError(f"the manifest does not state the SHA-256 of {file.name}")
    last = at + len(digest) - 1
    return manifest[:last] + (b"1" if manifest[last : last + 1] == b"0" else b"0") + manifest[last + 1 :]


def chosen(folder: Path, kind: str, names: Sequence[str], at_most: int) -> list[tuple[str, str]]:
    """The files to damage, each with another one of other content: the first with content of each folder, then others."""
    full = [name for name in names if (folder / name).is_file() and (folder / name).stat().st_size > 1]
    if kind in _OF_MANIFEST or kind == "foreign":
        return [(name, "") for name in full[:1]]
    heads = list({name.partition("/")[0] if "/" in name else name: name for name in reversed(full)}.values())[::-1]
    rest = [name for name in full if name not in heads]
    contents = {name: (folder / name).read_bytes() for name in full} if kind == "swapped" else {}
    found = []
    for name in [*heads, *rest][:at_most]:
        other = next((it for it in contents if contents[it] != contents.get(name)), "")
        if kind != "swapped" or other:
            found.append((name, other))
    return found
