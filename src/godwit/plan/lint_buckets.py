"""Lints about percentages that are swept: whether their users can tell anything; each rule only reads the plan."""

import math
from collections.abc import Iterator

from godwit.plan.lint_flow import Rule, Said
from godwit.plan.model import Plan

CONFIDENCE = 0.999
"""A sound hash is called uneven once in a thousand sweeps, all levels together."""
LEAST_IN_A_CELL = 5.0
"""How many users a cell of a chi-square test has to expect: below it the test cries wolf."""


def users_needed(resolution: float, confidence: float = CONFIDENCE) -> int:
    """How many users tell a share of this many percent from nobody, and fill a cell of a chi-square test as well."""
    share = resolution / 100
    return max(math.ceil(math.log((1 - confidence) / 2) / math.log1p(-share)), math.ceil(LEAST_IN_A_CELL / share))


def _enough(plan: Plan) -> Iterator[Said]:
    rollout = plan.rollout
    for place, each in enumerate(rollout.buckets if rollout else ()):
        shapes = len(each.ids)
        needed = shapes * users_needed(each.resolution, 1 - (1 - CONFIDENCE) / shapes)
        count = each.users or (rollout.users.count if rollout else 0)
        if count < needed:
            said = f"{count} users cannot tell steps of {each.resolution:g} %; {needed} can"
            yield "users-too-few", ("rollout", "buckets", place, "resolution"), said


def _same(plan: Plan) -> Iterator[Said]:
    rollout = plan.rollout
    if rollout is None:
        return
    asked = {each.id: (each.users or rollout.users.count, each.ids) for each in rollout.buckets}
    for place, each in enumerate(rollout.buckets):
        for index, name in enumerate(each.apart_from):
            if asked[name] != asked[each.id]:
                said = (
                    f"{each.id} and {name} are asked of other users, so nobody can tell whether they move the same ones"
                )
                yield "users-differ", ("rollout", "buckets", place, "apart_from", index), said


BUCKET_RULES: tuple[Rule, ...] = (_enough, _same)
