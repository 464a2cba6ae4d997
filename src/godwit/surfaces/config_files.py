"""Reads configuration files in the formats that users write them in; refuses what is malformed, and changes no value."""

import configparser
import io
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

from godwit.plan import ConfigFormat, read_document
from godwit.verdict import GodwitError

_SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".ini": "ini", ".cfg": "ini"}
_SUFFIXES |= {".conf": "ini", ".env": "env"}
_BROKEN = (
    ("cut in the middle", b""),
    ("with brackets that stay open", b"\n[\n{\n"),
    ("that is not UTF-8", b"\n\xff\xfe\n"),
)


def format_of(path: Path, stated: str | None) -> str:
    """The format of a file: as stated, or by the end of its name; GodwitError if neither tells."""
    found = stated or ("env" if path.name.startswith(".env") else _SUFFIXES.get(path.suffix.lower()))
    if found is None:
        raise GodwitError(f"{path.name}: its name tells no format; write one of {', '.join(get_args(ConfigFormat))}")
    return found


def read_config(content: bytes, form: str) -> dict[str, Any]:
    """What a configuration file says, as dicts, lists and scalars; `ini` and `env` hold texts only.

    Raises ValueError with the reason when it is malformed or holds no table of keys.
    """
    try:
        value = _READERS[form](content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start + 1}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError(f"it holds {type(value).__name__}, not keys with values")
    return value


def spoiled(content: bytes, form: str) -> Iterator[tuple[str, bytes]]:
    """Malformed versions of a file: what is wrong with each, and its content; only those that no reader can take."""
    for what, added in _BROKEN:
        broken = content + added if added else content[: len(content) // 2]
        try:
            read_config(broken, form)
        except ValueError:
            yield what, broken


def _ini(text: str) -> dict[str, Any]:
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error).partition("\n")[0]) from None
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _env(text: str) -> dict[str, Any]:
    from dotenv import dotenv_values

    return dict(dotenv_values(stream=io.StringIO(text), interpolate=False))


_READERS: dict[str, Callable[[str], Any]] = {
    "env": _env,
    "ini": _ini,
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": read_document,
}
