"""The four flags and two switches of the gateway's own: read from a file, changed as a whole or not at all, every change on record."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

DUAL_WRITE, FEEDBACK = "dual_write", "feedback_percentage"
SHARES = frozenset({"v2_user_percentage", FEEDBACK})


class FlagError(ValueError):
    """A flag that does not exist or a value that it cannot have; `names` are the flags in question."""

    def __init__(self, message: str, names: list[str]) -> None:
        super().__init__(message)
        self.names = names


@dataclass(frozen=True, slots=True)
class Flags:
    """Who is served by the candidate, and what happens when it fails."""

    use_v2_orchestration: bool = False
    v2_user_percentage: int = 0
    v2_enabled_teams: tuple[str, ...] = ()
    fallback_to_v1: bool = True
    dual_write: bool = True
    feedback_percentage: int = 0

    def document(self) -> dict[str, Any]:
        """The four flags as JSON shows them; the gateway's own switches are none of them."""
        shown = asdict(self) | {"v2_enabled_teams": list(self.v2_enabled_teams)}
        return {name: value for name, value in shown.items() if name not in (DUAL_WRITE, FEEDBACK)}

    def changed(self, changes: object) -> "Flags":
        """These flags with changes; raises FlagError, and then nothing is changed."""
        if not isinstance(changes, Mapping):
            raise FlagError("flags come as a JSON object", [])
        known = {field.name for field in fields(self)}
        wrong = sorted(name for name in changes if name not in known or not fits(name, changes[name]))
        if wrong:
            reason = "has a value of the wrong type or range" if wrong[0] in known else "is no flag"
            raise FlagError(f"{wrong[0]} {reason}; known flags are {', '.join(sorted(known))}", wrong)
        values = dict(changes)
        if "v2_enabled_teams" in values:
            values["v2_enabled_teams"] = tuple(values["v2_enabled_teams"])
        return replace(self, **values)


class FlagFile:
    """Flags that survive a restart, in flags.json; `record` takes each change for the audit log."""

    def __init__(self, path: Path, record: Callable[[str, dict[str, Any]], None]) -> None:
        self._path = path
        self._record = record
        self.kept = self.read()
        self.in_force = self.kept

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
        """Writes the change down, then puts it in force; raises FlagError, and then nothing is changed."""
        before, after = self.kept, self.kept.changed(changes)
        self._write(after)
        self._record("flags", {"before": _whole(before), "after": _whole(after)})
        self.kept = after
        self.put_in_force(after)
        return after

    def put_in_force(self, flags: Flags) -> None:
        """From here on requests are served by these flags."""
        self.in_force = flags

    def _write(self, flags: Flags) -> None:
        draft = self._path.with_suffix(".json.new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(_whole(flags), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def _whole(flags: Flags) -> dict[str, Any]:
    return flags.document() | {DUAL_WRITE: flags.dual_write, FEEDBACK: flags.feedback_percentage}


def fits(name: str, value: object) -> bool:
    """Whether a flag may have this value."""
    if name in SHARES:
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100
    if name == "v2_enabled_teams":
        return isinstance(value, list) and all(isinstance(team, str) and team for team in value)
    return isinstance(value, bool)
