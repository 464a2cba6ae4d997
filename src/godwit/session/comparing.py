"""Has tables of two stores compared where they lie; `checks` judges what the row engine saw."""

import time
from collections.abc import Callable
from pathlib import Path

from godwit.checks import judge_comparison
from godwit.plan import Comparison, RowSource
from godwit.session.world import World
from godwit.stacks import fill
from godwit.verdict import HarnessError, Judgement
from godwit.verdict.compared import ComparedTables


class Comparing:
    """Compares tables as the plan names them. Stores are only read."""

    def __init__(self, world: World) -> None:
        self._world = world

    def same_rows(self, asked: Comparison) -> Judgement:
        """Whether both tables hold the same rows, each as often; the differences are listed in the run's folder."""
        if self._world.setting.candidate_as_baseline:
            asked = _with_itself(asked)
        seen = _engine()(
            asked,
            (self._filled(asked.baseline), self._filled(asked.candidate)),
            self._world.work / "comparisons" / asked.id,
            self._world.out / "comparisons" / f"{asked.id}.csv",
            lambda text: self._world.events.emit("comparison", asked.id, text),
            time.sleep,
        )
        return judge_comparison(asked, seen)

    def _filled(self, source: RowSource) -> RowSource:
        """The source with its places filled; a path is one beside the plan."""
        store = fill((source.store,), self._world.places.outside)[0]
        if "://" not in store and not Path(store).is_absolute():
            store = str(self._world.plan.directory / store)
        return source.model_copy(update={"store": store})


def _with_itself(asked: Comparison) -> Comparison:
    """The comparison where the baseline plays the candidate's role: its own tables, under its own names."""
    named = {entry.column or name: entry for name, entry in asked.columns.items() if not entry.sql}
    plain = {name: entry.model_copy(update={"column": name}) for name, entry in named.items()}
    key = tuple(asked.columns[name].column or name if name in asked.columns else name for name in asked.key)
    candidate = asked.baseline.model_copy(update={"store": asked.candidate.store})
    return asked.model_copy(update={"candidate": candidate, "columns": plain, "key": key})


def _engine() -> Callable[..., ComparedTables]:
    """The row engine, whose libraries are heavy and come with an extra."""
    try:
        from godwit.state.rows import compare_tables
    except ImportError as error:
        raise HarnessError(f"comparing tables needs {error.name}; pip install 'pytest-godwit[rows]'") from None
    return compare_tables
