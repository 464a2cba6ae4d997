"""Fills the places of a load's commands for each side; starts none of them."""

from collections.abc import Mapping

from godwit.load import Typed
from godwit.plan import LoadProfile
from godwit.stacks import fill

_LATER = {name: f"{{{name}}}" for name in ("n", "user", "team")}
"""What the generator fills itself, for each arrival."""


def typed(profile: LoadProfile, places: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, Typed]:
    """The commands of a profile by operation; GodwitError for a place that is not known."""
    known = {**places, **_LATER}
    return {
        each.id: Typed(
            fill(each.command, known), {**extra, **dict(zip(each.env, fill(each.env.values(), places), strict=True))}
        )
        for each in profile.operations
        if each.command
    }
