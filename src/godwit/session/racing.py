"""Sends the contenders of a race at once to each side, round by round, and has what came of it judged."""

from typing import Any

from godwit.checks import Round, judge_race
from godwit.plan import Race
from godwit.session.world import World
from godwit.surfaces import exchange, exchange_at_once
from godwit.verdict import Judgement

_SIDES = ("baseline", "candidate")


def raced(world: World, race: Race) -> Judgement:
    """Run every round on the baseline and on the candidate, and judge."""
    surfaces = world.plan.surfaces
    if any(request.writes for request in (*race.prepare, *race.contenders, *race.then)):
        world.may_write(*_SIDES)
    rounds: dict[str, list[Round]] = {side: [] for side in _SIDES}
    for _ in range(race.rounds):
        for side in _SIDES:
            rounds[side].append(_round(race, world.stack(side).url))
    return judge_race(
        race.id,
        rounds["baseline"],
        rounds["candidate"],
        surfaces.normalisers,
        surfaces.allowances,
        surfaces.http.headers,
    )


def _round(race: Race, url: str) -> Round:
    captured: dict[str, Any] = {}
    before = exchange(race.prepare, url, captured=captured)
    contenders = exchange_at_once(race.at_once, url, captured=captured)
    return Round(tuple(before), tuple(contenders), tuple(exchange(race.then, url, captured=captured)))
