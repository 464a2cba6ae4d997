"""`scaling`, `query_plans`: what must not grow dearer with the state; says nothing about how it is measured."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.requests import Request
from godwit.plan.sections.words import Command, Duration, Id, Pointer, Section, Text

_FACTOR = 10


class OnBoth(Section):
    """The same in the SQL of either side's store."""

    baseline: Text
    candidate: Text


class Filling(Section):
    """How rows are added to a side: exactly one of these.

    `request` is sent once for each row, with `{row}` as its number; `sql` is carried out in the side's store and `command`
    is run, each with `{first}` and `{last}` as the numbers of the rows to add (`{store}` is the store, for a command).
    """

    request: Request | None = None
    sql: OnBoth | None = None
    command: Command | None = None
    timeout_s: Duration = 120.0

    @model_validator(mode="after")
    def _one_way(self) -> "Filling":
        if sum(way is not None for way in (self.request, self.sql, self.command)) != 1:
            raise ValueError("rows are added in exactly one way: request, sql or command")
        return self


class Counted(Section):
    """How many rows a side has: `sql` gives one number in its store, or a request's answer holds it `at` a JSON Pointer.

    A list there counts as its length. What a side answers also shows that it has noticed rows put into its store.
    """

    sql: OnBoth | None = None
    request: Request | None = None
    at: Pointer | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Counted":
        if (self.sql is None) == (self.request is None) or (self.request is None) != (self.at is None):
            raise ValueError("rows are counted by sql, or by request and at")
        return self


class Scaling(Section):
    """Requests whose cost must not grow faster with the number of rows than the baseline's.

    Both sides get rows up to each of `sizes` and are asked in turn, `turns` times at each; `{row}` in `ask` is the number
    of a row, drawn by the seed. `cost` is the time of the answers, or a counter of the stacks (`metrics.series`, such
    as queries sent). The exponent of the cost is fitted over the sizes. The candidate's may be greater by
    `exponent_worse_by_at_most`; a growth from the smallest size to the largest that is greater by less than `floor` (in
    ms, or counted) is none. `copies` are instances of both versions on copies of their stores; `stacks` are the plan's own,
    which keep the rows.
    """

    id: Id
    sentence: Text
    on: Literal["copies", "stacks"] = "copies"
    fill: Filling
    counted: Counted
    sizes: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=3)]
    ask: Annotated[tuple[Request, ...], Field(min_length=1)]
    turns: Annotated[int, Field(ge=10, le=10_000)] = 40
    cost: Id = "seconds"
    exponent_worse_by_at_most: Annotated[float, Field(ge=0, le=3)]
    floor: Annotated[float, Field(gt=0)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    phases: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _sizes_rise(self) -> "Scaling":
        if any(size >= after for size, after in zip(self.sizes, self.sizes[1:], strict=False)):
            raise ValueError("sizes rise; write the smallest first and each once")
        if self.sizes[-1] < _FACTOR * self.sizes[0]:
            raise ValueError(f"over less than a factor of {_FACTOR} no exponent shows; write a larger last size")
        return self

    @property
    def unit(self) -> str:
        """What a cost is told in."""
        return "ms" if self.cost == "seconds" else self.cost


class QueryPlan(Section):
    """A query that the baseline's store answers through an index, and the one that stands for it on the candidate's store.

    Both databases are asked how they would answer; neither carries the query out. Values stand in it as they are.
    """

    id: Id
    sentence: Text
    baseline: Text
    candidate: Text
    phases: tuple[Id, ...] = ()
