"""Has Hypothesis make sequences of the plan's operations and shrink one on which the sides part; judges no single answer."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from godwit.checks import compare_answers
from godwit.plan import Allowance, Plan, SequenceOperation
from godwit.session.shrinking import Ending, PartedError, TimeLimit, search, settings
from godwit.session.world import World
from godwit.surfaces import exchange
from godwit.verdict import Answer, Judgement, Outcome, failed, inconclusive, passed

SIDES = ("baseline", "candidate")
_ALL = "sequences"


@dataclass(frozen=True)
class Call:
    """One operation of a sequence: what was drawn for it, and the numbers of the calls that made what it uses."""

    operation: SequenceOperation
    drawn: Mapping[str, Any]
    picked: Mapping[str, int]


@dataclass
class Course:
    """One sequence as it goes: what was asked of each side, what it answered, and what it made."""

    plan: Plan
    answers: dict[str, list[Answer]] = field(default_factory=lambda: {side: [] for side in SIDES})
    known: dict[str, dict[tuple[str, int], Any]] = field(default_factory=lambda: {side: {} for side in SIDES})
    calls: list[Call] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """The ids of the operations so far."""
        return [call.operation.id for call in self.calls]

    def ask(self, call: Call, urls: Mapping[str, str]) -> set[str]:
        """Ask both sides, baseline first; the names of what both have made."""
        number, operation = len(self.calls), call.operation
        made = set(operation.makes)
        for side in SIDES:
            captured = {**call.drawn, **{name: self.known[side][name, token] for name, token in call.picked.items()}}
            asking = operation.model_copy(update={"capture": operation.makes})
            (answer,) = exchange([asking], urls[side], captured=captured)
            self.answers[side].append(answer)
            fresh = {name for name in operation.makes if name in captured}
            self.known[side] |= {(name, number): captured[name] for name in fresh}
            made &= fresh
        self.calls.append(call)
        return made

    def judgement(self) -> Judgement:
        """How the answers so far compare."""
        surfaces = self.plan.surfaces
        baseline, candidate = (self.answers[side] for side in SIDES)
        allowances = [*self._allowances(surfaces.allowances)]
        return compare_answers(_ALL, baseline, candidate, surfaces.normalisers, allowances, surfaces.http.headers)

    def _allowances(self, allowances: Sequence[Allowance]) -> Iterator[Allowance]:
        """What is allowed for an operation, at every place of the sequence where it was asked."""
        for number, name in enumerate(self.asked):
            place = f"/{number}" if len(self.asked) > 1 else ""
            for item in allowances:
                if item.probe == name:
                    yield item.model_copy(update={"probe": _ALL, "at": place + item.at})

    def told(self) -> str:
        """The sequence, numbered from 0 as its findings are, with both sides' status."""
        rows = zip(self.asked, *(self.answers[side] for side in SIDES), strict=True)
        return "; ".join(
            f"{number}: {one.request} ({name}) answered {one.status or 'nothing'} / {other.status or 'nothing'}"
            for number, (name, one, other) in enumerate(rows)
        )


@dataclass
class Exploration:
    """Everything that the tried sequences showed."""

    limit: TimeLimit
    courses: int = 0
    requests: int = 0
    accepted: set[str] = field(default_factory=set)
    unsettled: str = ""
    parted: tuple[Course, Judgement] | None = None
    first: tuple[Course, Judgement] | None = None

    def note(self, course: Course) -> Outcome:
        """Take the last exchange into account; raises when the sides have parted on it."""
        self.requests += 1
        if 200 <= course.answers["baseline"][-1].status < 300:
            self.accepted.add(course.asked[-1])
        judgement = course.judgement()
        if judgement.outcome is Outcome.FAILED:
            self.parted = course, judgement
            self.first = self.first or self.parted
            raise PartedError
        if judgement.outcome is not Outcome.PASSED:
            self.unsettled = self.unsettled or judgement.reason
        return judgement.outcome


def explored(world: World) -> Judgement:
    """Try sequences of the plan's operations on both sides; the smallest one on which they part is the finding."""
    http = world.plan.surfaces.http
    if not http.operations:
        return inconclusive("the plan names no surfaces.http.operations")
    if any(operation.writes for operation in http.operations):
        world.may_write(*SIDES)
    exploration = Exploration(TimeLimit(http.sequences.limit_s))
    ending = _explore(world, exploration)
    if ending is not Ending.UNSTEADY and exploration.parted:
        urls = {side: world.stack(side).url for side in SIDES}
        exploration.parted = shortened(*exploration.parted, urls, time.monotonic() + http.sequences.limit_s)
    return _judged(world.plan, exploration, ending)


def shortened(course: Course, judgement: Judgement, urls: Mapping[str, str], ends: float) -> tuple[Course, Judgement]:
    """The sequence without every request that it parts without: Hypothesis may leave some that looked needed."""
    number = len(course.calls) - 1
    while number >= 0 and len(course.calls) > 1 and time.monotonic() < ends:
        again = _without(course, number, urls)
        if again is not None:
            course, judgement = again
        number = min(number, len(course.calls)) - 1
    return course, judgement


def _without(course: Course, dropped: int, urls: Mapping[str, str]) -> tuple[Course, Judgement] | None:
    """The sequence tried again without one request; None if it no longer parts or needs what that one made."""
    again = Course(course.plan)
    places: dict[int, int] = {}
    for number, call in enumerate(course.calls):
        if number == dropped:
            continue
        if any(token not in places for token in call.picked.values()):
            return None
        picked = {name: places[token] for name, token in call.picked.items()}
        if any(item not in again.known[side] for side in SIDES for item in picked.items()):
            return None
        places[number] = len(again.calls)
        again.ask(replace(call, picked=picked), urls)
        judgement = again.judgement()
        if judgement.outcome is not Outcome.PASSED:
            return (again, judgement) if judgement.outcome is Outcome.FAILED else None
    return None


def _judged(plan: Plan, seen: Exploration, ending: Ending) -> Judgement:
    if seen.parted and seen.first:
        steady = ending is not Ending.UNSTEADY
        course, judgement = seen.parted if steady else seen.first
        why = f"{course.told()}; {judgement.reason}"
        if not steady:
            why = f"it depends on what earlier sequences left behind, so that it is not shrunk: {why}"
        return failed(f"{len(course.asked)} request(s) on which the sides part: {why}", judgement.findings)
    told = f"{seen.courses} sequence(s), {seen.requests} request(s) to each side"
    if seen.unsettled:
        return inconclusive(f"{seen.unsettled}; {told}")
    if ending is Ending.TIME_OVER:
        asked = plan.surfaces.http.sequences.examples
        return inconclusive(f"its time was over after {seen.courses} of {asked} sequences; raise limit_s; {told}")
    never = [operation.id for operation in plan.surfaces.http.operations if operation.id not in seen.accepted]
    if never:
        return inconclusive(f"the baseline never accepted {', '.join(never)}; {told}")
    return passed(f"{told}, all answered alike")


def _explore(world: World, exploration: Exploration) -> Ending:
    """Let Hypothesis try; how that ended."""
    from hypothesis import seed
    from hypothesis.stateful import run_state_machine_as_test

    wanted = world.plan.surfaces.http.sequences
    asked = settings(wanted.examples, stateful_step_count=wanted.steps)
    machine = seed(world.plan.migration.seed)(_machine(world, exploration))
    return search(lambda: run_state_machine_as_test(machine, settings=asked), exploration.limit)


def _machine(world: World, exploration: Exploration) -> type:
    """A state machine with one rule for each operation and one bundle for each name that operations make."""
    from hypothesis import strategies as st
    from hypothesis.stateful import Bundle, RuleBasedStateMachine, multiple, rule

    operations = world.plan.surfaces.http.operations
    urls = {side: world.stack(side).url for side in SIDES}
    bundles: dict[str, Any] = {name: Bundle(name) for operation in operations for name in operation.makes}

    def start(self: Any) -> None:
        RuleBasedStateMachine.__init__(self)
        self.course = Course(world.plan)
        self.stopped = False
        exploration.limit.keep(parted=exploration.parted is not None)
        exploration.courses += 1

    def acting(operation: SequenceOperation) -> Any:
        nothing: Any = multiple() if operation.makes else None

        def act(self: Any, drawn: Mapping[str, Any], **picked: int) -> Any:
            if self.stopped:
                return nothing
            made = self.course.ask(Call(operation, drawn, picked), urls)
            self.stopped = exploration.note(self.course) is not Outcome.PASSED
            whole = operation.makes and made == set(operation.makes)
            return len(self.course.calls) - 1 if whole else nothing

        draws = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in operation.draw.items()})
        picks = {name: bundles[name] for name in operation.uses}
        targets: dict[str, Any] = (
            {"targets": tuple(bundles[name] for name in operation.makes)} if operation.makes else {}
        )
        made: Any = rule(**targets, drawn=draws, **picks)
        return made(act)

    rules = {f"do_{operation.id}": acting(operation) for operation in operations}
    return type("Sequence", (RuleBasedStateMachine,), {"__init__": start, **rules})
