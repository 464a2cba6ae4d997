"""Seeded defects: named patches that one environment variable applies at start; refuses a name that no table knows."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

DEFECT_VARIABLE = "ORCHESTRATION_DEFECT"

Patch: TypeAlias = Callable[[], None]


class UnknownDefectError(ValueError):
    """A defect that no table has; the message lists the known ones."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One seeded fault: the part it sits in (candidate, gateway, tools), its effect in a sentence, its patch."""

    name: str
    part: str
    sentence: str
    patch: Patch


class DefectTable(Mapping[str, Defect]):
    """The defects of one program, by name, in the order in which they were registered."""

    def __init__(self) -> None:
        self._defects: dict[str, Defect] = {}

    def __getitem__(self, name: str) -> Defect:
        return self._defects[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._defects)

    def __len__(self) -> int:
        return len(self._defects)

    def defect(self, name: str, *, part: str, sentence: str) -> Callable[[Patch], Patch]:
        """A decorator that registers a function without arguments as the patch; a name comes once."""

        def register(patch: Patch) -> Patch:
            if name in self._defects:
                raise ValueError(f"defect {name!r} is registered twice")
            self._defects[name] = Defect(name=name, part=part, sentence=sentence, patch=patch)
            return patch

        return register


def apply_defect(part: str, tables: tuple[str, ...], name: str) -> Defect | None:
    """Applies the defect to this process if it belongs to `part`; None when the name is empty or of another part.

    `tables` are import names of modules with a DEFECTS table; UnknownDefectError is raised when none has the name.
    """
    if not name:
        return None
    known: dict[str, Defect] = {}
    for table in tables:
        known |= dict(_load(table))
    if name not in known:
        raise UnknownDefectError(f"{DEFECT_VARIABLE}={name}: no such defect; known are {', '.join(sorted(known))}")
    if known[name].part != part:
        return None
    known[name].patch()
    return known[name]


def apply_from_environment(part: str, tables: tuple[str, ...]) -> Defect | None:
    """As apply_defect, by the environment; an unknown name ends the process with exit code 2 and one line."""
    try:
        return apply_defect(part, tables, os.environ.get(DEFECT_VARIABLE, ""))
    except UnknownDefectError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


def _load(table: str) -> DefectTable:
    # By name, so that no service imports the module that patches its siblings.
    loaded = importlib.import_module(table).DEFECTS
    if not isinstance(loaded, DefectTable):
        raise TypeError(f"{table}.DEFECTS is not a DefectTable")
    return loaded
