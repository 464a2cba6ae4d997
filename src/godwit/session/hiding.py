"""Keeps what the environment gave out of everything that is stored or shown; it decides no outcome and changes no id."""

import dataclasses
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from pydantic_core import PydanticSerializationError, to_json

from godwit.plan import masked

Value = TypeVar("Value")
SHORTEST = 4
"""Shorter values are left alone: they hide nothing, and their signs stand in every other text."""
_NAMES = frozenset({"id", "run_id", "phase", "suite", "covers", "checks"})
_NOT_OURS = "work"
_PLAIN = (type(None), bool, int, float)


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every way in which a secret may be written: in a URL, in JSON, in Python, and the parts of one that is a URL."""
    parts = {part for secret in secrets for part in (secret, secret.rstrip("/"), *_url_parts(secret))}
    spelled = {
        way(form)
        for part in parts
        for form in (part, unquote(part))  # an answer may repeat what stood in a URL, in JSON
        for way in (str, quote, _quote_all, quote_plus, unquote, _in_json, _in_ascii_json, _in_python)
    }
    return tuple(sorted((text for text in spelled if len(text) >= SHORTEST), key=len, reverse=True))


def storable(value: Value, secrets: Sequence[str], name: str = "") -> Value:
    """The value with every secret in its texts masked and every sign that is no Unicode written out; ids stay as they are.

    Goes through dataclasses, mappings and sequences; `name` is the field that holds the value.
    """
    if not secrets and _is_writable(value):
        return value
    return _stored(value, secrets, name)  # type: ignore[no-any-return]


def hide_in_files(folder: Path, secrets: Sequence[str]) -> None:
    """Mask secrets in what others wrote below a folder (logs of stacks, a load's parameters); what stacks own is left."""
    for path in folder.rglob("*") if secrets else ():
        if path.is_symlink() or not path.is_file() or path.relative_to(folder).parts[0] == _NOT_OURS:
            continue
        data = path.read_bytes()
        hidden = hide_in_bytes(data, secrets)
        if hidden != data:
            path.write_bytes(hidden)


def hide_in_bytes(data: bytes, secrets: Sequence[str]) -> bytes:
    """Mask secrets in what may be text; what is none stays as it is."""
    return masked(data.decode(errors="surrogateescape"), secrets).encode(errors="surrogateescape") if secrets else data


def hide_in_log_records(secrets: Sequence[str]) -> Callable[[], None]:
    """Mask secrets in every log record of this process, which pytest may show; gives what undoes it."""
    make = logging.getLogRecordFactory()

    def hiding(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        text = record.getMessage()
        if (hidden := masked(text, secrets)) != text:
            record.msg, record.args = hidden, ()
        return record

    logging.setLogRecordFactory(hiding)
    return lambda: logging.setLogRecordFactory(make)


def _is_writable(value: Any) -> bool:
    """Whether every sign in a value can be written as it is; quicker to ask than to look at each text."""
    try:
        to_json(value, inf_nan_mode="constants")
    except PydanticSerializationError:
        return False
    return True


def _stored(value: Any, secrets: Sequence[str], name: str) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        text = value if value.isascii() else value.encode(errors="backslashreplace").decode()
        return text if not secrets or name in _NAMES else masked(text, secrets)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {name: getattr(value, name) for name in value.__dataclass_fields__}
        stored = {name: _stored(part, secrets, name) for name, part in parts.items() if not isinstance(part, _PLAIN)}
        changed = {name: part for name, part in stored.items() if part is not parts[name]}
        return dataclasses.replace(value, **changed) if changed else value
    if value == ():
        return value
    if isinstance(value, tuple | list):
        return type(value)(_stored(item, secrets, name) for item in value)
    if isinstance(value, Mapping):
        return {key: _stored(item, secrets, str(key)) for key, item in value.items()}
    return value


def _url_parts(text: str) -> list[str]:
    """What is secret in a URL by itself: the password (or a user without one, which is a token) and what the query says."""
    try:
        parts = urlsplit(text)
        user, password = parts.username, parts.password
    except ValueError:
        return []
    if not parts.scheme or not parts.netloc:
        return []
    told = [value for _, value in parse_qsl(parts.query)]
    return [part for part in (password or user, parts.query, *told) if part]


def _quote_all(text: str) -> str:
    return quote(text, safe="")


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_ascii_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _in_python(text: str) -> str:
    return repr(text)[1:-1]
