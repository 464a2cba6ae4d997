"""Loads the Python functions that mappings name, from beside the plan or from what is installed; calls none of them."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from godwit.verdict import HarnessError


def load_functions(names: Iterable[str], directory: Path) -> dict[str, Callable[..., Any]]:
    """The functions that `module:function` names mean; a module beside the plan goes before an installed one.

    Raises HarnessError for a module that cannot be loaded and a name that is no function of it.
    """
    return {name: _function(name, directory) for name in names}


def _function(name: str, directory: Path) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    try:
        found = getattr(_module(module, directory), function, None)
    except Exception as error:
        raise HarnessError(f"{name}: {module} cannot be loaded: {type(error).__name__}: {error}") from error
    if not callable(found):
        raise HarnessError(f"{name}: module {module} has no function {function}")
    return found  # type: ignore[no-any-return]


def _module(name: str, directory: Path) -> ModuleType:
    file = directory.joinpath(*name.split(".")).with_suffix(".py")
    if not file.is_file():
        return importlib.import_module(name)
    # Under a name of its own: two plans may each have a module of the same name beside them.
    own = f"_beside_{abs(hash(file.resolve()))}_{file.stem}"
    if own not in sys.modules:
        spec = importlib.util.spec_from_file_location(own, file)
        if spec is None or spec.loader is None:
            raise HarnessError(f"{file} is no Python module")
        sys.modules[own] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(sys.modules[own])
        except BaseException:
            del sys.modules[own]
            raise
    return sys.modules[own]
