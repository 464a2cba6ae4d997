"""Chooses the side that serves a user, by the flags and nothing else: the same in every router and after every restart."""

import hashlib

from fleet_1_0_5.router.flags import Flags

BUCKETS = 100_000
SALT = b"fleet-1.0.5/canary:"


def side_of(flags: Flags, user: str | None, team: str | None) -> str:
    """'candidate' or 'baseline'."""
    if not flags.canary_enabled:
        return "baseline"
    chosen = is_enabled_team(team, flags.canary_teams) or is_in_share(user, flags.canary_percent)
    return "candidate" if chosen else "baseline"


def is_enabled_team(team: str | None, enabled: tuple[str, ...]) -> bool:
    """Whether the user's team was moved as a whole."""
    return team is not None and team in enabled


def is_in_share(user: str | None, percent: float) -> bool:
    """Whether the user belongs to the share that was moved; a user without id does at 100 percent only."""
    if not user:
        return percent >= 100
    return bucket(user) < round(percent * BUCKETS / 100)


def bucket(user: str) -> int:
    """The user's place among 100,000, by a salted SHA-256, so that it says nothing about places in other rollouts."""
    return int.from_bytes(hashlib.sha256(SALT + user.encode("utf-8", "surrogatepass")).digest()[:8]) % BUCKETS
