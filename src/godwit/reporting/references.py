"""Keeps the figures of a run under a name, in one small file that people can read; judges nothing."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from godwit.checks import METRICS, Figure
from godwit.reporting.evidence import whole
from godwit.verdict import HarnessError, Verdict

_SCHEMA_VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_FIGURES: TypeAdapter[dict[str, Figure]] = TypeAdapter(dict[str, Figure])
_KEPT_OF_RUN = (
    "migration",
    "baseline",
    "candidate",
    "profile",
    "plan_sha256",
    "started",
    "machine",
    "python",
    "versions",
)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a run measured, by check id, and which run on which machine that was."""

    name: str
    run_id: str
    run: Mapping[str, str]
    figures: Mapping[str, Figure]


def reference_of(verdict: Verdict, name: str) -> Reference:
    """The figures of a run. HarnessError for a name that is none of a file's, and for a run that measured nothing."""
    if not _NAME.fullmatch(name):
        raise HarnessError(
            f"{name!r} cannot be the name of a reference; use letters, digits, dots, dashes, underscores"
        )
    figures = {
        check.id: Figure(check.actual, check.baseline)
        for check in verdict.checks
        if check.actual is not None and check.actual.metric in METRICS
    }
    if not figures:
        raise HarnessError(
            f"run {verdict.run_id} measured no figure; a reference needs a run whose budgets were judged"
        )
    run = {key: str(verdict.run.get(key, "")) for key in _KEPT_OF_RUN}
    return Reference(name, verdict.run_id, run, figures)


def keep(reference: Reference, folder: Path, *, replace: bool = False) -> Path:
    """Write a reference. HarnessError where the name is taken, unless it may be replaced."""
    path = folder / f"{reference.name}.json"
    if path.exists() and not replace:
        raise HarnessError(f"{path} is there already; choose another name, or say --replace")
    folder.mkdir(parents=True, exist_ok=True)
    figures = _FIGURES.dump_python(dict(sorted(reference.figures.items())), mode="json", exclude_defaults=True)
    told = {
        "schema_version": _SCHEMA_VERSION,
        "run_id": reference.run_id,
        "run": dict(reference.run),
        "figures": figures,
    }
    text = json.dumps({"digest": _digest(told), **told}, indent=1, ensure_ascii=False)
    whole(path, f"{text}\n".encode())
    return path


def read_reference(path: Path) -> Reference:
    """Read a reference. HarnessError where there is none, and for one that was changed since it was kept."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        digest = told.pop("digest")
        if told["schema_version"] != _SCHEMA_VERSION or digest != _digest(told):
            raise HarnessError(f"{path} was changed since it was kept, or is of another version; keep the run again")
        return Reference(path.stem, told["run_id"], told["run"], _FIGURES.validate_python(told["figures"]))
    except FileNotFoundError:
        names = ", ".join(sorted(each.stem for each in path.parent.glob("*.json"))) or "none"
        raise HarnessError(f"there is no reference {path.stem!r} in {path.parent}; there is {names}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarnessError(f"{path} is no reference: {error}") from None


def references(folder: Path) -> list[Reference]:
    """All references of a folder, oldest run first."""
    found = [read_reference(path) for path in sorted(folder.glob("*.json"))]
    return sorted(found, key=lambda each: each.run.get("started", ""))


def _digest(told: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
