"""`profiles`: the loads that a plan asks for, and what a good answer to them holds; says nothing about limits."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.shapes import Segment, Shape, StopAt, segments_of
from godwit.plan.sections.words import Duration, Id, Path, Section, Share, Text

Pointer = Annotated[str, Field(pattern=r"^(/.*)?$")]
"""Where in a JSON document: a JSON Pointer (RFC 6901)."""


class Expected(Section):
    """What an answer must be to count as one: its status, texts that it holds, and `values` of its JSON by JSON Pointer.

    Without `status` any below 400 will do. An answer that is not as expected is a failed request, however quick.
    """

    status: Annotated[int, Field(ge=200, le=599)] | None = None
    contains: tuple[Text, ...] = ()
    values: dict[Pointer, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self) -> "Expected":
        if self.status is None and not self.contains and not self.values:
            raise ValueError("expect needs status, contains or values")
        return self


class FlowStep(Section):
    """One request of a flow, sent when the one before it was answered well; its time counts from then.

    `capture` keeps values of its answer, by JSON Pointer, for `{name}` in the steps after it.
    """

    id: Id
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    path: Path
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)
    expect: Expected | None = None
    capture: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Pointer] = Field(default_factory=dict)


class Operation(FlowStep):
    """One request of a load mix; `share` is its part of the arrivals, `expect` what its answers must hold.

    `then` makes it a flow: the steps that follow it, each counted as an operation of its own. A step whose request before it
    failed is not sent.
    """

    share: Share
    then: tuple[FlowStep, ...] = ()


class LoadProfile(Section):
    """A load: arrivals per second on a schedule, split over operations, for a time after a warm-up.

    With `block` each side takes so many arrivals in one go, then the other as many with the same operations; which begins
    is drawn by the seed. `other_work` is how much of the machine other work may use meanwhile without making the load
    worthless (30 % where it is left out). `target` stacks measures baseline and candidate in turn, arrival by arrival;
    router sends everything through it.

    `workers` is the number of processes that send (one is enough for some ten thousand arrivals a second), `connections`
    the most that each opens to a side. `loop` closed sends no schedule: `concurrency` requests are under way at any
    time, each followed by the next when it is answered, `think_s` later. A slow candidate then gets less load and hides behind
    it, so such figures are labelled, and limits on them say less.

    `shape` is how the rate goes over time; without one it is `rate_per_s` throughout. A load that goes past `stop_at` is
    ended at once, and nothing is judged on it.
    """

    id: Id
    rate_per_s: Annotated[float, Field(gt=0)] | None = None
    duration_s: Duration
    warmup_s: Duration = 1.0
    target: Literal["stacks", "router"] = "stacks"
    users: Annotated[int, Field(ge=1)] = 200
    other_work: Share = 30.0
    block: Annotated[int, Field(ge=1, le=1000)] | None = None
    loop: Literal["open", "closed"] = "open"
    concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = None
    think_s: Duration | None = None
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    connections: Annotated[int, Field(ge=1, le=60_000)] = 2000
    shape: Shape | None = None
    stop_at: StopAt | None = None
    operations: Annotated[tuple[Operation, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_loop(self) -> "LoadProfile":
        is_closed = self.loop == "closed"
        if is_closed != (self.rate_per_s is None):
            raise ValueError("an open loop needs rate_per_s; a closed one has none, because the answers decide")
        if is_closed != (self.concurrency is not None) or (self.think_s is not None and not is_closed):
            raise ValueError("concurrency (needed) and think_s belong to loop: closed")
        if is_closed and self.shape is not None:
            raise ValueError("shape belongs to loop: open; a closed one has no rate")
        return self

    @model_validator(mode="after")
    def _can_be(self) -> "LoadProfile":
        _ = self.segments
        return self

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The rate of the measured part over time; nothing where the answers decide."""
        return () if self.rate_per_s is None else segments_of(self.shape, self.rate_per_s, self.duration_s)

    @property
    def arrivals(self) -> float | None:
        """How many arrivals are measured on all sides together; None where the answers decide."""
        return sum(each.arrivals for each in self.segments) if self.segments else None

    @property
    def told(self) -> str:
        """What is asked for, in words."""
        if self.rate_per_s is None:
            return f"{self.concurrency} at once for {self.duration_s:g} s"
        steady = f"{self.rate_per_s:g}/s for {self.duration_s:g} s"
        if self.shape is None or self.shape.kind == "constant":
            return steady
        return f"{self.shape.kind} from {self.shape.from_per_s:g}/s to {steady}"
