"""Asks of a converted store what is not in its rows: tables as they must be, numbers not in use, nothing left unmapped."""

from contextlib import closing
from pathlib import Path

from godwit.checks import declared_definitions, judge_definitions, judge_mapped_columns, judge_numbering
from godwit.plan import SchemaCheck, State
from godwit.session.custody import Custody
from godwit.session.world import World
from godwit.state import Store, read_definitions, read_numbering
from godwit.verdict import HarnessError, Judgement, TableDefinition, inconclusive


class Definitions:
    """What the conversion made of the baseline's store; it is only read."""

    def __init__(self, world: World, custody: Custody) -> None:
        self._world = world
        self._custody = custody

    def kept(self, check: SchemaCheck) -> Judgement:
        """Whether the tables of the converted store are as they must be."""
        return judge_definitions(self._expected(check), _shapes(self._custody.converted.target), check.allow)

    def numbered(self) -> Judgement:
        """Whether the next number of each numbered column is past every number in use."""
        wanted = self._state.sequences
        if not wanted:
            return inconclusive("the plan has no state.sequences")
        converted = self._custody.converted
        with closing(Store(converted.source)) as source, closing(Store(converted.target)) as target:
            given = read_numbering(target, None if wanted == "all" else wanted)
            return judge_numbering(given, read_numbering(source), self._state.mappings)

    def mapped(self) -> Judgement:
        """Whether every column of every table of the baseline is mapped, dropped with a reason, or left behind with one."""
        with closing(Store(self._custody.converted.source)) as source:
            return judge_mapped_columns(self._state.mappings, self._state.unmapped, source.columns())

    @property
    def _state(self) -> State:
        if self._world.plan.state is None:
            raise HarnessError("the plan has no state section, which this suite needs")
        return self._world.plan.state

    def _expected(self, check: SchemaCheck) -> dict[str, TableDefinition]:
        if check.declared:
            return declared_definitions(check.declared)
        if check.fresh is not None:
            return _shapes(self._fresh(check))
        shapes = _shapes(self._custody.converted.source)
        absent = sorted(set(check.source) - set(shapes))
        if absent:
            raise HarnessError(f"state.schemas: {check.id}: the source has no table {', '.join(absent)}")
        return {target: shapes[source] for source, target in check.source.items()}

    def _fresh(self, check: SchemaCheck) -> str:
        """The URL of an empty store, made as a new installation makes one."""
        file = self._world.work.resolve() / "fresh" / f"{check.id}.db"
        file.parent.mkdir(exist_ok=True)
        Path(file).unlink(missing_ok=True)
        url = f"sqlite:///{file}"
        self._world.must(check.fresh or (), check.timeout_s, {"target": url})
        return url


def _shapes(url: str) -> dict[str, TableDefinition]:
    with closing(Store(url)) as store:
        return read_definitions(store)
