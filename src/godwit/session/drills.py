"""Drills a rollback for each trigger: quiet, provoked, fired, runbook, baseline back; each drill is carried out once."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from godwit.checks import TriggerReading, judge_provoked, judge_quiet, judge_within, trigger_reading
from godwit.plan import Runbook, Trigger
from godwit.rollout import StepRecord
from godwit.session.backups import Backups
from godwit.session.readings import Readings
from godwit.session.walk import Walk
from godwit.session.world import World
from godwit.surfaces import send
from godwit.verdict import Finding, HarnessError, Judgement, Observation, failed, inconclusive, judged, passed


@dataclass(frozen=True, slots=True)
class Drill:
    """What one drill showed, from before the fault to after the runbook."""

    quiet: Observation
    provoked: Observation
    steps: tuple[StepRecord, ...]
    seconds: float
    flags: dict[str, Any]
    out_of_reach: frozenset[str]
    served_by: str
    healthy: bool
    health_detail: str
    state: Judgement
    kept: Judgement


class Drills:
    """One drill a trigger, made when it is first asked for."""

    def __init__(self, world: World, walk: Walk, readings: Readings, backups: Backups) -> None:
        self._world = world
        self._walk = walk
        self._readings = readings
        self._backups = backups
        self._done: dict[str, Drill] = {}

    def quiet(self, trigger: Trigger) -> Judgement:
        """Whether the trigger stays quiet on a healthy candidate."""
        return judge_quiet(trigger, self._read(trigger, self._drill(trigger).quiet))

    def fired(self, trigger: Trigger) -> Judgement:
        """Whether the trigger fires when its cause is given."""
        return judge_provoked(trigger, self._read(trigger, self._drill(trigger).provoked))

    def carried_out(self, trigger: Trigger) -> Judgement:
        """Whether each step of the runbook was carried out, in order."""
        wanted = [step.id for step in self._runbook(trigger).steps]
        steps = self._drill(trigger).steps
        bad = [Finding(f"step {step.outcome}", step.id, reason=step.detail) for step in steps if step.outcome != "done"]
        if [step.id for step in steps] != wanted:
            bad.append(
                Finding(
                    "steps not carried out as written", "runbook", ", ".join(wanted), ", ".join(s.id for s in steps)
                )
            )
        return judged(bad, len(steps), "steps")

    def in_time(self, trigger: Trigger) -> Judgement:
        """Whether the runbook ended within its time."""
        runbook = self._runbook(trigger)
        return judge_within(self._drill(trigger).seconds, runbook.max_s, f"runbook {runbook.id}")

    def baseline_serves(self, trigger: Trigger) -> Judgement:
        """Whether the baseline is healthy and serves what comes through the router."""
        drill = self._drill(trigger)
        if not drill.healthy:
            return failed(f"the baseline is not healthy after the runbook: {drill.health_detail}")
        if drill.served_by != "baseline":
            return failed(f"after the runbook a request through the router is served by {drill.served_by}")
        return passed("the baseline is healthy and serves requests through the router")

    def state_intact(self, trigger: Trigger) -> Judgement:
        """Whether the baseline's state after the runbook is the backup's."""
        return self._drill(trigger).state

    def flags_reset(self, trigger: Trigger) -> Judgement:
        """Whether the flags are back at their defaults, if the runbook says that it resets them.

        Those of a stack that the runbook has ended act no more, and those that a stack lacks never did: nobody shows them.
        """
        if not self._runbook(trigger).resets_flags:
            return passed("the runbook states that it leaves the flags alone")
        seen, beyond = self._drill(trigger).flags, self._drill(trigger).out_of_reach
        flags = [flag for flag in self._world.plan.flags.flags if flag.name not in beyond]
        wanted = {flag.name: flag.baseline_value for flag in flags}
        off = [
            Finding("flag not reset", name, str(value), str(seen.get(name)))
            for name, value in wanted.items()
            if _plain(seen.get(name)) != _plain(value)
        ]
        return judged(off, len(wanted), "flags")

    def kept(self, trigger: Trigger) -> Judgement:
        """Whether everything that the runbook keeps was written by this drill, and is not empty."""
        return self._drill(trigger).kept

    def _drill(self, trigger: Trigger) -> Drill:
        if trigger.id not in self._done:
            self._world.events.emit("drill", trigger.id, trigger.sentence)
            self._done[trigger.id] = self._carry_out(trigger)
        return self._done[trigger.id]

    def _carry_out(self, trigger: Trigger) -> Drill:
        runbook = self._runbook(trigger)
        self._advance(runbook)
        quiet = self._readings.observe(trigger, "candidate")
        provoked = self._readings.observe(trigger, "candidate", provoked=True)
        began_s, started = time.time(), time.monotonic()
        steps = self._walk.execute(runbook.steps, f"runbook {runbook.id} ({trigger.id})")
        seconds = time.monotonic() - started
        health = self._world.stack("baseline").health()
        state = self._backups.as_backed_up(str(runbook.backup))
        kept = self._judge_kept(runbook, began_s)
        return Drill(
            quiet, provoked, steps, seconds,
            dict(self._world.switches.look().values), self._world.switches.out_of_reach(), self._who_serves(),
            health.healthy, health.detail, state, kept,
        )  # fmt: skip

    def _judge_kept(self, runbook: Runbook, since_s: float) -> Judgement:
        """Judged at once: what a later drill writes, or an earlier one wrote, says nothing about this one."""
        wanted = [self._world.folder(pattern) for pattern in runbook.keeps]
        if not wanted:
            return inconclusive("the runbook names nothing that it keeps")
        lost = [path for path in wanted if not any(_is_new(found, since_s) for found in path.parent.glob(path.name))]
        return judged([Finding("not kept", path.name) for path in lost], len(wanted), "artefacts")

    def _advance(self, runbook: Runbook) -> None:
        """Have the candidate in service again after an earlier drill: by the steps of the phase that the runbook leaves."""
        if self._world.stack("candidate").is_running() and self._who_serves() == "candidate":
            return
        phase = next(item for item in self._world.plan.phases if item.id == runbook.from_phases[0])
        records = self._walk.execute(phase.steps, f"{phase.id} again")
        if bad := [record for record in records if record.outcome == "failed"]:
            raise HarnessError(f"the candidate could not be brought back into service: {bad[0].id}: {bad[0].detail}")

    def _who_serves(self) -> str:
        who, team = self._world.users[0]
        router = self._world.plan.rollout.router  # type: ignore[union-attr]
        headers = {router.user_header: who, router.team_header: team}
        answer = send("GET", self._world.stack("router").url + router.ask, headers=headers)
        return self._world.router.served_by(answer) or f"nobody (status {answer.status})"

    def _read(self, trigger: Trigger, observed: Observation) -> TriggerReading:
        return trigger_reading(trigger, observed, "candidate", self._readings.baseline.get(trigger.id))

    def _runbook(self, trigger: Trigger) -> Runbook:
        return next(runbook for runbook in self._world.plan.runbooks if runbook.id == trigger.runbook)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple | list) else value


def _is_new(path: Path, since_s: float) -> bool:
    """Whether something was written there since then (file systems may date it a tick early), and it is not empty."""
    files = list(path.iterdir()) if path.is_dir() else [path]
    return any(file.stat().st_size > 0 and file.stat().st_mtime >= since_s - 0.05 for file in files)
