"""The ground on which small states are converted: where they come from, where they lie, and what was made of each; it judges none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from godwit.plan import Conversion, GeneratedStates
from godwit.session.warm import Convert, Converted, Converters
from godwit.session.world import World
from godwit.state import (
    DrawnState,
    Sketch,
    SmallStores,
    SmallTrees,
    refused_columns,
    refused_files,
    sketch,
    spoiled_states,
    spoiled_trees,
    states,
    target_of,
    tree_states,
)
from godwit.verdict import HarnessError, TableShape

State = Mapping[str, Sequence[Mapping[str, Any]]]

_REMEMBERED = 4_000


@dataclass(frozen=True, slots=True)
class First:
    """One conversion of a state into a new target: the source before and after, how it ended, what the target holds."""

    before: State
    after: State
    ended: Converted
    made: State


class SmallWorld:
    """States of one conversion, each in a folder that is gone when it has been looked at.

    `made_rows` is whether any of them became a row yet.
    """

    def __init__(self, world: World, conversion: Conversion, wanted: GeneratedStates) -> None:
        self._world = world
        self._conversion = conversion
        self.wanted = wanted
        self.converters = Converters(world, conversion.timeout_s)
        self.convert = self.converters.warm(wanted.warm, conversion.run)
        self.made_rows = False
        self._count = 0
        self._firsts: dict[str, First] = {}

    @cached_property
    def ground(self) -> SmallStores | SmallTrees:
        """What makes and reads states."""
        if self._conversion.kind == "tree":
            if not self.wanted.files:
                raise HarnessError("state.conversion.generated.files is missing, which a conversion of kind tree needs")
            return SmallTrees()
        store = self._world.stack("baseline").store
        if store is None:
            raise HarnessError("stacks.baseline names no store, whose schema tells which states there are")
        return SmallStores(str(store), self._folder)

    @cached_property
    def _sketch(self) -> Sketch:
        kept = [name for name, size in self.wanted.tables.items() if size.kept]
        return sketch(self.ground.shapes, self.wanted, {name: self.ground.kept.get(name, []) for name in kept})

    @property
    def kept(self) -> tuple[str, ...]:
        """The tables that are the same in every state."""
        return tuple(name for name, size in self.wanted.tables.items() if size.kept)

    def states(self) -> Any:
        """What Hypothesis draws states from."""
        return tree_states(self.wanted) if isinstance(self.ground, SmallTrees) else states(self._sketch)

    def spoiled(self) -> list[tuple[str, Any]]:
        """For each place that can be spoiled, what Hypothesis draws pairs of a state and the spoiled state from."""
        if isinstance(self.ground, SmallTrees):
            return [(kind.name, spoiled_trees(self.wanted, kind)) for kind in refused_files(self.wanted)]
        pairs = refused_columns(self._sketch)
        return [(f"{table.name}.{column.name}", spoiled_states(self._sketch, table, column)) for table, column in pairs]

    def links(self) -> list[tuple[str, str, str, str]]:
        """Which columns name rows of other tables."""
        if isinstance(self.ground, SmallTrees):
            return []
        found = [
            (table.name, it.name, target_of(self._sketch, table, it.name))
            for table in self._sketch.tables
            for it in table.columns
        ]
        return [(table, name, *target) for table, name, target in found if target]

    def first(self, state: DrawnState) -> First:
        """What one conversion made of a state; it is converted once, whoever asks."""
        key = repr(state)
        if key not in self._firsts:
            if len(self._firsts) >= _REMEMBERED:
                self._firsts.clear()
            with self.places("source", "target") as (source, target):
                self.ground.make(state, source)
                before = self.ground.read(source)
                ended = self.run(self.convert, source, target)
                self._firsts[key] = First(before, self.ground.read(source), ended, self.ground.read(target))
                self.made_rows |= any(self._firsts[key].made.values())
        return self._firsts[key]

    def shapes_made(self, state: DrawnState) -> tuple[TableShape, ...]:
        """What a target says of its own tables."""
        with self.places("source", "target") as (source, target):
            self.ground.make(state, source)
            self.run(self.convert, source, target)
            return self.ground.shapes_of(target)

    def run(self, convert: Convert, source: Path, target: Path) -> Converted:
        """Convert one place into another."""
        return convert(self.ground.place(source), self.ground.place(target))

    @contextmanager
    def places(self, *names: str) -> Iterator[list[Path]]:
        """New places, which are removed afterwards."""
        self._count += 1
        found = [
            self._folder / f"{self._count:06}-{name}{'' if self._conversion.kind == 'tree' else '.db'}"
            for name in names
        ]
        try:
            yield found
        finally:
            for path in found:
                self.ground.remove(path)

    @cached_property
    def _folder(self) -> Path:
        folder = self._world.work.resolve() / "small"
        folder.mkdir(exist_ok=True)
        return folder
