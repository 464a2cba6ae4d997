"""The one place that names the shipped folders; it reads the suites' promises and imports nothing else of them."""

import importlib
import inspect
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import FunctionType

from godwit.checks import METRICS
from godwit.plan import Catalogue
from godwit.verdict import HarnessError

SUITES = "godwit.suites"
FIXTURES = "godwit.fixtures"
LOADTESTS = "godwit.loadtests"
REPORTS = "godwit.reports"
MIGRATIONS = "godwit.migrations"


@dataclass(frozen=True, slots=True)
class Promise:
    """One test of a suite: its name in the plan, the sentence it states, and the nouns it asks for."""

    suite: str
    name: str
    function: str
    sentence: str
    asks: tuple[str, ...]


def folder(package: str) -> Path:
    """Where a shipped package lies on disk."""
    with as_file(files(package)) as path:
        return Path(path)


@cache
def promises() -> tuple[Promise, ...]:
    """Every promise of every shipped suite, in file order."""
    modules = sorted(path.stem for path in folder(SUITES).glob("test_*.py"))
    return tuple(promise for module in modules for promise in _read(module))


def suites() -> dict[str, tuple[str, ...]]:
    """Suite names, each with the names of its promises."""
    table: dict[str, tuple[str, ...]] = {}
    for promise in promises():
        table[promise.suite] = (*table.get(promise.suite, ()), promise.name)
    return table


def catalogue() -> Catalogue:
    """What plans may name: the shipped suites with their promises, and the metrics that can be computed."""
    return Catalogue(suites=suites(), metrics=frozenset(METRICS), roles=frozenset({"baseline", "candidate", "router"}))


def migrations() -> dict[str, Path]:
    """The reference migrations by id, each with its plan."""
    return {_named(path.parent.name): path for path in sorted(folder(MIGRATIONS).glob("*/plan.yaml"))}


def _named(folder_name: str) -> str:
    """The id of a migration by its folder: `fleet_1_0_5` is fleet-1.0.5."""
    return re.sub(r"(?<=\d)_(?=\d)", ".", folder_name).replace("_", "-")


def _read(module: str) -> list[Promise]:
    suite = named(module)
    try:
        found = importlib.import_module(f"{SUITES}.{module}")
    except Exception as error:
        raise HarnessError(f"suite {suite} cannot be imported: {type(error).__name__}: {error}") from error
    tests = [item for name, item in vars(found).items() if name.startswith("test_") and isinstance(item, FunctionType)]
    return [
        Promise(suite, named(test.__name__), test.__name__, _sentence(test), tuple(inspect.signature(test).parameters))
        for test in sorted(tests, key=lambda test: test.__code__.co_firstlineno)
    ]


def named(test_name: str) -> str:
    """The word in plans and ids for a test module or function: `test_state_migration` is `state-migration`."""
    return test_name.removeprefix("test_").replace("_", "-")


def _sentence(test: FunctionType) -> str:
    return " ".join((test.__doc__ or test.__name__).split()).removesuffix(".")
