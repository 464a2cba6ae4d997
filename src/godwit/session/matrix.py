"""Takes the stacks through every flag case once, remembers what was seen, and has failures narrowed to the flags they need."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from godwit.checks import (
    WHEN,
    Assignment,
    Blamed,
    Failure,
    MatrixCase,
    Narrowing,
    Seen,
    blame,
    default_of,
    failures_of,
    judge_matrix_case,
    matrix_cases,
    narrow,
    outcomes_of,
    symptoms_of,
)
from godwit.plan import Probe, space_of
from godwit.session.case_questions import CaseQuestions, Written
from godwit.session.case_state import CaseState
from godwit.session.world import World
from godwit.verdict import Finding, GodwitError, Judgement, Outcome, failed, inconclusive, passed

_PAIRS_AT_MOST = 2000
"""How many pairs of cases a search begins from."""

_STACKS = "the stacks"
_WRITTEN, _READ = f"{WHEN}written", f"{WHEN}read"


@dataclass(slots=True)
class _Pass:
    """What was seen under every case."""

    answers: dict[str, dict[str, Judgement]] = field(default_factory=dict)
    shown: dict[str, dict[str, Judgement]] = field(default_factory=dict)
    state: dict[str, dict[str, Judgement]] = field(default_factory=dict)
    records: list[Written] = field(default_factory=list)


class Matrix:
    """The flag matrix of the plan: two passes over its cases, made on first need."""

    def __init__(self, world: World, questions: CaseQuestions) -> None:
        self._world = world
        self._questions = questions
        self._state = CaseState(world)
        self._seen: _Pass | None = None
        self._readings: dict[str, dict[str, Judgement]] | None = None
        self._blamed: dict[str, tuple[Blamed, ...]] = {}
        self._left: int | None = None

    def answers(self, case: MatrixCase) -> Judgement:
        """Whether everything that is asked under a case is answered as the baseline does, or as its flags have it."""
        return self._judged("answers", case, self._passed.answers, self._answers_again)

    def shown(self, case: MatrixCase) -> Judgement:
        """Whether the running system shows the flags that are in effect under a case."""
        return self._judged("shown", case, self._passed.shown, self._shown_again)

    def kept(self, case: MatrixCase) -> Judgement:
        """Whether a case left every row that was there, and every invariant, as it was."""
        return self._judged("state", case, self._passed.state, self._state_again)

    def read(self, case: MatrixCase) -> Judgement:
        """Whether what was written under any case can be read under this one."""
        readings = self._read_back
        mine = {pair: it for pair, it in readings.items() if _reader(pair) == case.id}
        blamed = self._blame("records", readings, self._pairs, self._read_again)
        found = [it for it in blamed if any(pair in it.failure.cases for pair in mine)]
        told = {pair: judgement for pair, judgements in mine.items() for judgement in judgements.values()}
        return judge_matrix_case(case.id, told, found)

    def default(self, probe: Probe) -> Judgement:
        """Whether a probe is answered under the default flags exactly as by the baseline."""
        if probe.writes:
            self._world.may_write("baseline", self._questions.matrix.on)
        self._questions.begin(default_of(self._world.plan.flags))
        return self._questions.default(probe)

    def _judged(
        self, what: str, case: MatrixCase, seen: Seen, again: Callable[[MatrixCase, str], Mapping[str, Judgement]]
    ) -> Judgement:
        flags = {it.id: it.flags for it in self._cases}
        blamed = self._blame(what, seen, flags, lambda flags, question: again(_further(flags), question))
        return judge_matrix_case(case.id, seen[case.id], [it for it in blamed if case.id in it.failure.cases])

    @cached_property
    def _cases(self) -> tuple[MatrixCase, ...]:
        return matrix_cases(self._world.plan.flags)

    @property
    def _passed(self) -> _Pass:
        """The first pass: under each case everything is asked, and a record is written."""
        if self._seen is None:
            seen = self._seen = _Pass()
            self._state.begin()
            for case in self._cases:
                self._world.events.emit("flag-case", case.id)
                try:
                    self._see(case, seen)
                except GodwitError as error:
                    for part in (seen.answers, seen.shown, seen.state):
                        part.setdefault(case.id, {"the case": inconclusive(str(error))})
        return self._seen

    def _see(self, case: MatrixCase, seen: _Pass) -> None:
        seen.shown[case.id] = self._questions.shown(case.flags, self._questions.begin(case.flags))
        seen.answers[case.id] = self._answers(case)
        if self._questions.ended():
            self._questions.begin(case.flags)
        seen.state[case.id], record = self._deeds(case)
        seen.records += [record] if record else []

    def _answers(self, case: MatrixCase, only: str = "") -> dict[str, Judgement]:
        """What is asked under a case, or that a stack ended: then nothing else can be told of it."""
        found = self._questions.answers(case, "" if only == _STACKS else only)
        ended = " and ".join(self._questions.ended())
        if not ended:
            return {_STACKS: passed("every stack runs"), **found}
        return {_STACKS: failed(f"{ended} ended", [Finding("ended", f"/{ended}", "running", "ended")])}

    def _deeds(self, case: MatrixCase) -> tuple[dict[str, Judgement], Written | None]:
        """Write the record of a case, and look what the case did to the stores."""
        record, taken = self._questions.write(case)
        return ({"record": taken} if taken else {}) | self._state.look(case.id), record

    @property
    def _read_back(self) -> dict[str, dict[str, Judgement]]:
        """The second pass: under each case every record of the first one is read."""
        records = self._passed.records
        if self._readings is None:
            self._readings = {}
            for case in self._cases:
                self._world.events.emit("flag-case", case.id, f"{len(records)} records are read")
                try:
                    self._questions.begin(case.flags)
                    judgements = self._questions.read(records)
                except GodwitError as error:
                    judgements = [inconclusive(str(error))] * len(records)
                for record, judgement in zip(records, judgements, strict=True):
                    self._readings[_pair(record.case, case.id)] = {"record": judgement}
        return self._readings

    @property
    def _pairs(self) -> dict[str, Assignment]:
        """The flags at both moments, by pair of cases."""
        flags = {case.id: case.flags for case in self._cases}
        return {pair: _moments(*(flags[case] for case in pair.split(" > "))) for pair in self._readings or ()}

    def _blame(
        self,
        what: str,
        seen: Seen,
        assignments: Mapping[str, Assignment],
        again: Callable[[Assignment, str], Mapping[str, Judgement]],
    ) -> tuple[Blamed, ...]:
        """Every failure of a kind, narrowed once and remembered."""
        if what not in self._blamed:
            self._blamed[what] = tuple(self._narrowed(it, seen, assignments, again) for it in failures_of(seen))
        return self._blamed[what]

    def _narrowed(
        self,
        failure: Failure,
        seen: Seen,
        assignments: Mapping[str, Assignment],
        again: Callable[[Assignment, str], Mapping[str, Judgement]],
    ) -> Blamed:
        known = outcomes_of(failure, seen)
        self._world.events.emit("flag-case", failure.symptoms[0].question, f"narrowing {len(failure.cases)} failures")
        left = self._questions.matrix.further if self._left is None else self._left
        search = narrow(
            self._values(assignments),
            [(assignments[case], known[case]) for case in _chosen(known)],
            seed=self._world.plan.migration.seed,
            further=left,
            allowed=self._is_allowed,
        )
        answer: bool | None = None
        try:
            while True:
                flags = next(search) if answer is None else search.send(answer)
                answer = self._fails(failure, again(flags, failure.symptoms[0].question))
        except StopIteration as done:
            found: Narrowing = done.value
        except GodwitError as error:
            found = Narrowing((), len(known), 0, 0, f"not narrowed, for a further case could not be told: {error}")
        self._left = left - found.further
        return blame(failure, found, len(self._world.plan.flags.flags), len(known))

    def _fails(self, failure: Failure, judgements: Mapping[str, Judgement]) -> bool:
        """Whether a failure shows in what was seen under a further case; HarnessError where that cannot be told."""
        first = failure.symptoms[0]
        if first in symptoms_of(judgements):
            return True
        told = judgements.get(first.question)
        if told is None or told.outcome not in (Outcome.PASSED, Outcome.FAILED):
            raise GodwitError(f"{first.question}: {told.reason if told else 'was not asked'}")
        return False

    def _answers_again(self, case: MatrixCase, question: str) -> Mapping[str, Judgement]:
        self._questions.begin(case.flags)
        return self._answers(case, question)

    def _shown_again(self, case: MatrixCase, _: str) -> Mapping[str, Judgement]:
        return self._questions.shown(case.flags, self._questions.begin(case.flags))

    def _state_again(self, case: MatrixCase, question: str) -> Mapping[str, Judgement]:
        """What a case does to the stores: by its record first, and by its questions only if that was nothing."""
        self._questions.begin(default_of(self._world.plan.flags))
        self._questions.write(case)  # a row of its own, which no earlier case can have spoiled
        self._state.begin()
        self._questions.begin(case.flags)
        done, _ = self._deeds(case)
        if question in done and done[question].outcome is Outcome.FAILED:
            return done
        self._questions.answers(case)
        return done | self._state.look(case.id)

    def _read_again(self, flags: Assignment, _: str) -> Mapping[str, Judgement]:
        self._questions.begin(_at(flags, _WRITTEN))
        record, taken = self._questions.write(_further(_at(flags, _WRITTEN)))
        if record is None:
            return {"record": inconclusive(taken.reason if taken else "the plan has no flags.matrix.record")}
        self._questions.begin(_at(flags, _READ))
        return {"record": self._questions.read([record])[0]}

    def _values(self, assignments: Mapping[str, Assignment]) -> dict[str, Sequence[Any]]:
        names = next(iter(assignments.values()))
        tried = {flag.name: flag.values for flag in self._world.plan.flags.flags}
        return {name: tried[name.partition(WHEN)[0]] for name in names}

    def _is_allowed(self, flags: Assignment) -> bool:
        space = space_of(self._world.plan.flags)
        moments = [_at(flags, _WRITTEN), _at(flags, _READ)] if any(WHEN in name for name in flags) else [flags]
        return all(space.broken(moment) is None for moment in moments)


def _further(flags: Assignment) -> MatrixCase:
    return MatrixCase("a-further-case", flags)


def _pair(written: str, read: str) -> str:
    return f"{written} > {read}"


def _reader(pair: str) -> str:
    return pair.partition(" > ")[2]


def _moments(written: Assignment, read: Assignment) -> Assignment:
    return {name + _WRITTEN: value for name, value in written.items()} | {
        name + _READ: value for name, value in read.items()
    }


def _at(flags: Assignment, moment: str) -> Assignment:
    return {name.removesuffix(moment): value for name, value in flags.items() if name.endswith(moment)}


def _chosen(known: Mapping[str, bool]) -> Iterator[str]:
    """The cases to begin a search from: all of them, or a share of those that failed and of those that passed."""
    for wanted in (True, False):
        these = [case for case, failed in known.items() if failed is wanted]
        yield from _spread(these, _PAIRS_AT_MOST // 2)


def _spread(items: Sequence[str], most: int) -> Iterable[str]:
    step = -(-len(items) // most) if items else 1
    return items[::step]
