"""Asks what the plan asks under one flag case, of the stack that the flags act on; sets no flag and tells no cause."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from godwit.checks import (
    Assignment,
    Glimpse,
    MatrixCase,
    Symptom,
    compare_answers,
    differing,
    judge_read_back,
    judge_shown,
    symptoms_of,
)
from godwit.plan import Allowance, FlagMatrix, Place, Probe, Request
from godwit.session.calibration import Asked, Calibrated
from godwit.session.commands import Commands
from godwit.session.library import Library
from godwit.session.streams import Streams
from godwit.session.world import World
from godwit.surfaces import exchange, exchange_each, exchange_pairs
from godwit.verdict import Answer, Finding, HarnessError, Judgement, Outcome, all_of, failed, inconclusive, passed

_ROLES = ("baseline", "candidate", "router")
_AT_ONCE = 8
_FLEETING_S = 0.2
"""How long flags are waited for once the system was seen to be ill."""


@dataclass(frozen=True, slots=True)
class Written:
    """A record that was written under a case: its id and what must be read of it."""

    case: str
    id: Any
    fields: Mapping[str, Any]


class CaseQuestions:
    """The questions of `flags.matrix`."""

    def __init__(self, world: World, commands: Commands, streams: Streams, library: Library) -> None:
        self._world = world
        self._commands = commands
        self._streams = streams
        self._library = library
        self._number = itertools.count(1)
        self._late: set[str] = set()
        self._was_ill = False
        self._running: tuple[str, ...] | None = None
        self._sure: set[Symptom] = set()

    @property
    def matrix(self) -> FlagMatrix:
        """What the plan asks; HarnessError without it."""
        if self._world.plan.flags.matrix is None:
            raise HarnessError("the plan has no flags.matrix, which says what is asked under each flag case")
        return self._world.plan.flags.matrix

    def answers(self, case: MatrixCase, only: str = "") -> dict[str, Judgement]:
        """Every probe, asked as every caller, and every command line, stream and script, by its id; or `only` one of them."""
        probes = [probe for probe in self._probes() if only in ("", probe.id)]
        found: dict[str, list[Judgement]] = {}
        for headers in self._callers() if probes else ():
            for probe, judgement in self._alike(case, probes, headers):
                found.setdefault(probe.id, []).append(judgement)
        others = {name: ask() for name, ask in self._others() if only in ("", name)}
        return {name: all_of(judgements) for name, judgements in found.items()} | others

    def default(self, probe: Probe) -> Judgement:
        """A probe put to the baseline and to the stack of the matrix, repeated as telling noise takes.

        One that only reads is put as every caller, one that writes as the first.
        """
        callers = self._callers()[:1] if probe.writes else self._callers()
        return all_of(Calibrated(self._world, probe, Asked(self.matrix.on, it)).judgement() for it in callers)

    def begin(self, flags: Assignment) -> Glimpse:
        """Set all flags, and look what shows once they show, or once the time that it may take is over.

        What has been waited for in vain is not waited for again.
        """
        self._revive()
        switches = self._world.switches
        switches.lend()
        switches.give({name: {switches.through(switches.flags[name]): value} for name, value in flags.items()})
        places = self._places
        wanted = {
            name: value for name, value in switches.effective(flags).items() if name in places.keys() - self._late
        }
        seen = switches.wait_for(wanted, places, limit_s=_FLEETING_S if self._was_ill else None)
        self._was_ill |= not seen.healthy
        self._late |= set(differing(wanted, seen.values))
        return switches.look(places)

    def ended(self) -> list[str]:
        """The stacks that ran before the first case and run no more, by role."""
        return [role for role in self._running or () if not self._world.stack(role).is_running()]

    def shown(self, flags: Assignment, seen: Glimpse) -> dict[str, Judgement]:
        """Whether what showed of each flag is what is in effect, and the system was in health.

        A flag of which the plan does not say where it shows is not looked for; none at all is inconclusive.
        """
        if not self._places:
            return {"flags": inconclusive("the plan says nowhere where flags show (flags.shown)")}
        wanted = {name: it for name, it in self._world.switches.effective(flags).items() if name in self._places}
        return judge_shown(wanted, seen)

    def write(self, case: MatrixCase) -> tuple[Written | None, Judgement | None]:
        """Write the record of a case, and whether it was taken; None and None where the plan has no record."""
        spec = self.matrix.record
        if spec is None:
            return None, None
        captured: dict[str, Any] = {"case": case.id, "n": next(self._number)}
        answer = exchange([spec.write], self._url, headers=self._callers()[0], captured=captured)[-1]
        if not 200 <= answer.status < 300 or "id" not in captured:
            return None, _refused(spec.write, answer)
        body = answer.json()
        missing = [name for name in spec.compare if name not in body]
        if missing:
            raise HarnessError(f"flags.matrix.record.compare: {answer.request} answered no {', '.join(missing)}")
        written = Written(case.id, captured["id"], {name: body[name] for name in spec.compare})
        return written, passed(f"{answer.request} answered {answer.status}")

    def read(self, records: list[Written]) -> list[Judgement]:
        """Whether each record can be read as it was written, under the flags in force."""
        spec = self.matrix.record
        if spec is None:
            return []
        ids = [{"id": record.id, "case": record.case} for record in records]
        answers = exchange_each([spec.read], self._url, ids, headers=self._callers()[0])
        return [judge_read_back(record.fields, answer[-1]) for record, answer in zip(records, answers, strict=True)]

    def _revive(self) -> None:
        """Start what a case brought down, so that the next one is judged by itself."""
        stacks = self._world.stacks
        if self._running is None:
            self._running = tuple(role for role in _ROLES if role in stacks and stacks[role].is_running())
        for role in self.ended():
            self._world.events.emit("stack", role, "is started again: it ended under a flag case")
            stacks[role].stop()
            stacks[role].start()

    @cached_property
    def _places(self) -> dict[str, Place]:
        """Where the value of each flag shows that is in effect, for those that show."""
        switches = self._world.switches
        found: dict[str, Place] = {}
        for name, flag in switches.flags.items():
            # What a source shows as its own is in effect only where nothing is required besides.
            source = "default" if flag.requires else switches.through(flag)
            if place := switches.place(flag, "default") or switches.place(flag, source):
                found[name] = place
        return found

    @property
    def _url(self) -> str:
        return self._world.stack(self.matrix.on).url

    def _callers(self) -> list[dict[str, str]]:
        return list(self.matrix.callers.values()) or [{}]

    def _probes(self) -> list[Probe]:
        named, known = self.matrix.probes, self._world.plan.surfaces.http.probes
        capabilities = self._world.plan.stacks.candidate.capabilities
        chosen = [probe for probe in known if (probe.id in named if named else not probe.writes)]
        return [probe for probe in chosen if probe.needs <= capabilities]

    def _alike(
        self, case: MatrixCase, probes: Sequence[Probe], headers: dict[str, str]
    ) -> Iterator[tuple[Probe, Judgement]]:
        """Each probe's answer compared with the baseline's; where they differ it is asked until it is sure that they do.

        What was made sure of under one case is believed under the others.
        """
        surfaces = self._world.plan.surfaces
        writing = any(probe.writes for probe in probes)
        if writing:
            self._world.may_write("baseline", self.matrix.on)
        requests, baseline = [probe.requests for probe in probes], self._world.stack("baseline").url
        pairs = exchange_pairs(requests, baseline, self._url, headers=headers, at_once=1 if writing else _AT_ONCE)
        for probe, (one, other) in zip(probes, pairs, strict=True):
            intended = self._intended(case, probe)
            allowed = [*(it for it in surfaces.allowances if it.probe == probe.id), *intended]
            judgement = compare_answers(probe.id, one, other, surfaces.normalisers, allowed, surfaces.http.headers)
            symptoms = set(symptoms_of({probe.id: judgement}))
            if judgement.outcome is not Outcome.PASSED and not (symptoms and symptoms <= self._sure):
                judgement = Calibrated(self._world, probe, Asked(self.matrix.on, headers, intended)).judgement()
                self._sure |= set(symptoms_of({probe.id: judgement}))
            yield probe, judgement

    def _intended(self, case: MatrixCase, probe: Probe) -> list[Allowance]:
        """What the flags of the case are there to change in the answer to a probe."""
        flags = self._world.switches.effective(case.flags)
        mine = (it for it in self.matrix.changes if it.probe == probe.id)
        fired = (it for it in mine if not differing(it.when, flags))
        return [Allowance(probe=it.probe, at=it.at, reason=it.reason) for it in fired]

    def _others(self) -> Iterator[tuple[str, Callable[[], Judgement]]]:
        surfaces, matrix = self._world.plan.surfaces, self.matrix
        for command in surfaces.cli.commands:
            if command.id in matrix.commands:
                yield f"command {command.id}", partial(self._commands.alike, command)
        for stream in surfaces.events.streams:
            if stream.id in matrix.streams:
                yield f"stream {stream.id}", partial(self._streams.alike, stream)
        for script in surfaces.python.calls:
            if script.id in matrix.calls:
                yield f"calls {script.id}", partial(self._library.calls, script)


def _refused(request: Request, answer: Answer) -> Judgement:
    shown = answer.error or answer.body[:160].decode(errors="replace")
    finding = Finding("not written", f"/{request.method} {request.path.strip('/')}", "2xx", str(answer.status), shown)
    return failed(f"{answer.request} answered {answer.status or answer.error}: no record was written", [finding])
