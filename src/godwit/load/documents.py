"""Reads a load as a JSON document holds it (see loadtests/README.md) into a profile; refuses what only a locustfile could use."""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from godwit.plan import LoadProfile
from godwit.verdict import PlanError

_WORDS = ("profile", "targets", "seed", "timeout_s", "samples", "progress")
_NUMBERS = {"duration_s", "warmup_s", "think_s", "peak_s", "rise_s", "other_work", "share"}
_LIMITS = {"errors", "p50_s", "p95_s", "p99_s"}
_SHARES = {"errors", "other_work", "share"}


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
    except (OSError, ValueError, RecursionError) as error:
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
        ids = list(_ids(read))
        if twice := next((each for each in ids if ids.count(each) > 1), None):
            raise ValueError(f"profile.operations: two requests are called {twice}; give each an id of its own")
        seed, timeout_s = int(found.get("seed", 1)), float(found.get("timeout_s", 10.0))
        if not 0 < timeout_s < math.inf:
            raise ValueError(f"timeout_s is {timeout_s:g}; write a number of seconds above 0")
        return LoadDocument(read, _targets(found.get("targets") or {}), seed, timeout_s)
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise PlanError(f"{path}: {told(error)}") from None


def _ids(profile: LoadProfile) -> Iterator[str]:
    for operation in profile.operations:
        yield operation.id
        yield from (step.id for step in operation.then)


def _targets(found: Any) -> Mapping[str, str]:
    if not isinstance(found, dict) or not all(isinstance(url, str) for url in found.values()):
        raise ValueError('targets names the address of each side: {"candidate": "http://HOST:PORT"}')
    return found


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
    found: dict[str, Any] = {name: _number(name, value) if name in names else value for name, value in words.items()}
    for name, inner in (("shape", names), ("stop_at", _LIMITS)):
        if isinstance(found.get(name), dict):
            found[name] = _in_floats(found[name], inner)
    if isinstance(found.get("operations"), list):
        found["operations"] = [
            _in_floats(each, {"share"}) if isinstance(each, dict) else each for each in found["operations"]
        ]
    return found


def _number(name: str, value: Any) -> Any:
    """A number of seconds or of percent as a plan can hold it; what is none stays, and is refused with its place."""
    if type(value) not in (int, float):
        return value
    if not 0 <= value <= (100 if name in _SHARES else sys.float_info.max):
        raise ValueError(f"{name} is {value}; write {'percent, 0 to 100' if name in _SHARES else 'seconds, 0 or more'}")
    return float(value)
