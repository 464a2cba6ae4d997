"""The plan as one frozen value, made of its sections; it refuses nothing by itself beyond what the sections refuse."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr

from godwit.plan.sections.benchmarks import Benchmark
from godwit.plan.sections.criteria import Alert, Criterion, Gate, Trigger
from godwit.plan.sections.flags import Cohort, Flags, Rollout
from godwit.plan.sections.judges import Judge
from godwit.plan.sections.loads import LoadProfile
from godwit.plan.sections.migration import Migration
from godwit.plan.sections.phases import Attestations, Clock, Defect, NoReturn, Phase, Runbook, Waiver
from godwit.plan.sections.scaling import QueryPlan, Scaling
from godwit.plan.sections.soaks import Footprint, Soak
from godwit.plan.sections.stacks import Stacks
from godwit.plan.sections.starts import Starts
from godwit.plan.sections.state import State
from godwit.plan.sections.surfaces import Surfaces
from godwit.plan.sections.words import Section
from godwit.plan.source import Mark, Where, dotted


class Plan(Section):
    """The whole migration.

    Attributes are the sections of the file, in its order; see docs/reference/plan.md for each word.
    """

    plan_version: Literal[1]
    migration: Migration
    stacks: Stacks
    surfaces: Surfaces = Surfaces()
    flags: Flags = Flags()
    cohorts: tuple[Cohort, ...] = ()
    rollout: Rollout | None = None
    state: State | None = None
    profiles: tuple[LoadProfile, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    starts: tuple[Starts, ...] = ()
    scaling: tuple[Scaling, ...] = ()
    query_plans: tuple[QueryPlan, ...] = ()
    soaks: tuple[Soak, ...] = ()
    footprints: tuple[Footprint, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    judges: tuple[Judge, ...] = ()
    phases: tuple[Phase, ...] = Field(min_length=1)
    gates: tuple[Gate, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    point_of_no_return: NoReturn | None = None
    alerts: tuple[Alert, ...] = ()
    attestations: Attestations = Attestations()
    waivers: tuple[Waiver, ...] = ()
    defects: tuple[Defect, ...] = ()
    clock: Clock = Clock()
    _path: Path = PrivateAttr(default=Path("plan.yaml"))
    _marks: Mapping[Where, Mark] = PrivateAttr(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file that the plan was read from."""
        return self._path

    @property
    def directory(self) -> Path:
        """The folder of the plan; relative paths in it start here."""
        return self._path.parent

    @property
    def beyond_return(self) -> tuple[str, ...]:
        """The phases that come after the one with the point of no return; none where the plan names no such point."""
        point, phases = self.point_of_no_return, [phase.id for phase in self.phases]
        return tuple(phases[phases.index(point.phase) + 1 :]) if point else ()

    def with_candidate_as_baseline(self) -> "Plan":
        """The same plan with the baseline in both roles, for an A/A run."""
        return self.with_stacks(self.stacks.model_copy(update={"candidate": self.stacks.baseline}))

    def with_seed(self, seed: int) -> "Plan":
        """The same plan, from the same file, with another seed."""
        migration = self.migration.model_copy(update={"seed": seed})
        return self.model_copy(update={"migration": migration}).read_from(self._path, self._marks)

    def with_stacks(self, stacks: Stacks) -> "Plan":
        """The same plan, from the same file, with other stacks."""
        return self.model_copy(update={"stacks": stacks}).read_from(self._path, self._marks)

    def with_surfaces(self, surfaces: Surfaces) -> "Plan":
        """The same plan, from the same file, with other surfaces."""
        return self.model_copy(update={"surfaces": surfaces}).read_from(self._path, self._marks)

    def read_from(self, path: Path, marks: Mapping[Where, Mark]) -> "Plan":
        """The same plan, remembering the file that it was read from and the places of its values."""
        copy = self.model_copy()
        copy._path = path  # noqa: SLF001 - its own class
        copy._marks = marks  # noqa: SLF001 - its own class
        return copy

    def place(self, where: Where) -> str:
        """`file:line:col: path` of a value, or of the nearest value around it; only the path if none is known."""
        near = where
        while near and near not in self._marks:
            near = near[:-1]
        mark = self._marks.get(near)
        return f"{self._path}:{mark.line}:{mark.column}: {dotted(where)}" if mark else dotted(where)
