"""Walks a plan's phases in order, each entered once: flags first, then its steps; the only phase loop there is."""

import time
from collections.abc import Callable, Mapping
from functools import partial

from godwit.plan import Backup, Phase, Step
from godwit.rollout import StepRecord, execute
from godwit.session.backups import Backups
from godwit.session.custody import Custody
from godwit.session.ledgers import LedgerKeeper
from godwit.session.readings import Readings
from godwit.session.selector import Selector
from godwit.session.world import World
from godwit.verdict import GodwitError, HarnessError

_POLL_S = 0.05
_WRITTEN = {
    "run": ("baseline", "candidate", "router"),
    "flags": ("router",),
    "traffic": ("router",),
    "seed": ("baseline",),
    "restore": ("baseline",),
    "convert": ("candidate",),
}
"""Which stacks a deed may change; a command may change any."""


class Walk:
    """Where the run is in its plan. `ensure` brings it to a phase, through the steps of every phase before it."""

    def __init__(
        self,
        world: World,
        ledgers: LedgerKeeper,
        readings: Readings,
        custody: Custody,
        backups: Backups,
        selector: Selector,
    ) -> None:
        self._world = world
        self._ledgers = ledgers
        self._readings = readings
        self._custody = custody
        self._kept = backups
        self._selector = selector
        self._entered = 0
        self._failure = ""
        self.steps: dict[str, StepRecord] = {}

    @property
    def phase(self) -> Phase | None:
        """The phase that was entered last."""
        return self._world.plan.phases[self._entered - 1] if self._entered else None

    def ensure(self, phase_id: str) -> Phase:
        """Be in this phase. HarnessError when it, or one before it, could not be entered; it is tried only once."""
        phases = self._world.plan.phases
        index = next(i for i, phase in enumerate(phases) if phase.id == phase_id)
        if index < self._entered - 1:
            raise HarnessError(f"phase {phase_id} is over; the run is in {phases[self._entered - 1].id}")
        while self._entered <= index:
            self._enter(phases[self._entered])
        return phases[index]

    def execute(self, steps: tuple[Step, ...], name: str) -> tuple[StepRecord, ...]:
        """Carry out steps in order; each is journalled. The record of a failed one is the last."""
        events = self._world.events
        deeds = {deed: partial(self._announced, name, act) for deed, act in self._deeds().items()}
        events.emit("steps-started", name)
        return execute(steps, deeds, self._world.journal, time.monotonic)

    def _announced(self, name: str, act: Callable[[Step], None], step: Step) -> None:
        self._world.events.emit("step", f"{name}/{step.id}", step.deed)
        self._world.may_write(*(role for role in _WRITTEN.get(step.deed, ()) if role in self._world.stacks))
        act(step)

    def _enter(self, phase: Phase) -> None:
        if self._failure:
            raise HarnessError(f"phase {self._failure} could not be entered, as its first check tells")
        self._world.events.emit("phase-entered", phase.id, phase.title)
        try:
            self._carry_out(phase)
        except Exception as error:
            self._failure = phase.id
            if not isinstance(error, GodwitError):
                raise  # nobody has worded it for people yet: its traceback is what helps
            raise HarnessError(f"phase {phase.id} could not be entered: {error}") from error
        self._entered += 1

    def _carry_out(self, phase: Phase) -> None:
        with self._ledgers.writing(phase):
            for record in self.execute(phase.steps, phase.id):
                self.steps[f"{phase.id}/{record.id}"] = record
                if record.outcome == "failed":
                    raise HarnessError(f"step {record.id} ({record.deed}) failed: {record.detail}")
        if phase.flags:
            self._world.switches.set(phase.flags)

    def _deeds(self) -> Mapping[str, Callable[[Step], None]]:
        return {
            "run": lambda step: _ignore(self._world.must(step.run or (), step.timeout_s)),
            "start": self._start,
            "stop": self._stop,
            "healthy": self._healthy,
            "flags": lambda step: self._world.switches.set(step.flags or {}),
            "traffic": lambda step: (
                self._world.router.hold() if step.traffic == "hold" else self._world.router.release()
            ),
            "seed": self._seed,
            "backup": self._backup,
            "restore": self._restore,
            "convert": self._convert,
        }

    def _start(self, step: Step) -> None:
        self._world.switches.serve()
        self._world.stack(str(step.start)).start()
        self._selector.remember_first_flags(str(step.start))

    def _stop(self, step: Step) -> None:
        if step.stop == "baseline":  # afterwards nothing can tell any more how the baseline did
            self._readings.remember_baseline()
        self._world.stack(str(step.stop)).stop()

    def _healthy(self, step: Step) -> None:
        stack = self._world.stack(str(step.healthy))
        ends = time.monotonic() + step.timeout_s
        while not (health := stack.health()).healthy:
            if time.monotonic() > ends:
                raise HarnessError(f"{step.healthy} is not healthy after {step.timeout_s:g} s: {health.detail}")
            time.sleep(_POLL_S)

    def _seed(self, step: Step) -> None:
        state = self._world.plan.state
        if state is None or state.seed is None:
            raise HarnessError("a step seeds, but the plan has no state.seed")
        self._world.must(state.seed.run, state.seed.timeout_s)

    def _backup(self, step: Step) -> None:
        backup = self._backup_named(str(step.backup))
        self._world.must(backup.run, backup.timeout_s, self._backups(backup))
        self._kept.remember(backup)

    def _restore(self, step: Step) -> None:
        backup = self._backup_named(str(step.restore))
        ends = {**self._backups(backup), "target": self._kept.source(backup)}
        self._world.must(backup.restore, backup.timeout_s, ends)

    def _backups(self, backup: Backup) -> dict[str, str]:
        return {"backups": str(self._world.folder(backup.directory)), "source": self._kept.source(backup)}

    def _convert(self, step: Step) -> None:
        state = self._world.plan.state
        if state is None or state.conversion is None:
            raise HarnessError("a step converts, but the plan has no state.conversion")
        self._custody.keep_source()
        same = self._world.setting.candidate_as_baseline
        words = state.conversion.copy_run if same else state.conversion.run
        ends = {
            "source": self._world.stack("baseline").store or "",
            "target": self._world.stack("candidate").store or "",
        }
        self._world.must(words, state.conversion.timeout_s, ends)

    def _backup_named(self, name: str) -> Backup:
        state = self._world.plan.state
        return next(item for item in (state.backups if state else ()) if item.id == name)


def _ignore(_: object) -> None:
    """Drop a result that a step has no use for."""
