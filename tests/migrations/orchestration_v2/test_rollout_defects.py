"""Each defect that a rollout is to notice shows in answers or in the least time of a request; the sound service shows none."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def failed_of_160(service: Any) -> int:
    """How many of 160 requests fail."""
    return sum(service.client.get("/api/agents").status_code == 500 for _ in range(160))


def seconds(service: Any, times: int, team: str = "engineering") -> list[float]:
    """What so many requests of a user of this team take, the quickest first."""
    headers = {"X-User-Id": "u", "X-User-Team": team}
    return sorted(service.client.get("/api/agents", headers=headers).elapsed.total_seconds() for _ in range(times))


# A wait can be told from other work by the quickest requests only: nothing makes them quicker than the wait.
LOOKS: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "few-errors": (failed_of_160, 0, 2),
    "slow-for-a-team": (lambda service: seconds(service, 12, "qa")[0] >= 0.03, False, True),
    "two-speeds": (lambda service: seconds(service, 30)[15] - seconds(service, 30)[0] >= 0.02, None, True),
    "slow-few": (lambda service: seconds(service, 100)[-3] >= 0.06, None, True),
}


@pytest.mark.parametrize("defect", LOOKS)
def test_a_defect_of_the_rollout_shows(launch: Any, defect: str) -> None:
    look, sound, spoiled = LOOKS[defect]
    seen = []
    for name in ("", defect):
        service = launch("candidate", defect=name)
        seen.append(look(service))
        service.stop()
    assert seen[1] == spoiled
    assert sound is None or seen[0] == sound


def test_other_teams_are_not_slowed(launch: Any) -> None:
    service = launch("candidate", defect="slow-for-a-team")
    assert seconds(service, 12)[0] < 0.03
