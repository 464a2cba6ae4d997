"""Reads and writes YAML; tells a wrong file by its name and line, and keeps the types of what it reads."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from . import durable
from .refusals import RefusedError

Leaf = tuple[tuple[str, ...], Any]


def read(path: Path) -> dict[str, Any]:
    """A YAML file whose top is a mapping; RefusedError with the line when it is none. An empty file is an empty mapping."""
    return parse(path.read_bytes(), str(path))


def parse(content: bytes, name: str) -> dict[str, Any]:
    """As `read`, of what was read already."""
    try:
        value = YAML(typ="safe", pure=True).load(content.decode("utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RefusedError("bad-yaml", f"{name}:{line}: is no YAML: {error.problem}; correct it and repeat") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise RefusedError("bad-yaml", f"{name}:1: is no YAML: {str(error).splitlines()[0]}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RefusedError("bad-yaml", f"{name}:1: holds no settings by name but a {type(value).__name__}")
    return value


def text(value: dict[str, Any]) -> bytes:
    """A mapping as YAML, keys in the order that they have."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    setattr(yaml, "sort_base_mapping_type_on_output", False)  # noqa: B010  # which its types do not allow
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue().encode()


def write(path: Path, value: dict[str, Any]) -> None:
    """A mapping into a file that only its owner may read."""
    durable.write(path, text(value))


def leaves(value: Any, at: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every setting with its path; a list is one setting, and an empty mapping sets nothing."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, (*at, str(name)))
    else:
        yield at, value
