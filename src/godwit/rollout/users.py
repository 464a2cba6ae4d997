"""Makes up the users of rollout checks from a seed, the same from the same one; no real person is among them."""

import random
import uuid
from collections.abc import Callable, Sequence

from godwit.plan import IdShape, Users
from godwit.verdict import GodwitError

_FIRST_NUMBER = 100_001


def users(spec: Users, seed: int) -> list[tuple[str, str]]:
    """The users as (id, team), `spec.count` of them, in an order that mixes the teams.

    Team shares are fractions of 1, or percents when any is above 1; they are met exactly up to rounding. Users beyond
    the shares have the team "", which means none. Raises GodwitError when the shares are more than everybody.
    """
    whole = 100.0 if any(share > 1 for share in spec.teams.values()) else 1.0
    total = sum(spec.teams.values())
    if total > whole * 1.000001 or any(share < 0 for share in spec.teams.values()):
        raise GodwitError(
            f"rollout.users.teams: the shares add up to {total:g}; they may reach {whole:g}, none below 0"
        )
    chance = random.Random(seed)
    teams: list[str] = []
    reached = 0.0
    for team, share in spec.teams.items():
        reached += share
        teams += [team] * (round(spec.count * reached / whole) - len(teams))
    teams += [""] * (spec.count - len(teams))
    chance.shuffle(teams)
    return [(f"user-{chance.getrandbits(32):08x}-{number}", team) for number, team in enumerate(teams)]


def shaped(made: Sequence[tuple[str, str]], shapes: Sequence[IdShape], seed: int) -> list[tuple[str, str]]:
    """The same users with ids of these shapes, dealt out by turns; numbers go up by one from user to user of that shape."""
    chance = random.Random(seed)
    ways: dict[IdShape, Callable[[int, str], str]] = {
        "made-up": lambda number, who: who,
        "numbers": lambda number, who: str(_FIRST_NUMBER + number),
        "uuids": lambda number, who: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "mails": lambda number, who: f"user{number}@example.com",
    }
    count = len(shapes)
    return [(ways[shapes[place % count]](place // count, who), team) for place, (who, team) in enumerate(made)]
