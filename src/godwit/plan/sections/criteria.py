"""`criteria`, `gates`, `triggers`, `alerts`: what is measured, and where the line is."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.requests import Request
from godwit.plan.sections.words import Duration, Id, Section, Share, Text, WebAddress

USUAL_FLOORS = {"p95": 200, "p99": 1000, "p99.9": 10_000}
"""Samples that a percentile needs unless a plan says why fewer are enough: ten of them lie beyond it."""

Comparison = Literal["<", "<=", ">", ">=", "=="]

Operation = Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*(\[.+\])?$", max_length=200)]
"""An operation of a load, or a function of a file of benchmarks with its parameters, as pytest writes them."""

_SOURCES = {"benchmark_us": "benchmark", "startup_ms": "starts", "recovery_ms": "starts"}
"""What is measured by something other than a load."""


class Limit(Section):
    """Where the line is: absolute, or relative to the baseline with an absolute floor under which no change counts.

    `{absolute: 200}` or `{worse_than_baseline_by: 20%, floor: 10}`.
    """

    absolute: float | None = None
    worse_than_baseline_by: Share | None = None
    floor: float | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Limit":
        relative = self.worse_than_baseline_by is not None
        if relative == (self.absolute is not None):
            raise ValueError("a limit is either absolute or worse_than_baseline_by, not both and not neither")
        if relative != (self.floor is not None):
            raise ValueError("floor belongs to worse_than_baseline_by, which needs one")
        return self


class Floor(Section):
    """The least evidence a criterion may be judged on; `why` is demanded where it is under the usual one."""

    n: Annotated[int, Field(ge=1)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    why: str | None = None


class Criterion(Section):
    """A measurable statement of a gate.

    Exactly one origin: `metric` (with statistic, comparison, limit, evidence, and the `profile`, `benchmark` or `starts`
    that it is measured by), `checks` (stable ids `<phase>/<promise>[/<case>]`; `*` may stand for a part), or `attestation`. A criterion
    that `needs` a capability does not apply to a candidate without it. `documented` is what the documents say the
    baseline's figure is, in `unit`, and `over_s` the time over which they mean it: lints use both, no verdict does.
    `link` is where people read more about it, a requirement say; reports show it.
    """

    id: Id
    sentence: Text
    covers: tuple[Text, ...] = ()
    severity: Literal["blocker", "critical", "normal", "minor"] = "critical"
    mode: Literal["real", "scaled", "attestation"] = "real"
    metric: Id | None = None
    statistic: Literal["p50", "p95", "p99", "p99.9", "mean", "max", "rate", "count", "share"] | None = None
    operation: Operation | None = None
    profile: Id | None = None
    benchmark: Id | None = None
    starts: Id | None = None
    unit: str | None = None
    comparison: Comparison | None = None
    limit: Limit | None = None
    evidence: Floor | None = None
    documented: float | None = None
    over_s: Duration | None = None
    checks: tuple[Text, ...] = ()
    attestation: Id | None = None
    needs: frozenset[Id] = frozenset()
    link: WebAddress | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "Criterion":
        origins = [bool(self.metric), bool(self.checks), bool(self.attestation)]
        if sum(origins) != 1:
            raise ValueError("a criterion has exactly one of metric, checks and attestation")
        asked = {name: getattr(self, name) for name in ("statistic", "unit", "comparison", "limit", "evidence")}
        missing = [name for name, value in asked.items() if value is None]
        if self.metric and missing:
            raise ValueError(f"a measured criterion also needs {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _one_source(self) -> "Criterion":
        source = _SOURCES.get(self.metric or "")
        for word in dict.fromkeys(_SOURCES.values()):
            if (word == source) != (getattr(self, word) is not None):
                metrics = " or ".join(name for name, each in _SOURCES.items() if each == word)
                raise ValueError(f"{word} belongs to metric {metrics}, which needs one")
        if source and (self.profile or (source == "benchmark") != (self.operation is not None)):
            named = "operation (the function in its file), and no profile" if source == "benchmark" else "neither"
            raise ValueError(f"{source} is no load with a profile and its operations; write {named}")
        return self


class Gate(Section):
    """The decision at the end (or beginning) of a phase."""

    id: Id
    title: Text
    criteria: Annotated[tuple[Id, ...], Field(min_length=1)]
    on_failure: Literal["hold", "roll-back"] = "hold"


class Provocation(Section):
    """How a trigger is provoked: a fault given to the candidate, and requests, sent `times` over, in which it shows."""

    fault: dict[str, Any]
    requests: Annotated[tuple[Request, ...], Field(min_length=1)]
    times: Annotated[int, Field(ge=1)]


class Trigger(Section):
    """What calls for a rollback: a metric beyond a limit within a window, on at least `min_samples`."""

    id: Id
    sentence: Text
    metric: Id
    statistic: Literal["p50", "p95", "p99", "p99.9", "mean", "max", "rate", "count", "share"]
    comparison: Comparison
    limit: Limit
    window_s: Duration
    min_samples: Annotated[int, Field(ge=1)]
    runbook: Id
    provoke: Provocation


class Alert(Section):
    """A limit that someone is told about."""

    id: Id
    metric: Id
    comparison: Comparison
    limit: float
    for_s: Duration
    level: Literal["warning", "critical"]
    sink: Text
