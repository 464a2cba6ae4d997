"""Runs under a stack's own Python: sets OpenFeature's in-memory provider and calls what tells a flag; knows nothing of godwit."""

import importlib
import json
import os
import sys
from typing import Any

from openfeature import api
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider


def put(values: dict[str, Any]) -> None:
    """Have exactly these flags in the provider, one variant each."""
    api.set_provider(InMemoryProvider({key: InMemoryFlag("set", {"set": value}) for key, value in values.items()}))


def told(calls: dict[str, str]) -> dict[str, Any]:
    """What the callables (`module:name`) return, by flag: `[value]`, or the error as text."""
    found: dict[str, Any] = {}
    for name, called in calls.items():
        module, _, function = called.partition(":")
        try:
            found[name] = [getattr(importlib.import_module(module), function)()]
        except Exception as error:  # noqa: BLE001 - whatever it raises is what it told
            found[name] = f"{called} raised {type(error).__name__}: {error}"
    return found


def main() -> None:
    """Answer one JSON document a line, until there is none."""
    # What the called code prints is none of our answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        if "put" in asked:
            put(asked["put"])
        answers.write(json.dumps(told(asked.get("calls", {})), default=repr) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
