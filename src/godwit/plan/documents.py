"""Reads a JSON or YAML document that a plan points to, as plain JSON values, and writes YAML; it knows nothing of what it means."""

import io
import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_LARGEST = 32 * 1024 * 1024
_MOST_NODES = 1_000_000


def read_document(text: str) -> Any:
    """Parse JSON, else YAML; keys become texts, since `200:` is one in JSON. ValueError says what is wrong."""
    if len(text) > _LARGEST:
        raise ValueError(f"the document is larger than {_LARGEST} characters")
    try:
        return json.loads(text)
    except ValueError as error:
        said = str(error)
    except RecursionError:
        raise ValueError("the document is nested too deep") from None
    if text.lstrip()[:1] in ("{", "[", "<", ""):
        raise ValueError(f"no JSON: {said}")
    try:
        return _plain(YAML(typ="safe", pure=True).load(text), count())
    except (YAMLError, RecursionError, ValueError) as error:
        raise ValueError(f"neither JSON nor YAML: {' '.join(str(error).split())[:200]}") from None


def read_typed(text: str, yaml: str = "") -> Any:
    """Parse JSON, or YAML of a version (`1.1`, `1.2`), with the types that it has: dates stay dates, keys become texts.

    ValueError says what is wrong; a key that comes twice is.
    """
    if len(text) > _LARGEST:
        raise ValueError(f"the document is larger than {_LARGEST} characters")
    try:
        if not yaml:
            return json.loads(text, object_pairs_hook=_once)
        reader = YAML(typ="safe", pure=True)
        reader.version = (1, 1) if yaml == "1.1" else (1, 2)
        return _typed(reader.load(text), count())
    except (YAMLError, RecursionError) as error:
        raise ValueError(f"no {'YAML' if yaml else 'JSON'}: {' '.join(str(error).split())[:200]}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, _ in pairs if sum(key == each for each, _ in pairs) > 1)
        raise ValueError(f"the key {twice!r} comes twice")
    return found


def _typed(value: Any, nodes: Iterator[int]) -> Any:
    """What was parsed, sets as lists and keys as texts."""
    if next(nodes) > _MOST_NODES:
        raise ValueError(f"the document has more than {_MOST_NODES} values")
    if isinstance(value, dict):
        return {_key(key): _typed(item, nodes) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_typed(item, nodes) for item in value]
    return value


def yaml_text(value: Any) -> str:
    """A document of plain JSON values as YAML."""
    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(value, text)
    return text.getvalue()


def _plain(value: Any, nodes: Iterator[int]) -> Any:
    """JSON values of what was parsed; aliases are written out, so their number is bounded."""
    if next(nodes) > _MOST_NODES:
        raise ValueError(f"the document has more than {_MOST_NODES} values")
    if isinstance(value, dict):
        return {_key(key): _plain(item, nodes) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, nodes) for item in value]
    return value if isinstance(value, str | int | float) or value is None else str(value)


def _key(key: Any) -> str:
    return ("true" if key else "false") if isinstance(key, bool) else str(key)
