"""What happened to the content of a file, told from both contents; it names the accident and decides nothing."""

import json
from collections.abc import Callable

_MARK = b"\xef\xbb\xbf"


def accident_of(old: bytes, new: bytes) -> str:
    """The one accident that explains how a content became another one, in words; empty if none does.

    >>> accident_of(b"a\\r\\nb\\r\\n", b"a\\nb\\n")
    'line endings CRLF became LF'
    >>> accident_of(b"abcdef", b"abc")
    'cut short'
    """
    if old and not new:
        return "empty now"
    for said, happened in _ACCIDENTS.items():
        try:
            if happened(old, new):
                return said
        except (ValueError, RecursionError):  # no text, or no JSON: then it is not this accident
            continue
    return ""


def _same_values(old: bytes, new: bytes) -> bool:
    one, other = json.loads(old), json.loads(new)
    return isinstance(one, dict | list) and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _asked(new: bytes) -> bool:
    return b"?" in new or "\ufffd".encode() in new


def _replaced(old: bytes, new: bytes) -> bool:
    """Whether every sign outside ASCII became a question mark or a replacement character."""
    text = old.decode()
    if text.isascii() or not _asked(new):
        return False
    return any("".join(it if it.isascii() else sign for it in text).encode() == new for sign in "?\ufffd")


def _words(content: bytes) -> list[bytes]:
    return [line.rstrip() for line in content.rstrip().splitlines()]


_ACCIDENTS: dict[str, Callable[[bytes, bytes], bool]] = {
    "last line ending lost": lambda old, new: old in (new + b"\n", new + b"\r\n"),
    "last line ending gained": lambda old, new: new in (old + b"\n", old + b"\r\n"),
    "line endings CRLF became LF": lambda old, new: old.replace(b"\r\n", b"\n") == new,
    "line endings LF became CRLF": lambda old, new: new.replace(b"\r\n", b"\n") == old,
    "byte order mark lost": lambda old, new: old == _MARK + new,
    "byte order mark gained": lambda old, new: new == _MARK + old,
    "cut short": lambda old, new: old.startswith(new),
    "something is added at its end": lambda old, new: bool(old) and new.startswith(old),
    "UTF-8 became Latin-1": lambda old, new: old.decode().encode("latin-1") == new,
    "taken for Latin-1 and written as UTF-8": lambda old, new: old.decode("latin-1").encode() == new,
    "signs outside ASCII replaced": _replaced,
    "same JSON values, written anew": _same_values,
    "lines in another order": lambda old, new: (
        sorted(_words(old)) == sorted(_words(new)) and _words(old) != _words(new)
    ),
    "only white space": lambda old, new: b"".join(old.split()) == b"".join(new.split()),
}
