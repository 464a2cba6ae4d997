"""Tells people what happened by appending to a file that their mail or chat gateway reads; it sends nothing itself."""

from pathlib import Path

from orchestration_v2.tools.audit import append_record
from orchestration_v2.tools.refusals import Refused


def notify(file: Path, message: str) -> None:
    """Append a message with its moment to the file of notifications; refuses an empty one."""
    if not message.strip():
        raise Refused("--message is empty")
    append_record(file, {"message": message})
