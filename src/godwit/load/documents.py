"""Reads a load as a JSON document holds it (see loadtests/README.md) into a profile; refuses what only a locustfile could use."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from godwit.plan import LoadProfile
from godwit.verdict import PlanError

_WORDS = ("profile", "targets", "seed", "timeout_s", "samples", "progress")
_NUMBERS = {"duration_s", "warmup_s", "think_s", "peak_s", "rise_s", "other_work", "share"}
_LIMITS = {"errors", "p50_s", "p95_s", "p99_s"}


@dataclass(frozen=True, slots=True)
class LoadDocument:
    """One load: its profile, where it goes unless that is said elsewhere, the seed and the time that an answer may take."""

    profile: LoadProfile
    targets: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    timeout_s: float = 10.0


def read_load(path: Path) -> LoadDocument:
    """Read a document. PlanError says what is wrong with it."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PlanError(f"{path}: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("profile"), dict):
        raise PlanError(f"{path}: a load is a JSON object with a profile; loadtests/README.md says what it holds")
    if more := sorted(found.keys() - set(_WORDS)):
        raise PlanError(f"{path}: {', '.join(more)} is for a locustfile; allowed here: {', '.join(_WORDS)}")
    profile = dict(found["profile"])
    if profile.pop("segments", None) and "shape" not in profile:
        raise PlanError(f"{path}: profile.segments without profile.shape; name the shape, the segments follow from it")
    try:
        read = LoadProfile.model_validate(_in_floats(profile, _NUMBERS))
        return LoadDocument(
            read, found.get("targets") or {}, int(found.get("seed", 1)), float(found.get("timeout_s", 10.0))
        )
    except (ValidationError, ValueError, TypeError) as error:
        raise PlanError(f"{path}: {told(error)}") from None


def told(error: Exception) -> str:
    """What is wrong with a profile, a line each."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "\n  ".join(
        f"profile.{'.'.join(str(part) for part in each['loc'])}: {each['msg'].removeprefix('Value error, ')}".replace(
            "profile.: ", "profile: "
        )
        for each in error.errors()
    )


def _in_floats(words: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    """The words with plain numbers of seconds and percent as a parsed plan holds them."""
    found: dict[str, Any] = {
        name: float(value) if name in names and type(value) is int else value for name, value in words.items()
    }
    for name, inner in (("shape", names), ("stop_at", _LIMITS)):
        if isinstance(found.get(name), dict):
            found[name] = _in_floats(found[name], inner)
    if isinstance(found.get("operations"), list):
        found["operations"] = [
            _in_floats(each, {"share"}) if isinstance(each, dict) else each for each in found["operations"]
        ]
    return found
