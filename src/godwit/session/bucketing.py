"""Sweeps percentages from nobody to everybody and looks who moves; `checks` judges what was seen."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from godwit.checks import (
    Levels,
    Moved,
    Sweep,
    grid,
    judge_edges,
    judge_independent,
    judge_override,
    judge_rising,
    judge_same_place,
    judge_spread,
    judge_steps,
)
from godwit.plan import CONFIDENCE, Bucketing, Evaluator, Users
from godwit.rollout import Rows, shaped, users
from godwit.session.evaluators import Asker
from godwit.session.expansion import BucketOverride, BucketPair, OtherEvaluator
from godwit.session.world import World
from godwit.verdict import HarnessError, Judgement, all_of

_NAMELESS = (None, "")


class Cohorts:
    """Who moves at each percentage, by every way in which a plan says that it can be asked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sweeps: dict[str, Sweep] = {}
        self._users: dict[tuple[object, ...], list[list[str | None]]] = {}

    def edges(self, bucketing: Bucketing) -> Judgement:
        """Ask at 0 % and at 100 % for everybody and for users without an id, or with one of nothing; so at each door."""
        rows = [*self._nameless(bucketing), *self._rows(bucketing)]
        asked = [each for place, each in enumerate(bucketing.evaluators) if place == 0 or each.kind == "door"]
        return all_of(judge_edges(self._swept(bucketing, rows, (0.0, 100.0), each)) for each in asked)

    def spread(self, bucketing: Bucketing) -> Judgement:
        """Whether each percentage of the sweep moves its share, and all of them together are even; so for each shape of ids."""
        sweep, shapes = self._sweep(bucketing), bucketing.ids
        judged = [judge_spread(sweep, bucketing.resolution)]
        for place, shape in enumerate(shapes if len(shapes) > 1 else ()):
            part = sweep.every(place, len(shapes))
            confidence = 1 - (1 - CONFIDENCE) / len(shapes)
            judged.append(judge_spread(part, bucketing.resolution, confidence, of_what=f"user(s) with {shape} as ids"))
        return all_of(judged)

    def steps(self, bucketing: Bucketing) -> Judgement:
        """Whether the smallest step moves somebody, and the last one leaves somebody."""
        return judge_steps(self._sweep(bucketing), bucketing.resolution)

    def rising(self, bucketing: Bucketing) -> Judgement:
        """Whether nobody leaves over the sweep."""
        return judge_rising(self._sweep(bucketing))

    def stays(self, bucketing: Bucketing) -> Judgement:
        """Ask again, in the opposite order, and after a restart of what serves."""
        rows = self._rows(bucketing)
        evaluator = bucketing.evaluators[0]
        first = {level: self._sweep(bucketing).at(level) for level in self._looked_at(bucketing)}
        asker = Asker(self._world, bucketing, evaluator, rows)
        backwards = Asker(self._world, bucketing, evaluator, rows[::-1])
        judged = [
            self._same(bucketing, first, asker.moved, "asking again"),
            self._same(bucketing, first, lambda level: backwards.moved(level)[::-1], "asking in the opposite order"),
        ]
        if evaluator.kind == "http":
            self._restart(evaluator)
            judged.append(self._same(bucketing, first, asker.moved, "asking after a restart"))
        return all_of(judged)

    def agrees(self, asked: OtherEvaluator) -> Judgement:
        """Whether another evaluator places users as the first one does, and who moves where it does not."""
        bucketing, other = asked.bucketing, asked.evaluator
        asker = Asker(self._world, bucketing, other, self._rows(bucketing))
        first = {level: self._sweep(bucketing).at(level)[: asker.n] for level in self._looked_at(bucketing)}
        return self._same(bucketing, first, asker.moved, other.id, other.may_move or 0.0)

    def override(self, asked: BucketOverride) -> Judgement:
        """Whether an override moves its members at every percentage, and nobody else."""
        bucketing, override = asked.bucketing, asked.override
        rows = self._rows(bucketing)
        asker = Asker(self._world, bucketing, bucketing.evaluators[0], rows)
        levels = (0.0, *self._looked_at(bucketing), 100.0)
        places = {name: bucketing.attributes.index(name) for name in override.where}
        members = np.asarray([all(row[places[k]] == v for k, v in override.where.items()) for row in rows], bool)
        without = {level: self._sweep(bucketing).at(level) for level in levels}
        over = {level: asker.moved(level, override.flags) for level in levels}
        return judge_override(without, over, members, self._name(rows), override.served_by)

    def independent(self, pair: BucketPair) -> Judgement:
        """Whether whom one percentage moves tells nothing of whom the other moves."""
        return judge_independent(self._sweep(pair.first), self._sweep(pair.second))

    def _same(
        self,
        bucketing: Bucketing,
        first: Levels,
        ask: Callable[[float], Moved],
        by: str,
        may_move: float = 0.0,
    ) -> Judgement:
        again = {level: ask(level) for level in first}
        name = self._name(self._rows(bucketing))
        judged = judge_same_place(first, again, name, by=by, may_move=may_move)
        if any(len(first[level]) == len(again[level]) and (first[level] != again[level]).any() for level in first):
            listed = self._list(bucketing, by, first, again, name)
            return replace(judged, reason=f"{judged.reason}; who moved is listed in {listed}")
        return judged

    def _list(self, bucketing: Bucketing, by: str, first: Levels, again: Levels, name: Callable[[int], str]) -> str:
        """Write everybody who is placed otherwise into the evidence, and say where."""
        file = Path("buckets") / f"{bucketing.id}-{by.replace(' ', '-')}.csv"
        (self._world.out / file).parent.mkdir(exist_ok=True)
        with (self._world.out / file).open("w", encoding="utf-8", newline="") as text:
            table = csv.writer(text)
            table.writerow(("percent", "user", "first", "again"))
            for level in sorted(first):
                for user in np.flatnonzero(first[level] != again[level]):
                    sides = ("candidate" if moved[level][user] else "baseline" for moved in (first, again))
                    table.writerow((f"{level:g}", name(int(user)), *sides))
        return str(file)

    def _sweep(self, bucketing: Bucketing) -> Sweep:
        if bucketing.id not in self._sweeps:
            levels = grid(bucketing.resolution, bucketing.levels)
            self._world.events.emit("buckets", bucketing.id, f"{bucketing.sentence}: {len(levels)} percentages")
            self._sweeps[bucketing.id] = self._swept(bucketing, self._rows(bucketing), levels)
        return self._sweeps[bucketing.id]

    def _swept(
        self, bucketing: Bucketing, rows: Rows, levels: Sequence[float], evaluator: Evaluator | None = None
    ) -> Sweep:
        asker = Asker(self._world, bucketing, evaluator or bucketing.evaluators[0], rows)
        return Sweep(tuple(levels), np.stack([asker.moved(level) for level in levels]), self._name(rows))

    def _looked_at(self, bucketing: Bucketing) -> tuple[float, ...]:
        """Where users are asked once more: the smallest step, the middle of the sweep, and the last step."""
        inner = [level for level in grid(bucketing.resolution, bucketing.levels) if 0 < level < 100]
        return tuple(sorted({inner[0], inner[len(inner) // 4], inner[len(inner) // 2], inner[-1]}))

    def _restart(self, evaluator: Evaluator) -> None:
        role = str(evaluator.on)
        stack = self._world.again(role) if evaluator.again else self._world.stack(role)
        self._world.may_write(role)
        stack.stop()
        stack.start()

    def _rows(self, bucketing: Bucketing) -> list[list[str | None]]:
        """The made-up users by their attributes; those that only overrides know are spread evenly, one in two has none."""
        rollout = self._world.plan.rollout
        if rollout is None:
            raise HarnessError("the plan has no rollout, so it has no users")
        count = bucketing.users or rollout.users.count
        known = tuple(sorted(f"{name}={text}" for item in bucketing.overrides for name, text in item.where.items()))
        key = count, bucketing.attributes, known, bucketing.ids
        if key not in self._users:
            seed = self._world.plan.migration.seed
            made = shaped(users(Users(count=count, teams=rollout.users.teams), seed), bucketing.ids, seed)
            values = {name: self._values(bucketing, name) for name in bucketing.attributes}
            self._users[key] = [
                [
                    who
                    if name == "user"
                    else team or None
                    if name == "team"
                    else values[name][place % len(values[name])]
                    for name in bucketing.attributes
                ]
                for place, (who, team) in enumerate(made)
            ]
        return self._users[key]

    @staticmethod
    def _values(bucketing: Bucketing, name: str) -> list[str | None]:
        named = sorted({item.where[name] for item in bucketing.overrides if name in item.where})
        return [value for each in named for value in (each, None)] or [None]

    @staticmethod
    def _nameless(bucketing: Bucketing) -> list[list[str | None]]:
        """A user of whom nothing is known, and one whose id is empty."""
        return [[None if name != "user" else none for name in bucketing.attributes] for none in _NAMELESS]

    @staticmethod
    def _name(rows: Rows) -> Callable[[int], str]:
        return lambda place: ", ".join("(none)" if each is None else each or "(empty)" for each in rows[place])
