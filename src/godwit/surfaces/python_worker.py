"""Calls Python by name inside the interpreter of one side and says what came of it; knows nothing of godwit.

It is run as a file by whatever Python the side has, so it needs nothing but the standard library of Python 3.8. Each line
on its standard input is one question as JSON, each line of its answer one reply; what the called code prints goes to
standard error. It refuses to unpickle or evaluate anything: objects live here under the names that they are kept by.
"""

from __future__ import annotations

import asyncio
import base64
import enum
import importlib
import importlib.metadata
import inspect
import itertools
import json
import os
import re
import sys
import warnings
from typing import Any, Callable, Dict, Mapping  # noqa: UP035 - Python 3.8 reads this file

DEEPEST, LONGEST, BIGGEST_BITS = 12, 10_000, 10_000
_BUILTINS = (str, int, float, complex, dict, tuple, list, set, frozenset)
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_DEPRECATIONS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


def find(name: str) -> Any:
    """What `module:qualname` (or a module alone) names; raises whatever importing it raises."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    for step in path.split(".") if path else ():
        found = getattr(found, step)
    return found


# ---------------------------------------------------------------- values as JSON, types kept


def written(value: Any, above: tuple[int, ...] = ()) -> Any:
    """A value as JSON: what JSON has as it is, everything else as an object with `!type`; never raises."""
    if value is None or type(value) in (bool, float, str):
        return value
    if type(value) is int:
        return value if value.bit_length() < BIGGEST_BITS else {"!type": "int", "value": hex(value)}
    if id(value) in above or len(above) >= DEEPEST:
        return {"!type": "(the same again)" if id(value) in above else "(too deep)"}
    try:
        return _special(value, (*above, id(value)))
    except Exception as error:  # noqa: BLE001 - an object that cannot be looked at is told as such
        return {"!type": type(value).__qualname__, "!unreadable": type(error).__name__}


def _special(value: Any, above: tuple[int, ...]) -> Any:
    name = type(value).__qualname__
    if isinstance(value, enum.Enum):
        return {"!type": name, "name": value.name, "value": written(value.value, above)}
    if isinstance(value, (bytes, bytearray)):
        return {"!type": name, "value": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, type) or inspect.isroutine(value) or inspect.ismodule(value):
        kind = "class" if isinstance(value, type) else "callable"
        return {"!type": kind, "name": getattr(value, "__qualname__", "?")}
    if isinstance(value, BaseException):
        return {"!type": name, "!kin": kin(value), "message": said(value), "args": _items(value.args, above)}
    return _container(value, name, above)


def _container(value: Any, name: str, above: tuple[int, ...]) -> Any:
    if type(value) is list:
        return _items(value, above)
    if type(value) is dict and all(type(key) is str and not key.startswith("!") for key in value):
        return {key: written(item, above) for key, item in itertools.islice(value.items(), LONGEST)}
    plain = next((each for each in _BUILTINS if isinstance(value, each)), None)
    if plain is not None:
        return _builtin(value, plain, name, above)
    if inspect.isgenerator(value) or (hasattr(value, "__next__") and hasattr(value, "__iter__")):
        return {"!type": "iterator", "value": _items(itertools.islice(value, LONGEST), above)}
    return _object(value, name, above)


def _builtin(value: Any, plain: Any, name: str, above: tuple[int, ...]) -> dict[str, Any]:
    """A builtin that JSON lacks, or a subclass of one: named tuples, ordered dictionaries, strings with methods."""
    out: dict[str, Any] = {"!type": name}
    if type(value) is not plain:
        out["!kin"] = kin(value)
    if plain is dict:
        pairs = [[written(key, above), written(item, above)] for key, item in value.items()]
        out["value"] = dict(pairs) if all(type(key) is str for key in value) else _sorted(pairs)
    elif plain in (tuple, list):
        out["value"] = _items(value, above)
    elif plain in (set, frozenset):
        out["value"] = _sorted(_items(value, above))
    else:
        out["value"] = str(value) if plain is complex else written(plain(value))
    return out


def _sorted(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def _items(values: Any, above: tuple[int, ...]) -> list[Any]:
    return [written(item, above) for item in itertools.islice(values, LONGEST)]


def _object(value: Any, name: str, above: tuple[int, ...]) -> dict[str, Any]:
    """An object by its public attributes; for one without any, how it is shown."""
    slots = [slot for kind in type(value).__mro__ for slot in _slots(kind)]
    names = sorted({*getattr(value, "__dict__", {}), *slots})
    public = [each for each in names if not each.startswith("_") and hasattr(value, each)]
    found = {each: written(getattr(value, each), above) for each in public}
    out = {"!type": name, "!kin": kin(value), "attributes": found}
    if not found and getattr(type(value), "__repr__", None) is not getattr(object, "__repr__", None):
        out["shown"] = _ADDRESS.sub("", repr(value))[:LONGEST]
    return out


def _slots(kind: type) -> list[str]:
    slots = kind.__dict__.get("__slots__", ())
    return [slots] if isinstance(slots, str) else list(slots)


def kin(value: Any) -> list[str]:
    """The names of a value's type and of all that it inherits from, its own first."""
    return [kind.__qualname__ for kind in type(value).__mro__ if kind is not object]


def said(error: BaseException) -> str:
    """The message of an exception without addresses; what cannot be shown is told as such."""
    try:
        return _ADDRESS.sub("", str(error))[:LONGEST]
    except Exception:  # noqa: BLE001 - a broken __str__ is the called code's
        return "(its message cannot be shown)"


def read(value: Any, kept: Mapping[str, Any]) -> Any:
    """A value out of JSON: `!kept` is an object kept here, `!import` something imported, `!type` a builtin."""
    if isinstance(value, list):
        return [read(item, kept) for item in value]
    if not isinstance(value, dict):
        return value
    if "!kept" in value:
        return kept[value["!kept"]]
    if "!import" in value:
        return find(value["!import"])
    if "!type" in value:
        return _MADE[value["!type"]](value.get("value"), kept)
    return {key: read(item, kept) for key, item in value.items()}


_MADE: Dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {  # noqa: UP006 - evaluated by Python 3.8
    "tuple": lambda value, kept: tuple(read(value, kept)),
    "set": lambda value, kept: set(read(value, kept)),
    "frozenset": lambda value, kept: frozenset(read(value, kept)),
    "bytes": lambda value, kept: base64.b64decode(value),
    "dict": lambda value, kept: {read(key, kept): read(item, kept) for key, item in value},
}


def _names_kept(question: Any) -> set[str]:
    """The names of everything kept that a question uses."""
    if isinstance(question, list):
        return {name for item in question for name in _names_kept(item)}
    if not isinstance(question, dict):
        return set()
    key = "!kept" if "!kept" in question else "on"
    own = {question[key]} if key == "!kept" or (question.get("do") == "call" and key in question) else set()
    return own | {name for item in question.values() for name in _names_kept(item)}


# ---------------------------------------------------------------- what may be asked


class Worker:
    """The objects that were kept, one event loop for everything that is awaited, and a method for each question."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.loop = asyncio.new_event_loop()

    def line(self, text: str) -> str:
        """The line that answers a line."""
        try:
            return json.dumps(self.answer(json.loads(text)))
        except (TypeError, ValueError, RecursionError) as error:
            return json.dumps({"trouble": "the reply cannot be written as JSON: " + str(error), "warnings": []})

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The reply to one question; a question that cannot be understood is the asker's mistake and is told as `trouble`."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                reply: dict[str, Any] = getattr(self, "do_" + question["do"])(question)
            except (KeyError, TypeError, AttributeError, ValueError) as error:
                reply = {"trouble": f"{type(error).__name__}: {error}"}
        found = [
            (kind.category.__name__, str(kind.message)) for kind in caught if issubclass(kind.category, _DEPRECATIONS)
        ]
        reply["warnings"] = [list(each) for each in dict.fromkeys(found)]
        return reply

    def do_hello(self, question: dict[str, Any]) -> dict[str, Any]:
        """Which Python this is, where it imports from, and the versions of the distributions asked for."""
        versions: dict[str, str | None] = {}
        for name in question.get("distributions", ()):
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                versions[name] = None
        return {"python": sys.version.split()[0], "path": sys.path, "versions": versions}

    def do_forget(self, question: dict[str, Any]) -> dict[str, Any]:
        """Drop every kept object."""
        self.kept.clear()
        return {}

    def do_import(self, question: dict[str, Any]) -> dict[str, Any]:
        """What a name stands for: its kind, its parameters if it can be called, its bases if it is a class."""
        outcome = self._tried(lambda: find(question["name"]))
        if "raised" in outcome:
            return outcome
        above, _, last = question["name"].rpartition(".")
        own = ":" in above and inspect.isfunction(outcome["value"]) and _is_method(find(above), last)
        return {"found": {**described(outcome["value"]), "method": own}}

    def do_call(self, question: dict[str, Any]) -> dict[str, Any]:
        """Call something that is imported or a method of something kept, or read an attribute of it."""
        missing = sorted(_names_kept(question) - self.kept.keys())
        if missing:
            return {"raised": ["LookupError"], "message": "nothing is kept as " + missing[0], "unkept": True}
        try:
            target = self._target(question)
            args = [read(item, self.kept) for item in question.get("args", ())]
            kwargs = {key: read(item, self.kept) for key, item in question.get("kwargs", {}).items()}
        except Exception as error:  # noqa: BLE001 - a name that is gone is what callers meet
            return {"raised": kin(error), "message": said(error), "found": False}
        if question.get("get"):
            return self._given(question, {"value": (target, False)})
        reply = self._given(question, self._tried(lambda: self._settled(target(*args, **kwargs))))
        reply["arguments"] = {"args": _items(args, ()), "kwargs": {key: written(item) for key, item in kwargs.items()}}
        return reply

    def do_map(self, question: dict[str, Any]) -> dict[str, Any]:
        """The values of one call for each item of `rows`, or of one call with all of them; what it raises is `raised`."""
        rows, more = question["rows"], question.get("args", [])
        outcome = self._tried(lambda: self._mapped(find(question["call"]), rows, more, question.get("each")))
        return outcome if "raised" in outcome else {"value": outcome["value"]}

    def _mapped(self, target: Any, rows: list[Any], more: list[Any], each: bool | None) -> list[Any]:
        if not each:
            return list(self._settled(target(rows, *more))[0])
        return [self._settled(target(*row, *more))[0] for row in rows]

    def _target(self, question: dict[str, Any]) -> Any:
        if question.get("call"):
            return find(question["call"])
        found = self.kept[question["on"]]
        for step in (question.get("method") or question["get"]).split("."):
            found = getattr(found, step)
        return found

    def _tried(self, act: Callable[[], Any]) -> dict[str, Any]:
        try:
            return {"value": act()}
        except BaseException as error:  # noqa: BLE001 - SystemExit of called code is an answer as well
            return {"raised": kin(error), "message": said(error)}

    def _given(self, question: dict[str, Any], outcome: dict[str, Any]) -> dict[str, Any]:
        if "raised" in outcome:
            return outcome
        value, awaited = outcome["value"]
        if not question.get("keep"):
            return {"value": written(value), "awaited": awaited}
        self.kept[question["keep"]] = value
        # What is kept goes on living: reading an iterator or a stream here would use it up.
        plain = value is None or isinstance(value, (*_BUILTINS, bytes, bytearray, enum.Enum))
        return {"value": written(value) if plain else {"!type": "(kept)"}, "awaited": awaited}

    def _settled(self, value: Any) -> tuple[Any, bool]:
        """The value, awaited if it has to be, and whether it had to; an asynchronous iterator is read to its end."""
        if inspect.isawaitable(value):
            return self.loop.run_until_complete(_awaited(value)), True
        if hasattr(value, "__aiter__") and hasattr(value, "__anext__"):
            return self.loop.run_until_complete(_collected(value)), True
        return value, False


async def _awaited(value: Any) -> Any:
    return await value


async def _collected(values: Any) -> list[Any]:
    return [item async for item in values]


def described(value: Any) -> dict[str, Any]:
    """What a name stands for: kind, parameters, and for a class what it inherits from."""
    kind = "class" if isinstance(value, type) else "module" if inspect.ismodule(value) else "value"
    kind = "callable" if kind == "value" and callable(value) else kind
    out: dict[str, Any] = {"kind": kind, "async": _is_async(value), "parameters": _parameters(value)}
    if kind == "class":
        out["bases"] = [each.__qualname__ for each in value.__mro__]
    if kind == "value":
        out["value"] = written(value)
    return out


def _is_method(kind: Any, name: str) -> bool:
    """Whether a function of a class is called on instances of it."""
    return isinstance(kind, type) and not isinstance(inspect.getattr_static(kind, name), staticmethod)


def _is_async(value: Any) -> bool:
    return inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value)


def _parameters(value: Any) -> list[list[Any]] | None:
    """Name, kind and default (shown; None if there is none) of each parameter, or None where they cannot be told."""
    try:
        found = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[each.name, each.kind.name, _default(each.default)] for each in found]


def _default(value: Any) -> str | None:
    if value is inspect.Parameter.empty:
        return None
    try:
        return _ADDRESS.sub("", repr(value))[:200]
    except Exception:  # noqa: BLE001 - a broken __repr__ is the called code's
        return "(cannot be shown)"


def serve() -> None:
    """Answer line by line until the questions end; standard input and output are kept from the called code."""
    questions = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.path[: 1 if sys.path[0] == "" else 0] = [os.path.realpath(".")]
    sys.argv = [""]
    worker = Worker()
    asyncio.set_event_loop(worker.loop)
    for line in questions:
        answers.write(worker.line(line) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
