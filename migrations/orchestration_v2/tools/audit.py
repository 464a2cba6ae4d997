"""Appends what was done to an audit log, one JSON object a line; it never rewrites a line."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration_v2.tools.refusals import Refused


def append_record(path: Path, record: dict[str, Any]) -> None:
    """Append one record with one write, so that two tools at a time do not mix their lines."""
    line = json.dumps({"at": datetime.now(UTC).isoformat(), **record}, ensure_ascii=False, sort_keys=True) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the records of a log; a missing log has none, a torn last line is left out."""
    if not path.is_file():
        return []
    records = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            records.append(record)
    return records
