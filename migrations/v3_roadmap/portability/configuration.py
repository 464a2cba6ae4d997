"""Writes the settings of an installation by where it is, keeps what somebody set by hand, and refuses what cannot be right."""

import json
import os
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from v3_roadmap.portability.layouts import LAYOUTS
from v3_roadmap.tools.refusals import RefusedError

SCHEMA = json.loads((Path(__file__).parent / "configuration.schema.json").read_bytes())
OUTWARD = ("kubernetes", "container")


def generated(kind: str, layout_name: str) -> dict[str, Any]:
    """The settings for a kind of environment and a layout."""
    layout = LAYOUTS[layout_name]
    return {
        "environment": kind,
        "layout": layout_name,
        "host": "0.0.0.0" if kind in OUTWARD else "127.0.0.1",
        "port": 0,
        "store": os.path.relpath(f"{layout.data}/coordination.db", layout.settings),
        "scripts": os.path.relpath(f"{layout.program}/scripts", layout.settings),
        "cache": "memory",
    }


def configure(folder: Path, kind: str, layout_name: str) -> dict[str, Any]:
    """Writes what is missing in the settings of an installation; the settings. A wrong file is refused and left alone."""
    path = LAYOUTS[layout_name].configuration(folder)
    try:
        kept = json.loads(path.read_bytes()) if path.exists() else {}
    except ValueError as error:
        raise RefusedError(f"{path}: no JSON ({error}); mend or remove it") from error
    settings: dict[str, Any] = generated(kind, layout_name) | kept
    if wrong := faults_of(settings):
        raise RefusedError(*(f"{path}: {fault}" for fault in wrong))
    path.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return settings


def faults_of(settings: object) -> list[str]:
    """What is wrong with settings, each in a line."""
    found = Draft202012Validator(SCHEMA).iter_errors(settings)
    return sorted(f"{'/'.join(map(str, error.path)) or 'settings'}: {error.message}" for error in found)
