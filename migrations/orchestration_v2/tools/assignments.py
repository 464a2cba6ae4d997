"""Says by the published rule which side serves a user, without the gateway; it shares no line of code with it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from orchestration_v2.tools.refusals import Refused


def assigned(lines: Iterable[str], percentage: float) -> Iterator[str]:
    """The side of each user, given a line as a JSON array that begins with the id; refuses a line that is none."""
    for number, line in enumerate(lines, 1):
        try:
            user = json.loads(line)
            yield side(user[0], percentage)
        except (ValueError, TypeError, LookupError) as error:
            raise Refused(f"line {number}: not a JSON array that begins with an id: {line[:80].rstrip()!r}") from error


def side(user_id: str | None, percentage: float) -> str:
    """Users in the first `percentage` of 10,000 buckets are on the candidate; who has no id is at 100 percent only."""
    if user_id is None:
        return "candidate" if percentage >= 100 else "baseline"
    digest = hashlib.sha256(user_id.encode("utf-8", "surrogatepass")).hexdigest()
    place = int(digest[:16], 16) % 10_000
    return "candidate" if place < round(percentage * 100) else "baseline"


def sides(users: Sequence[Sequence[str | None]], percentage: float) -> list[str]:
    """The sides of many users, each told by its id and its team."""
    return [side(user[0], percentage) for user in users]
