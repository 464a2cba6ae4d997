"""Looks for secrets that lie in plain: in files, in archives among them, in the usual spellings; shows no secret."""

import base64
import bz2
import glob
import gzip
import io
import json
import lzma
import os
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from godwit.verdict import HarnessError, PlainSecret

SHORTEST = 8
"""Shorter secrets stand by chance in other texts and cannot be looked for."""
_CHUNK = 1024 * 1024
_OVERLAP = 64 * 1024
_DEEPEST = 4
_LARGEST = 512 * 1024 * 1024
_PACKED: Mapping[bytes, tuple[str, Callable[..., Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ": ("xz", lzma.open),
}


def files_at(pattern: str) -> list[Path]:
    """The regular files that a pattern (`*`, `**`, absolute) means; a folder means all that is in it."""
    found: set[Path] = set()
    for name in glob.iglob(pattern, recursive=True, include_hidden=True):  # noqa: PTH207  the pattern is a whole path
        path = Path(name)
        inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else (path,)
        found.update(each for each in inside if each.is_file() and not each.is_symlink())
    return sorted(found)


def plain_secrets(files: Iterable[Path], secrets: Mapping[str, str]) -> list[PlainSecret]:
    """Every file in which one of the secrets (by name) can be read; each name and spelling once for a file.

    HarnessError when a file cannot be read: nothing can be said of it then.
    """
    spelled = {text: (key, how) for key, secret in secrets.items() for how, text in _spellings(secret)}
    pattern = re.compile(b"|".join(re.escape(text) for text in sorted(spelled, key=len, reverse=True)))
    hits: dict[PlainSecret, None] = {}
    for path in files:
        try:
            with path.open("rb") as file:
                places = list(_search(file, str(path), pattern, 0))
        except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error) as error:
            raise HarnessError(f"{path} cannot be looked into: {error}") from None
        places += [(str(path), found[0]) for found in pattern.finditer(os.fsencode(path.name))]
        hits |= {PlainSecret(place, *spelled[text]): None for place, text in places}
    return list(hits)


def is_spilled(text: str, secrets: Iterable[str]) -> bool:
    """Whether a text holds one of the secrets in any spelling."""
    content = text.encode(errors="surrogateescape")
    return any(spelling in content for secret in secrets for _, spelling in _spellings(secret))


def _spellings(secret: str) -> Iterator[tuple[str, bytes]]:
    raw = secret.encode()
    yield "as it is", raw
    yield "in UTF-16", secret.encode("utf-16-le")
    yield "in hexadecimal", raw.hex().encode()
    yield "in hexadecimal", raw.hex().upper().encode()
    yield "backwards", raw[::-1]
    if (escaped := json.dumps(secret)[1:-1].encode()) != raw:
        yield "as in JSON", escaped
    if (quoted := quote(secret, safe="").encode()) != raw:
        yield "as in a URL", quoted
    for shift in range(3):
        for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
            text = alphabet(b"\0" * shift + raw)
            yield "in base64", text[(0, 2, 3)[shift] : (shift + len(raw)) * 8 // 6]


def _search(file: IO[bytes], place: str, pattern: re.Pattern[bytes], depth: int) -> Iterator[tuple[str, bytes]]:
    """The spellings in a file and in what is packed in it, each with its place."""
    head = file.read(512)
    file.seek(0)
    yield from ((place, text) for text in _found(file, pattern))
    file.seek(0)
    for mark, (word, opened) in _PACKED.items():
        if head.startswith(mark):
            inner = io.BytesIO(_whole(opened(file), place, depth))
            yield from _search(inner, f"{place} ({word})", pattern, depth + 1)
    if head.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not member.flag_bits & 1:  # encrypted: nobody reads it without its password
                    packed = io.BytesIO(_whole(archive.open(member), place, depth))
                    yield from _search(packed, f"{place} ({member.filename})", pattern, depth + 1)
    elif head[257:262] == b"ustar":
        with tarfile.open(fileobj=file) as tar:
            for entry in tar:
                if (file_in := tar.extractfile(entry)) is not None:
                    packed = io.BytesIO(_whole(file_in, place, depth))
                    yield from _search(packed, f"{place} ({entry.name})", pattern, depth + 1)


def _whole(file: IO[bytes], place: str, depth: int) -> bytes:
    if depth == _DEEPEST:
        raise HarnessError(f"{place} is packed more than {_DEEPEST} times; it was not looked into")
    content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise HarnessError(f"{place} holds more than {_LARGEST} bytes once it is unpacked; it was not looked into")
    return content


def _found(file: IO[bytes], pattern: re.Pattern[bytes]) -> Sequence[bytes]:
    """Each spelling that stands in a file, once; what stands across two chunks is found too."""
    seen: dict[bytes, None] = {}
    rest = b""
    while chunk := file.read(_CHUNK):
        seen |= {match[0]: None for match in pattern.finditer(rest + chunk)}
        rest = (rest + chunk)[-_OVERLAP:]
    return list(seen)
