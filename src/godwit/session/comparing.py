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


def _engine() -> Callable[..., ComparedTables]:
    """The row engine, whose libraries are heavy and come with an extra."""
    try:
        from godwit.state.rows import compare_tables
    except ImportError as error:
        raise HarnessError(f"comparing tables needs {error.name}; pip install 'pytest-godwit[rows]'") from None
    return compare_tables
