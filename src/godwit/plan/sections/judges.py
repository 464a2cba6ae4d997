"""`judges`: how a rollout step is judged by what users of either side meet; leaves the arithmetic to the checks."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.words import Id, Section, Share, Text

_LEAST_N = {"p90": 100, "p95": 200, "p99": 1000}


class JudgeMetric(Section):
    """One thing that a judge looks at, on candidate and baseline at once.

    A `distribution` is judged by all of its values, a `count` by how many of n failed. What is worse by less than
    `tolerance` of the baseline or less than `floor` (ms; percentage points for a count) is allowed, and at the `tail`
    by less than `tail_tolerance`. Nothing is decided on fewer than `min_n` values a side. `metric` is, under load,
    response_ms or error_rate_percent; in a recorded series it is the name of a metric there.
    """

    id: Id
    metric: Text
    kind: Literal["distribution", "count"]
    operation: Id | None = None
    worse: Literal["higher", "lower", "either"]
    tolerance: Share
    floor: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    tail: Literal["p90", "p95", "p99"] | None = None
    tail_tolerance: Share | None = None
    min_n: Annotated[int, Field(ge=2)]
    why: Text | None = None
    missing: Literal["inconclusive", "zero"] = "inconclusive"

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "JudgeMetric":
        spread = self.kind == "distribution"
        if spread != (self.tail is not None) or spread != (self.tail_tolerance is not None):
            raise ValueError("a distribution needs tail and tail_tolerance, and a count has neither")
        if not spread and self.worse != "higher":
            raise ValueError("a count of failures is worse when it is higher")
        needed = _LEAST_N.get(self.tail or "", 0)
        if self.min_n < needed and self.why is None:
            raise ValueError(f"{self.tail} needs min_n of {needed}; say why where fewer have to do")
        return self


class Judge(Section):
    """Judges candidate against baseline at every look: promote, hold or abort.

    `alpha` is the chance of one false alarm over all looks and metrics together, and of one wrong promotion.
    """

    id: Id
    alpha: Annotated[float, Field(gt=0, le=0.1)]
    metrics: Annotated[tuple[JudgeMetric, ...], Field(min_length=1)]
