"""Makes up the users of rollout checks from a seed, the same from the same one; no real person is among them."""

import random

from godwit.plan import Users
from godwit.verdict import GodwitError


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
