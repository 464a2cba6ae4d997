"""Who is served by the canary: flags in a file that every router on it watches; changed as a whole or not at all."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


class FlagError(ValueError):
    """A flag that does not exist or a value that it cannot have; `names` are the flags in question."""

    def __init__(self, message: str, names: list[str]) -> None:
        super().__init__(message)
        self.names = names


@dataclass(frozen=True, slots=True)
class Flags:
    """Nothing is served by the canary unless it is enabled; then users of the share, and users of the teams."""

    canary_enabled: bool = False
    canary_percent: float = 0.0
    canary_teams: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The flags as JSON shows them; a whole percentage is a whole number."""
        percent = int(self.canary_percent) if self.canary_percent == int(self.canary_percent) else self.canary_percent
        return asdict(self) | {"canary_teams": list(self.canary_teams), "canary_percent": percent}

    def changed(self, changes: object) -> "Flags":
        """These flags with changes; raises FlagError, and then nothing is changed."""
        if not isinstance(changes, Mapping):
            raise FlagError("flags come as a JSON object", [])
        known = {field.name for field in fields(self)}
        wrong = sorted(name for name in changes if name not in known or not _fits(name, changes[name]))
        if wrong:
            reason = "has a value of the wrong type, range or step" if wrong[0] in known else "is no flag"
            raise FlagError(f"{wrong[0]} {reason}; known flags are {', '.join(sorted(known))}", wrong)
        values = dict(changes)
        if "canary_teams" in values:
            values["canary_teams"] = tuple(values["canary_teams"])
        return replace(self, **values)


class FlagFile:
    """Flags that survive a restart and that other routers may change; `record` takes each change made here."""

    def __init__(self, path: Path, record: Callable[[dict[str, Any]], None]) -> None:
        self._path = path
        self._record = record
        self._seen = _signature(path)
        self._kept = self.read()

    @property
    def in_force(self) -> Flags:
        """The flags by which requests are served now; a file that somebody spoiled leaves the last ones in force."""
        seen = _signature(self._path)
        if seen is not None and seen != self._seen:
            self._seen = seen
            try:
                self._kept = self.read()
            except FlagError as error:
                print(f"flags are not taken over: {error}", flush=True)
        return self._kept

    def read(self) -> Flags:
        """The flags of the file, or the defaults without one; raises FlagError for a file that cannot be understood."""
        try:
            return Flags().changed(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Flags()
        except FlagError as error:
            raise FlagError(f"{self._path}: {error}", error.names) from error
        except (ValueError, OSError) as error:
            raise FlagError(f"{self._path} cannot be read as JSON: {error}; mend or remove it", []) from error

    def change(self, changes: object) -> Flags:
        """Writes the change down, by which it is in force; raises FlagError, and then nothing is changed."""
        before = self.in_force
        after = before.changed(changes)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(after.document(), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self._record({"event": "flags", "before": before.document(), "after": after.document()})
        self._kept, self._seen = after, _signature(self._path)
        return after


def percent_of(value: object) -> float | None:
    """A percentage from 0 to 100 in steps of a tenth, given as a number or as its text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    fits = exact.is_finite() and 0 <= exact <= 100 and exact * 10 == int(exact * 10)
    return float(exact) if fits else None


def _fits(name: str, value: object) -> bool:
    if name == "canary_percent":
        return not isinstance(value, str) and percent_of(value) is not None
    if name == "canary_teams":
        return isinstance(value, list) and all(isinstance(team, str) and team for team in value)
    return isinstance(value, bool)


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
