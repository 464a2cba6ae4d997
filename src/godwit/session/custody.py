"""Has state converted and spoiled on copies, and reads acknowledged writes back; `checks` judges."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from godwit.checks import (
    judge_floor,
    judge_same,
    judge_unavailability,
)
from godwit.plan import BadState, Conversion, Invariant, State
from godwit.plan import Mapping as RowMapping
from godwit.session.ledgers import LedgerKeeper, read_back
from godwit.session.mapped import judge_mapped
from godwit.session.stated import judge_stated
from godwit.session.world import World
from godwit.state import Store, clone
from godwit.surfaces import CommandResult
from godwit.verdict import HarnessError, Judgement, Outcome, failed, inconclusive

Snapshot = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Converted:
    """The URLs of a source and of what was converted from it, and the rows of the source before."""

    source: str
    target: str
    before: Snapshot


class Custody:
    """Everything that is asked of state. It works on copies in the run's folder; stores of running stacks are only read."""

    def __init__(self, world: World, ledgers: LedgerKeeper) -> None:
        self._world = world
        self._ledgers = ledgers
        self._count = 0

    def seeded(self) -> Judgement:
        """Whether the seed made at least the rows that the plan asks for."""
        if self._state.seed is None:
            return inconclusive("the plan has no state.seed")
        store = self._world.store("baseline")
        return judge_floor({table: len(store.rows(table)) for table in self._state.seed.floor}, self._state.seed.floor)

    def mapped(self, mapping: RowMapping) -> Judgement:
        """Whether converting makes exactly the rows that a mapping states."""
        converted, plan = self.converted, self._world.plan
        out = self._world.out / "state"
        return judge_mapped(mapping, self._state.lookups, converted.source, converted.target, plan.directory, out)

    def invariant(self, invariant: Invariant) -> Judgement:
        """Whether an invariant holds between a source and what was converted from it."""
        return judge_stated(invariant, self.converted.source, self.converted.target)

    def twice(self) -> Judgement:
        """Whether converting into the same target again changes nothing."""
        source, target = self._copies("twice")
        self._convert(source, target)
        return judge_same(_read(self.converted.target), _read(target), "rows after a second conversion")

    def source_untouched(self) -> Judgement:
        """Whether the source is the same after a conversion as before."""
        return judge_same(self.converted.before, _read(self.converted.source), "rows of the source")

    def refused(self, bad: BadState) -> Judgement:
        """Whether a spoiled source is refused with the stated words, leaving the target as it was."""
        source, target = self._copies(f"bad-{bad.id}")
        with closing(Store(source)) as store:
            store.execute(bad.sql)
        result = self._try_to_convert(source, target)
        if result.exit == 0:
            return failed(f"{bad.sentence}: the conversion took it")
        if bad.says not in result.stderr + result.stdout:
            return failed(f"it was refused without saying {bad.says!r}: {result.stderr[-300:]}")
        return judge_same(_read(self.converted.target), _read(target), "rows of the target after a refusal")

    def writes_found(self) -> Judgement:
        """Whether every write that was acknowledged while the steps ran is found, once and unchanged, on the candidate."""
        spec = self._state.ledger
        if spec is None:
            return inconclusive("the plan has no state.ledger")
        found = read_back(spec, self._ledgers.ledger, self._world.stack("candidate").url)
        missing = self._ledgers.unseen(spec) if found.outcome is Outcome.PASSED else ""
        return inconclusive(f"{found.reason}, but {missing}") if missing else found

    def uninterrupted(self) -> Judgement:
        """Whether no request through the router failed while the steps ran."""
        return judge_unavailability(self._ledgers.attempts)

    def keep_source(self) -> None:
        """Copy the baseline's store as it is before the first conversion: one that marks its source does so only once."""
        _ = self._source

    @property
    def _state(self) -> State:
        if self._world.plan.state is None:
            raise HarnessError("the plan has no state section, which this suite needs")
        return self._world.plan.state

    @property
    def _conversion(self) -> Conversion:
        if self._state.conversion is None:
            raise HarnessError("the plan has no state.conversion, which this suite needs")
        return self._state.conversion

    @cached_property
    def _source(self) -> str:
        source = self._place("source")
        clone(str(self._world.stack("baseline").store), source)
        return source

    @cached_property
    def converted(self) -> Converted:
        """A copy of the baseline's store and what the conversion made of it; both are only read afterwards."""
        source, target = self._source, self._place("target")
        before = _read(source)
        self._convert(source, target)
        return Converted(source, target, before)

    def _copies(self, name: str) -> tuple[str, str]:
        """Copies of the converted pair, to be converted again or spoiled."""
        source, target = self._place(f"{name}-source"), self._place(f"{name}-target")
        clone(self.converted.source, source)
        clone(self.converted.target, target)
        return source, target

    def _place(self, name: str) -> str:
        """The URL of a store that is not there yet."""
        return f"sqlite:///{self._fresh(name)}.db"

    def _fresh(self, name: str) -> Path:
        self._count += 1
        folder = self._world.work.resolve() / "copies"
        folder.mkdir(exist_ok=True)
        return folder / f"{self._count:03}-{name}"

    def _convert(self, source: str, target: str) -> None:
        result = self._try_to_convert(source, target)
        if result.exit != 0:
            raise HarnessError(f"the conversion ended with exit code {result.exit}: {result.stderr[-500:]}")

    def _try_to_convert(self, source: str, target: str) -> CommandResult:
        ends = {"source": source, "target": target}
        return self._world.command(self._conversion.run, self._conversion.timeout_s, ends)


def _read(url: str) -> Snapshot:
    with closing(Store(url)) as store:
        return store.snapshot()
