"""Reads, checks and writes configuration files of the fleet; a file is replaced as a whole or not at all."""

import difflib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from fleet_1_0_5.candidate.settings import SettingsError, read_document
from fleet_1_0_5.tools.conversion import FEATURES, is_converted
from fleet_1_0_5.tools.refusals import RefusedError

SWITCHES = (
    *(("features", name) for name in FEATURES),
    ("routing", "enabled"),
    ("routing", "costTracking", "enabled"),
    ("streaming", "enabled"),
)


def read_config(path: Path) -> Any:
    """The document in a file; raises RefusedError with one line."""
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RefusedError(f"{path}: there is no such file") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise RefusedError(f"{where}: {getattr(error, 'problem', None) or 'this is no YAML'}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"{path} cannot be read: {error}") from None


def write_config(path: Path, document: dict[str, Any], like: Path) -> None:
    """Writes a document with an indent of 2 and no folded lines, for the eyes that may see `like`; raises RefusedError."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width, yaml.indent = False, 2**16, 2
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    yaml.dump(document, text)
    draft = path.with_name(f"{path.name}.new")
    try:
        draft.touch(mode=0o600)
        draft.write_text(text.getvalue(), encoding="utf-8")
        draft.chmod(like.stat().st_mode & 0o777)
        draft.replace(path)
    except OSError as error:
        raise RefusedError(f"{path} cannot be written: {error.strerror}; choose another place") from None


def problems(document: Any) -> list[str]:
    """All that is wrong with a configuration for 1.0.5, a line each."""
    if not isinstance(document, Mapping):
        return ["it is no mapping of keys to values"]
    if not is_converted(document):
        return ["it is of version 1.0.4: it has ai, or lacks features or streaming; run migrate-config first"]
    found = [*_wrong_switches(document), *_wrong_features(document)]
    try:
        read_document(dict(document), {})
    except SettingsError as error:
        found.append(str(error))
    return found


def _wrong_switches(document: Mapping[str, Any]) -> Iterator[str]:
    for path in SWITCHES:
        value: Any = document
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is not None and not isinstance(value, bool):
            yield f"{'.'.join(path)}: {value!r} is neither true nor false"


def _wrong_features(document: Mapping[str, Any]) -> Iterator[str]:
    blocks = {"features": document["features"]}
    overrides = document.get("featureOverrides", {})
    by_type = overrides.get("agentType", {}) if isinstance(overrides, Mapping) else None
    if not isinstance(by_type, Mapping):
        yield "featureOverrides.agentType: no mapping of agent types to switches"
    else:
        blocks |= {f"featureOverrides.agentType.{name}": block for name, block in by_type.items()}
    for place, block in blocks.items():
        if not isinstance(block, Mapping):
            yield f"{place}: no mapping of switches"
            continue
        for name, value in block.items():
            near = difflib.get_close_matches(str(name), FEATURES, 1)
            if name not in FEATURES and near:
                yield f"{place}.{name}: there is no such switch; did you mean {near[0]}?"
            elif name in FEATURES and place != "features" and not isinstance(value, bool):
                yield f"{place}.{name}: {value!r} is neither true nor false"
