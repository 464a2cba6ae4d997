"""What time it is; AGENT_WORKFLOW_NOW (an ISO time) holds it still, so that stamps can be repeated."""

import os
from datetime import UTC, datetime

from .refusals import RefusedError

VARIABLE = "AGENT_WORKFLOW_NOW"


def now() -> datetime:
    """The time in UTC, or the one that the environment holds still; RefusedError when that is no time."""
    said = os.environ.get(VARIABLE)
    if not said:
        return datetime.now(UTC)
    try:
        held = datetime.fromisoformat(said)
    except ValueError:
        raise RefusedError("bad-time", f"{VARIABLE}={said}: write an ISO time such as 2024-01-15T14:30:45") from None
    return held if held.tzinfo else held.replace(tzinfo=UTC)


def stamp(moment: datetime) -> str:
    """The part of names that tells a time: 20240115-143045."""
    return moment.strftime("%Y%m%d-%H%M%S")
