"""Runs a program and writes the calls that it makes of named functions and classes; changes nothing of what they do.

It is run as a file by the Python of the program, beside the worker and with nothing but the standard library:
`python python_recorder.py FILE NAME... -- PROGRAM ARGUMENT...`. Each line of FILE is a call that can be repeated. What
cannot be written so that it can be repeated (an argument that is no JSON and was not made by a recorded call) is left
out and told on standard error. Calls that a recorded call makes itself are not recorded.
"""

from __future__ import annotations

import contextvars
import functools
import importlib.util
import inspect
import json
import os
import runpy
import sys
from typing import Any, Callable  # noqa: UP035 - Python 3.8 reads this file

_PLAIN = (str, int, float, bool, type(None))
_inside = contextvars.ContextVar("inside", default=False)


class UnwritableError(Exception):
    """An argument cannot be written so that it can be repeated."""


class Recorder:
    """The calls so far, and the objects that were made by them."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._kept: dict[int, tuple[str, Any]] = {}
        self.lines: list[dict[str, Any]] = []

    def watch(self, name: str) -> None:
        """Record the calls of what `module:qualname` names: a function, or a class with its public methods."""
        module, _, path = name.partition(":")
        above, _, last = path.rpartition(".")
        owner = self._worker.find(module + (":" + above if above else ""))
        found = getattr(owner, last)
        if isinstance(found, type):
            self._watch_class(name, found)
        else:
            setattr(owner, last, self._wrapped(found, lambda args: ({"call": name}, args)))

    def _watch_class(self, name: str, kind: type) -> None:
        for key in dir(kind):
            method = inspect.getattr_static(kind, key)
            if inspect.isfunction(method) and (key == "__init__" or not key.startswith("_")):
                setattr(kind, key, self._method(name, kind, key, method))

    def _method(self, name: str, kind: type, key: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def target(args: tuple[Any, ...]) -> tuple[dict[str, Any], tuple[Any, ...]] | None:
            if key == "__init__":
                return ({"call": name, "keep": self._keep(args[0])}, args[1:]) if type(args[0]) is kind else None
            known = self._kept.get(id(args[0]))
            return None if known is None else ({"on": known[0], "method": key}, args[1:])

        return self._wrapped(method, target)

    def _wrapped(
        self,
        function: Callable[..., Any],
        target: Callable[[tuple[Any, ...]], tuple[dict[str, Any], tuple[Any, ...]] | None],
    ) -> Callable[..., Any]:
        @functools.wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            told = None if _inside.get() else target(args)
            line = None if told is None else self._line(told[0], told[1], kwargs)
            token = _inside.set(True)
            try:
                result = function(*args, **kwargs)
            finally:
                _inside.reset(token)
            return self._awaited(result, line) if inspect.iscoroutine(result) else self._told(result, line)

        return recorded

    async def _awaited(self, coroutine: Any, line: dict[str, Any] | None) -> Any:
        token = _inside.set(True)
        try:
            result = await coroutine
        finally:
            _inside.reset(token)
        return self._told(result, line)

    def _told(self, result: Any, line: dict[str, Any] | None) -> Any:
        """The result; an object that later calls may be given is kept under a name."""
        if line is not None and "keep" not in line and not isinstance(result, (*_PLAIN, list, tuple, dict, set, bytes)):
            line["keep"] = self._keep(result)
        return result

    def _keep(self, thing: Any) -> str:
        name, _ = self._kept.setdefault(id(thing), ("o" + str(len(self._kept) + 1), thing))
        return name

    def _line(self, told: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
        try:
            line = {**told, "args": [self._written(each) for each in args]}
            line["kwargs"] = {key: self._written(each) for key, each in kwargs.items()}
        except UnwritableError as error:
            print("not recorded: " + str(told) + ": " + str(error), file=sys.stderr)  # noqa: T201 - its own program
            return None
        self.lines.append(line)
        return line

    def _written(self, value: Any) -> Any:
        """A value as the worker reads it."""
        if type(value) in _PLAIN:
            return value
        if type(value) is list:
            return [self._written(each) for each in value]
        if type(value) is dict and all(type(key) is str and not key.startswith("!") for key in value):
            return {key: self._written(each) for key, each in value.items()}
        if type(value) in (tuple, set, frozenset):
            return {"!type": type(value).__name__, "value": [self._written(each) for each in value]}
        if type(value) is bytes:
            return self._worker.written(value)
        if type(value) is dict:
            return {"!type": "dict", "value": [[self._written(key), self._written(it)] for key, it in value.items()]}
        return self._named(value)

    def _named(self, value: Any) -> Any:
        """An object by the name that it was kept under, or a class, function or enumeration by where it is imported from."""
        if id(value) in self._kept:
            return {"!kept": self._kept[id(value)][0]}
        module = getattr(value, "__module__", None)
        path = getattr(value, "__qualname__", None)
        if path is None and hasattr(type(value), "__members__"):
            module, path = type(value).__module__, type(value).__qualname__ + "." + value.name
        if module in (None, "__main__") or path is None or "<" in path:
            raise UnwritableError("a " + type(value).__qualname__ + " was not made by a recorded call")
        return {"!import": module + ":" + path}


def main(words: list[str]) -> None:
    """Record one run of a program; the calls are written however it ends."""
    cut = words.index("--")
    out, names, program = os.path.realpath(words[0]), words[1:cut], words[cut + 1 :]
    place = os.path.join(os.path.dirname(os.path.realpath(__file__)), "python_worker.py")  # noqa: PTH118, PTH120
    spec = importlib.util.spec_from_file_location("godwit_python_worker", place)
    assert spec is not None  # noqa: S101 - it lies beside this file
    assert spec.loader is not None  # noqa: S101 - likewise
    worker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worker)
    folder = os.path.dirname(os.path.realpath(program[0]))  # noqa: PTH120 - as Python itself does
    sys.path[: 1 if sys.path[0] == "" else 0] = [folder]
    sys.argv = program
    recorder = Recorder(worker)
    try:
        for name in names:
            try:
                recorder.watch(name)
            except (ImportError, AttributeError) as error:
                sys.exit("cannot be recorded: " + name + ": " + str(error))
        runpy.run_path(program[0], run_name="__main__")
    finally:
        with open(out, "w", encoding="utf-8") as file:  # noqa: PTH123 - Python 3.8 and no more
            file.writelines(json.dumps(line) + "\n" for line in recorder.lines)


if __name__ == "__main__":
    main(sys.argv[1:])
