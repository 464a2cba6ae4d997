"""Keeps the ledger of acknowledged writes while a phase's steps run, and reads each write back; judged by `checks`."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from godwit.plan import Phase
from godwit.session.world import World
from godwit.state import Ledger, Writer


class LedgerKeeper:
    """One ledger for the run, filled in the phases that the plan names."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.ledger = Ledger(world.out / "ledger.ndjson")
        self.attempts: list[Any] = []

    @contextmanager
    def writing(self, phase: Phase) -> Iterator[None]:
        """Write through the router, or the stack that the plan names, while the block runs, if the plan asks for it in this phase."""
        spec = self._world.plan.state.ledger if self._world.plan.state else None
        if spec is None or phase.id not in spec.phases:
            with nullcontext():
                yield
            return
        writer = Writer(self.ledger, self._world.stack(spec.on).url, spec.write, {}, spec.rate_per_s)
        writer.start()
        try:
            yield
        finally:
            self.attempts += writer.stop()
