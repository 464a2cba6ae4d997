"""Append-only JSON Lines files; a line is on disk before anybody hears of it."""

import json
import os
from pathlib import Path
from typing import Any

from plumbing.identifiers import now_text


class Journal:
    """One JSON Lines file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Adds an entry with the time and returns it so."""
        dated = {"at": now_text()} | entry
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dated, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return dated

    def entries(self) -> list[dict[str, Any]]:
        """All entries, oldest first; a last line that was cut off by a crash is left out."""
        if not self._path.exists():
            return []
        text = self._path.read_text(encoding="utf-8")
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines() if line]
