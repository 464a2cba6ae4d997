"""Counts what holds and keeps the figures seen; knows no promise itself, and nothing stated is nothing proved."""

import json
import sys
from typing import Any

UNTRIED = 3


class NotTriedError(Exception):
    """What the proof needs is not on this machine: nothing can be said; the message names it and its package."""


class Proof:
    """Statements, and whether each holds."""

    def __init__(self) -> None:
        self._all = 0
        self._broken: list[str] = []
        self._figures: dict[str, dict[str, Any]] = {}

    def that(self, statement: str, holds: object) -> None:
        """One statement."""
        self._all += 1
        if not holds:
            self._broken.append(statement)

    def same(self, statement: str, found: object, wanted: object) -> None:
        """One statement about equality; both are shown where they differ."""
        seen = "" if found == wanted else f"; seen {str(found)[:300]}, wanted {str(wanted)[:300]}"
        self.that(f"{statement}{seen}", found == wanted)

    def refuses(self, statement: str, error: type[Exception], act: Any, *args: Any) -> None:
        """A call that must raise this very error."""
        try:
            act(*args)
        except Exception as raised:  # noqa: BLE001  # another error is a broken statement, too
            self.that(statement, isinstance(raised, error))
        else:
            self.that(statement, False)

    def figure(self, name: str, value: float | str, unit: str) -> None:
        """A figure that was seen, for whoever reads the output."""
        self._figures[name] = {"value": value, "unit": unit}

    def ended(self) -> int:
        """Says how many hold, and which do not; the exit code. Nothing stated is nothing proved."""
        if self._figures:
            print(json.dumps({"figures": self._figures}))
        for statement in self._broken:
            print(f"does not hold: {statement}", file=sys.stderr)
        print(f"{self._all - len(self._broken)} of {self._all} hold")
        return 1 if self._broken or not self._all else 0
