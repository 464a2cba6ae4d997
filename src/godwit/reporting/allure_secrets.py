"""Masks secrets in Allure's results once they are written: what tests attached, said and named; ids and labels stay."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from godwit.plan import masked
from godwit.reporting.evidence import whole
from godwit.session import hide_in_bytes

_TEXTS = frozenset({"name", "description", "descriptionHtml", "message", "trace", "url", "value"})
_FROM_THE_PLAN = frozenset(
    {"case", "epic", "feature", "story", "phase", "gate", "check", "severity", "parentSuite", "suite", "subSuite"}
)
"""Labels and parameters that are ids, or made of them."""


def hide_in_results(folder: Path, secrets: Sequence[str]) -> None:
    """Mask secrets in the files of a folder of results."""
    for path in folder.iterdir() if secrets and folder.is_dir() else ():
        data = path.read_bytes() if path.is_file() else b""
        hidden = _hidden(path, data, secrets)
        if hidden != data:
            whole(path, hidden)


def _hidden(path: Path, data: bytes, secrets: Sequence[str]) -> bytes:
    """Results stay JSON with all of its words; everything else is text, or none that could be read."""
    if not path.name.endswith(("-result.json", "-container.json")):
        return hide_in_bytes(data, secrets)
    try:
        told = json.loads(data)
    except ValueError:  # cut off as it was written, by whom it was
        return hide_in_bytes(data, secrets)
    hidden = _masked(told, secrets)
    return json.dumps(hidden, ensure_ascii=False).encode() if hidden != told else data


def _masked(told: Any, secrets: Sequence[str]) -> Any:
    if isinstance(told, list):
        return [_masked(item, secrets) for item in told]
    if not isinstance(told, dict) or (set(told) == {"name", "value"} and told["name"] in _FROM_THE_PLAN):
        return told
    return {
        name: masked(item, secrets) if name in _TEXTS and isinstance(item, str) else _masked(item, secrets)
        for name, item in told.items()
    }
