"""`profiles`: the loads that a plan asks for, and what a good answer to them holds; says nothing about limits."""

import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.shapes import Segment, Shape, StopAt, segments_of
from godwit.plan.sections.words import Command, Duration, Id, Path, Section, Share, Text

Pointer = Annotated[str, Field(pattern=r"^(/.*)?$")]
"""Where in a JSON document: a JSON Pointer (RFC 6901)."""


class Expected(Section):
    """What an answer must be to count as one: its status, texts that it holds, and `values` of its JSON by JSON Pointer.

    Without `status` any below 400 will do. A command has `exit` in its place, 0 unless said, and its output is the answer.
    An answer that is not as expected is a failed request, however quick.
    """

    status: Annotated[int, Field(ge=200, le=599)] | None = None
    exit: Annotated[int, Field(ge=0, le=255)] | None = None
    contains: tuple[Text, ...] = ()
    values: dict[Pointer, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _something(self) -> "Expected":
        if self.status is None and self.exit is None and not self.contains and not self.values:
            raise ValueError("expect needs status, exit, contains or values")
        return self


class Streamed(Section):
    """A stream of server-sent events that is read until so many `events` have come, or one that holds the text `until`.

    A stream that ends before that has failed; one that goes on is hung up on.
    """

    events: Annotated[int, Field(ge=1, le=10_000)] | None = None
    until: Text | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "Streamed":
        if (self.events is None) == (self.until is None):
            raise ValueError("a stream is read until so many events, or until a text; write one of the two")
        return self


class Asked(Section):
    """What a request of a load has, whatever it is part of."""

    id: Id
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)
    expect: Expected | None = None
    capture: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Pointer] = Field(default_factory=dict)


class FlowStep(Asked):
    """One request of a flow, sent when the one before it was answered well; its time counts from then.

    `capture` keeps values of its answer, by JSON Pointer, for `{name}` in the steps after it.
    """

    path: Path

    @model_validator(mode="after")
    def _no_exit(self) -> "FlowStep":
        if self.expect is not None and self.expect.exit is not None:
            raise ValueError("expect.exit is for commands; a request has a status")
        return self


class Operation(Asked):
    """One operation of a load mix, a request of a `path` or a `command`; `share` is its part of the arrivals, `expect` what
    its answers must hold.

    `then` makes it a flow: the steps that follow it, each counted as an operation of its own. A step whose request before it
    failed is not sent. With `stream` the answer is a stream of events, whose first byte, first event and gaps between events
    are samples of their own. A `command` is started for each arrival and timed till it ended; `{url}` and the stack's other
    places stand in its words and in `env`, `{user}`, `{team}` and `{n}` as in requests.
    """

    share: Share
    path: Path | None = None
    command: Command | None = None
    env: dict[str, str] = Field(default_factory=dict)
    writes: bool = True
    stream: Streamed | None = None
    then: tuple[FlowStep, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> "Operation":
        if (self.path is None) == (self.command is None):
            raise ValueError("an operation has a path or a command, one of the two")
        if self.command and (more := self._said("method", "body", "headers", "capture", "stream", "then")):
            raise ValueError(f"a command has no {more}")
        if self.path and (more := self._said("env", "writes")):
            raise ValueError(f"only a command has {more}")
        if self.stream and (more := self._said("capture", "then")):
            raise ValueError(f"a stream has no {more}")
        if self.expect is not None:
            self._expects(self.expect)
        return self

    def _said(self, *names: str) -> str:
        """Which of these words are not as if they had been left out."""
        fields = type(self).model_fields
        return ", ".join(
            name for name in names if getattr(self, name) != fields[name].get_default(call_default_factory=True)
        )

    def _expects(self, expect: Expected) -> None:
        if self.command and expect.status is not None:
            raise ValueError("expect.status is for requests; a command has exit")
        if self.path and expect.exit is not None:
            raise ValueError("expect.exit is for commands; a request has a status")
        if self.stream and expect.values:
            raise ValueError("a stream is no JSON; write what it holds as contains")

    @property
    def may_write(self) -> bool:
        """Whether it may change state."""
        return self.writes if self.command else self.method != "GET"


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
        if not 0 < self.duration_s < math.inf or not math.isfinite(self.arrivals or 0):
            raise ValueError("a load lasts longer than 0 s, and sends so many requests that they can be counted")
        if not any(operation.share for operation in self.operations):
            raise ValueError("no operation has a share of the arrivals; give one more than 0%")
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
