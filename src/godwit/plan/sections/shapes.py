"""`shape` and `stop_at` of a load: its rate over time in straight lines, and when it ends at once; sends nothing, judges nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.words import Duration, Section, Share

Kind = Literal["constant", "ramp", "step", "spike", "soak", "knee"]


@dataclass(frozen=True, slots=True)
class Segment:
    """So many seconds in which the rate goes in a straight line from one to another, in arrivals a second."""

    seconds: float
    begin_per_s: float
    end_per_s: float

    @property
    def arrivals(self) -> float:
        """How many arrivals it lets through."""
        return self.seconds * (self.begin_per_s + self.end_per_s) / 2


class Shape(Section):
    """How the rate of a load goes over its `duration_s`; `rate_per_s` is the highest that it reaches, `from_per_s` the lowest.

    `ramp` goes up in a straight line, `step` in `steps` equal ones of equal length, `knee` in `steps` that each are the same
    part higher than the one before. `spike` stays low, is high for `peak_s` in the middle and low again; `soak` is high
    but for its beginning and its end. Both take `rise_s` to get up and to get down again (a spike none if it is left out).
    """

    kind: Kind
    from_per_s: Annotated[float, Field(ge=0)] | None = None
    steps: Annotated[int, Field(ge=2, le=100)] | None = None
    peak_s: Duration | None = None
    rise_s: Duration | None = None

    @model_validator(mode="after")
    def _has_its_words(self) -> "Shape":
        needed, allowed = _WORDS[self.kind]
        said = {name for name in ("from_per_s", "steps", "peak_s", "rise_s") if getattr(self, name) is not None}
        if missing := [name for name in needed if name not in said]:
            raise ValueError(f"shape {self.kind} also needs {', '.join(missing)}")
        if more := sorted(said - {*needed, *allowed}):
            raise ValueError(
                f"shape {self.kind} has no {', '.join(more)}; it has {', '.join((*needed, *allowed)) or 'no more words'}"
            )
        if self.kind == "knee" and not self.from_per_s:
            raise ValueError("shape knee begins above 0: each of its steps is a multiple of the one before")
        return self


_WORDS: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "constant": ((), ()),
    "ramp": (("from_per_s",), ()),
    "step": (("from_per_s", "steps"), ()),
    "spike": (("from_per_s", "peak_s"), ("rise_s",)),
    "soak": (("from_per_s", "rise_s"), ()),
    "knee": (("from_per_s", "steps"), ()),
}
"""Which words a shape needs, and which it may have besides."""


class StopAt(Section):
    """When a load ends at once: a share of failed answers or a percentile of the last ten seconds that is past its limit."""

    errors: Share | None = None
    p50_s: Duration | None = None
    p95_s: Duration | None = None
    p99_s: Duration | None = None

    @model_validator(mode="after")
    def _something(self) -> "StopAt":
        if not any(getattr(self, name) is not None for name in type(self).model_fields):
            raise ValueError("stop_at needs errors, p50_s, p95_s or p99_s")
        return self


def segments_of(shape: Shape | None, rate_per_s: float, duration_s: float) -> tuple[Segment, ...]:
    """The straight lines of a load, in order of time; without a shape it is constant. ValueError for a shape that cannot be."""
    if shape is None or shape.kind == "constant":
        return (Segment(duration_s, rate_per_s, rate_per_s),)
    begin = shape.from_per_s or 0.0
    if begin >= rate_per_s:
        raise ValueError(f"shape {shape.kind} rises: from_per_s ({begin:g}) must be under rate_per_s ({rate_per_s:g})")
    found = _MADE[shape.kind](shape, begin, rate_per_s, duration_s)
    if any(each.seconds < 0 for each in found):
        raise ValueError(f"shape {shape.kind} takes longer than duration_s ({duration_s:g} s) to get up and down")
    return tuple(each for each in found if each.seconds > 0)


def _ramp(_: Shape, begin: float, top: float, seconds: float) -> list[Segment]:
    return [Segment(seconds, begin, top)]


def _step(shape: Shape, begin: float, top: float, seconds: float) -> list[Segment]:
    steps = shape.steps or 2
    rates = [begin + (top - begin) * place / (steps - 1) for place in range(steps)]
    return [Segment(seconds / steps, rate, rate) for rate in rates]


def _knee(shape: Shape, begin: float, top: float, seconds: float) -> list[Segment]:
    steps = shape.steps or 2
    rates = [begin * (top / begin) ** (place / (steps - 1)) for place in range(steps)]
    return [Segment(seconds / steps, rate, rate) for rate in rates]


def _spike(shape: Shape, begin: float, top: float, seconds: float) -> list[Segment]:
    rise_s, peak_s = shape.rise_s or 0.0, shape.peak_s or 0.0
    low = Segment((seconds - peak_s - 2 * rise_s) / 2, begin, begin)
    return [low, Segment(rise_s, begin, top), Segment(peak_s, top, top), Segment(rise_s, top, begin), low]


def _soak(shape: Shape, begin: float, top: float, seconds: float) -> list[Segment]:
    rise_s = shape.rise_s or 0.0
    return [Segment(rise_s, begin, top), Segment(seconds - 2 * rise_s, top, top), Segment(rise_s, top, begin)]


_MADE: Mapping[str, Callable[[Shape, float, float, float], list[Segment]]] = {
    "ramp": _ramp,
    "step": _step,
    "spike": _spike,
    "soak": _soak,
    "knee": _knee,
}
