"""Compares both stores while clients write, and looks again at whatever differs before it is called wrong; judged by `checks`."""

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from godwit.checks import BadKey, Settling, compare_mapping, judge_stayed
from godwit.plan import Live, State, WriteLedger
from godwit.plan import Mapping as RowMapping
from godwit.session.world import World
from godwit.state import Clients, Ledger, Store, load_functions
from godwit.verdict import HarnessError, Judgement, inconclusive, passed

_PAUSE_S = 0.25
_CLIENTS = 3
_LOOKS = 3
_ENOUGH = 5
"""So many looks while clients write, and so many rows, are the least that tell anything."""

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Pair:
    """What is compared: a mapping with all that it needs, and which rows count."""

    mapping: RowMapping
    state: State
    functions: Mapping[str, Callable[..., Any]]
    only_written: bool

    def restricted(self, rows: Rows, key: Sequence[str], written: frozenset[str]) -> Rows:
        """The rows of which a key column holds the id of a write that was acknowledged before the stores were read."""
        return [row for row in rows if str(row.get(key[0])) in written] if self.only_written else rows


@dataclass(frozen=True, slots=True)
class _Seen:
    """One look: how many rows count, which differ, and which acknowledged writes the baseline's store lacks."""

    rows: int
    bad: Sequence[BadKey]
    absent: frozenset[str]


class Living:
    """Stores that are compared while they change."""

    def __init__(self, world: World) -> None:
        self._world = world

    def agrees(self, live: Live) -> Judgement:
        """Whether what was acknowledged is in both stores, alike by the mapping, within the stated time."""
        state = self._world.plan.state
        if state is None or state.ledger is None:
            return inconclusive("the plan has no state.ledger, so nothing is written while the stores are compared")
        pair = self._pair(live, state)
        if live.rows == "written" and len(pair.mapping.source.key) != 1:
            raise HarnessError(
                f"state.live.{live.id}: rows that were written are told by one key column; write rows: all"
            )
        ledger = Ledger(self._world.out / f"ledger-live-{live.id}.ndjson")
        writer = self._writer(state.ledger, ledger, live)
        writer.start()
        try:
            return self._watched(live, pair, ledger, writer)
        finally:
            writer.stop()

    def _pair(self, live: Live, state: State) -> _Pair:
        mapping = next(item for item in state.mappings if item.id == live.mapping)
        functions = load_functions({it.python for it in mapping.columns if it.python}, self._world.plan.directory)
        return _Pair(mapping, state, functions, live.rows == "written")

    def _writer(self, spec: WriteLedger, ledger: Ledger, live: Live) -> Clients:
        self._world.may_write(spec.on)
        run = zlib.crc32(f"{self._world.setting.run_id}/{live.id}".encode())
        return Clients(ledger, self._world.stack(spec.on).url, spec.write, spec.rate_per_s, _CLIENTS, f"{run:08x}-")

    def _watched(self, live: Live, pair: _Pair, ledger: Ledger, writer: Clients) -> Judgement:
        """Look again and again while clients write, and then until nothing is on its way any more."""
        settling = Settling(live.within_s)
        ends, is_writing, most, looks = time.monotonic() + live.for_s, True, 0, 0
        while True:
            began = time.monotonic()
            seen = self._look(pair, frozenset(ledger.acknowledged()))
            most = max(most, seen.rows)
            settling.look({key.key for key in seen.bad} | seen.absent, began)
            if stayed := settling.stayed(time.monotonic()):
                table = pair.mapping.target.table
                return judge_stayed(table, seen.bad, seen.absent, stayed, seen.rows, live.within_s)
            if not is_writing and settling.are_all_settled:
                break
            if is_writing and (began >= ends + live.for_s or (began >= ends and settling.looks >= _LOOKS)):
                writer.stop()
                is_writing, looks = False, settling.looks
            time.sleep(_PAUSE_S)
        told = f"{looks} looks while clients wrote {len(ledger.acknowledged())} rows"
        if min(most, len(ledger.acknowledged())) < _ENOUGH or looks < _LOOKS:
            return inconclusive(f"{told} saw {most} rows: too few to tell anything")
        return passed(f"{most} rows agree; {told}")

    def _look(self, pair: _Pair, written: frozenset[str]) -> _Seen:
        mapping = pair.mapping
        computed = {it.computed: it.sql for it in mapping.columns if it.sql is not None}
        stores = [Store(self._world.store(role).url) for role in ("baseline", "candidate")]
        with closing(stores[0]) as ours, closing(stores[1]) as theirs:
            source = pair.restricted(ours.rows(mapping.source, computed), mapping.source.key, written)
            target = pair.restricted(theirs.rows(mapping.target), mapping.target.key, written)
        there = {str(row.get(mapping.source.key[0])) for row in source} if pair.only_written else written
        result = compare_mapping(mapping, pair.state.lookups, source, target, pair.functions)
        return _Seen(len(source), result.bad, frozenset(written - there))
