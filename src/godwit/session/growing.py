"""Has both versions answer over more and more rows, and their databases say how they look rows up; `checks` judges."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from random import Random

from godwit.checks import Costs, judge_query_plan, judge_scaling
from godwit.plan import Counted, QueryPlan, Scaling
from godwit.session.readings import counters
from godwit.session.world import World
from godwit.state import Store, clone, explain
from godwit.surfaces import AbsentError, Pair, at, exchange, exchange_each, exchange_pairs
from godwit.verdict import Answer, Finding, HarnessError, Judgement, failed, inconclusive

_SIDES = ("baseline", "candidate")
_UNMEASURED = 3
"""Turns at each size that only warm caches."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A running version and its store, if it has one; `version` is the one whose SQL it takes."""

    role: str
    version: str
    url: str
    store: Store | None

    def sql(self) -> Store:
        if self.store is None:
            raise HarnessError(f"stacks.{self.role} names no store, so no SQL can be carried out there")
        return self.store


class Growth:
    """What requests cost as rows become more. It works on copies of stores unless a plan says that the stacks may keep the rows."""

    def __init__(self, world: World) -> None:
        self._world = world

    def no_faster(self, scaling: Scaling) -> Judgement:
        """Whether the candidate's cost grows no faster with the number of rows than the baseline's."""
        with self._sides(scaling) as sides:
            base = {side.role: _counted(side, scaling.counted) for side in sides}
            costs: list[Costs] = []
            rows = 0
            for size in scaling.sizes:
                for side in sides:
                    self._fill(side, scaling, rows + 1, size)
                    _must_hold(side, scaling, base[side.role] + size)
                rows = size
                found = self._costs(scaling, size, *sides)
                if isinstance(found, Judgement):
                    return found
                costs.append(found)
                self._keep(scaling, costs)
        return judge_scaling(scaling, costs, self._world.plan.migration.seed)

    def indexed(self, query: QueryPlan) -> Judgement:
        """Whether the candidate's store looks rows up as the baseline's does, instead of reading whole tables."""
        sides = [explain(self._world.store(role).url, getattr(query, self._world.played_by(role))) for role in _SIDES]
        return judge_query_plan(query, *sides)

    @contextmanager
    def _sides(self, scaling: Scaling) -> Iterator[tuple[_Side, _Side]]:
        with ExitStack() as opened:
            make = self._own if scaling.on == "stacks" else self._copy
            baseline, candidate = (make(role, scaling, opened) for role in _SIDES)
            yield baseline, candidate

    def _own(self, role: str, scaling: Scaling, _: ExitStack) -> _Side:
        self._world.may_write(role)
        stack = self._world.stack(role)
        return _Side(role, self._world.played_by(role), stack.url, self._world.store(role) if stack.store else None)

    def _copy(self, role: str, scaling: Scaling, opened: ExitStack) -> _Side:
        source = self._world.store(role).url
        if not source.startswith("sqlite"):
            raise HarnessError(
                f"scaling {scaling.id}: only SQLite stores are copied whole; write on: stacks, and both keep the rows"
            )
        folder = self._world.work.resolve() / "scaling"
        folder.mkdir(exist_ok=True)
        url = f"sqlite:///{folder / f'{scaling.id}-{role}'}.db"
        clone(source, url)
        stack = opened.enter_context(closing(self._world.beside(role, url)))
        stack.start()
        return _Side(role, self._world.played_by(role), stack.url, opened.enter_context(closing(Store(url))))

    def _fill(self, side: _Side, scaling: Scaling, first: int, last: int) -> None:
        """Add the rows of these numbers; HarnessError if they cannot be added."""
        self._world.events.emit("scaling", scaling.id, f"{side.role}: up to {last} rows")
        fill, numbers = scaling.fill, {"first": str(first), "last": str(last)}
        if fill.request is not None:
            rows = [{"row": row} for row in range(first, last + 1)]
            for (answer,) in exchange_each([fill.request], side.url, rows, timeout_s=fill.timeout_s):
                if not _is_good(answer):
                    raise HarnessError(f"scaling {scaling.id}: {side.role} took no row: {_told(answer)}")
        elif fill.sql is not None:
            text = str(getattr(fill.sql, side.version))
            for name, value in numbers.items():
                text = text.replace(f"{{{name}}}", value)
            side.sql().execute(text)
        elif fill.command is not None:
            self._world.must(fill.command, fill.timeout_s, {**numbers, "role": side.role, "store": side.sql().url})

    def _costs(self, scaling: Scaling, size: int, baseline: _Side, candidate: _Side) -> Costs | Judgement:
        """What each turn cost either side; a judgement where one of them did not answer."""
        chance = Random(f"{self._world.plan.migration.seed}-{scaling.id}-{size}")
        rows = [{"row": chance.randint(1, size)} for _ in range(_UNMEASURED + scaling.turns)]
        self._turns(scaling, rows[:_UNMEASURED], baseline, candidate)
        before = [self._counter(scaling, side) for side in (baseline, candidate)]
        turns = self._turns(scaling, rows[_UNMEASURED:], baseline, candidate)
        after = [self._counter(scaling, side) for side in (baseline, candidate)]
        if wrong := _unanswered(size, turns):
            return wrong
        if scaling.cost != "seconds":
            one, two = ((end - start) / scaling.turns for start, end in zip(before, after, strict=True))
            return Costs(size, (one,), (two,))
        both = [tuple(1000 * sum(it.seconds for it in turn[side]) for turn in turns) for side in (0, 1)]
        return Costs(size, both[0], both[1])

    def _turns(
        self, scaling: Scaling, rows: Sequence[Mapping[str, int]], baseline: _Side, candidate: _Side
    ) -> list[Pair]:
        """Ask baseline and candidate one after the other, once for each row, and nothing else meanwhile."""
        asked = [scaling.ask] * len(rows)
        return exchange_pairs(asked, baseline.url, candidate.url, captured=rows, at_once=1)

    def _counter(self, scaling: Scaling, side: _Side) -> float:
        if scaling.cost == "seconds":
            return 0.0
        seen = counters(self._world, side.role, side.url)
        if scaling.cost not in seen:
            raise HarnessError(f"scaling {scaling.id}: {side.role} shows no {scaling.cost} among its metrics")
        return seen[scaling.cost]

    def _keep(self, scaling: Scaling, costs: Sequence[Costs]) -> None:
        """Write what was measured so far beside the other evidence."""
        folder = self._world.out / "scaling"
        folder.mkdir(exist_ok=True)
        text = json.dumps({"unit": scaling.unit, "sizes": [asdict(each) for each in costs]})
        (folder / f"{scaling.id}.json").write_text(text, encoding="utf-8")


def _counted(side: _Side, counted: Counted) -> int:
    """How many rows a side has; HarnessError if it does not say."""
    if counted.sql is not None:
        found = side.sql().scalar(getattr(counted.sql, side.version))
    elif counted.request is not None and counted.at is not None:
        (answer,) = exchange([counted.request], side.url)
        try:
            found = at(answer.json(), counted.at)
        except (AbsentError, ValueError):
            raise HarnessError(
                f"{side.role} does not say at {counted.at} how many there are: {_told(answer)}"
            ) from None
        found = len(found) if isinstance(found, list) else found
    if not isinstance(found, int) or isinstance(found, bool):
        raise HarnessError(f"{side.role} was asked how many rows there are, and {found!r} is no number of them")
    return found


def _must_hold(side: _Side, scaling: Scaling, rows: int) -> None:
    if (found := _counted(side, scaling.counted)) != rows:
        raise HarnessError(f"scaling {scaling.id}: {side.role} has {found} rows where it should have {rows} by now")


def _is_good(answer: Answer) -> bool:
    return 0 < answer.status < 400


def _told(answer: Answer) -> str:
    return f"{answer.request} answered {answer.status or answer.error}"


def _unanswered(size: int, turns: Sequence[Pair]) -> Judgement | None:
    """What to conclude where a side did not answer: quick refusals are no low cost."""
    bad = [[answer for turn in turns for answer in turn[side] if not _is_good(answer)] for side in (0, 1)]
    if bad[0]:
        return inconclusive(f"at {size:,} rows the baseline itself fails: {_told(bad[0][0])}")
    if bad[1]:
        finding = Finding("fails with more rows", f"{size:,} rows", "answers", _told(bad[1][0]), count=len(bad[1]))
        return failed(f"at {size:,} rows the candidate fails where the baseline answers", [finding])
    return None
