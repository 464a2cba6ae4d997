"""The plan as one frozen value, made of its sections; it refuses nothing by itself beyond what the sections refuse."""

from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr

from godwit.plan.sections.criteria import Alert, Criterion, Gate, LoadProfile, Trigger
from godwit.plan.sections.flags import Cohort, Flags, Rollout
from godwit.plan.sections.migration import Migration
from godwit.plan.sections.phases import Attestations, Clock, Defect, Phase, Runbook, Waiver
from godwit.plan.sections.stacks import Stacks
from godwit.plan.sections.state import State
from godwit.plan.sections.surfaces import Surfaces
from godwit.plan.sections.words import Section


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
    criteria: tuple[Criterion, ...] = ()
    phases: tuple[Phase, ...] = Field(min_length=1)
    gates: tuple[Gate, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    alerts: tuple[Alert, ...] = ()
    attestations: Attestations = Attestations()
    waivers: tuple[Waiver, ...] = ()
    defects: tuple[Defect, ...] = ()
    clock: Clock = Clock()
    _path: Path = PrivateAttr(default=Path("plan.yaml"))

    @property
    def path(self) -> Path:
        """The file that the plan was read from."""
        return self._path

    @property
    def directory(self) -> Path:
        """The folder of the plan; relative paths in it start here."""
        return self._path.parent

    def with_candidate_as_baseline(self) -> "Plan":
        """The same plan with the baseline in both roles, for an A/A run."""
        return self.with_stacks(self.stacks.model_copy(update={"candidate": self.stacks.baseline}))

    def with_stacks(self, stacks: Stacks) -> "Plan":
        """The same plan, from the same file, with other stacks."""
        copy = self.model_copy(update={"stacks": stacks})
        copy._path = self._path
        return copy
