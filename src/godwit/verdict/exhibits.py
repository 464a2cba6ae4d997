"""What pictures of a run are drawn from: when what happened, how fast answers were, what a judge saw; values that decide nothing."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

_INFINITE = ConfigDict(ser_json_inf_nan="strings")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that took place, in seconds since the run began. `kind` is phase, step, load, rollout-step, drill or fault."""

    kind: str
    subject: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Curve:
    """How long the answers of one side took under a load: (percent of all requests, ms), as far as the samples tell.

    A failed request took longer than any answer, so a curve ends where failed requests begin.
    """

    load: str
    side: str
    n: int
    failed: int
    points: tuple[tuple[float, float], ...]
    source: str


@dataclass(frozen=True, slots=True)
class LookChange:
    """A statistic `of` one metric at a look: either side's value, the change with its interval, and the change allowed."""

    __pydantic_config__: ClassVar[ConfigDict] = _INFINITE

    metric: str
    of: str
    baseline: float
    candidate: float
    change: float
    low: float
    high: float
    limit: float
    unit: str


@dataclass(frozen=True, slots=True)
class LookRecord:
    """One look of a judge at a rollout step: seconds since its soak began, its decision, and what it was decided on."""

    step: str
    number: int
    at_s: float
    decision: str
    trouble: str
    changes: tuple[LookChange, ...]
    source: str


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """A kind of fault that a command was tried under: how many tries, how many of them took effect."""

    subject: str
    tried: int
    took_effect: int
    source: str


@dataclass(frozen=True, slots=True)
class Exhibits:
    """All of a run; what a run has not stays empty."""

    marks: tuple[Mark, ...] = ()
    curves: tuple[Curve, ...] = ()
    looks: tuple[LookRecord, ...] = ()
    faults: tuple[FaultRecord, ...] = ()
