"""Keeps a stack busy while something changes: writes on a schedule, connections held open, processes counted; judges nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from godwit.plan import WriteLedger
from godwit.session.world import World
from godwit.state import Ledger, Writer
from godwit.surfaces import KeptConnection, exchange
from godwit.verdict import HarnessError

_CONNECTIONS = 3
_WARM = 5
"""How many writes are acknowledged before anything is changed."""

_POLL_S = 0.01
_PATIENCE_S = 20.0
_APART_S = 0.1


class Busy:
    """A stack under writes. `attempts` are known when the block is over."""

    def __init__(self, world: World, name: str, rate_per_s: float | None = None) -> None:
        self._world = world
        self.spec = spec_of(world)
        world.may_write(self.spec.on)
        self.url = world.stack(self.spec.on).url
        self.ledger = Ledger(world.out / f"ledger-{name}.ndjson")
        self.attempts: list[Any] = []
        self._rate_per_s = rate_per_s or self.spec.rate_per_s
        self._connections = [KeptConnection(self.url, self._quiet_path) for _ in range(_CONNECTIONS)]
        self.is_loaded = False
        self.first_troubles: list[str] = []
        self.last_troubles: list[str] = []
        self.first_processes: frozenset[str] = frozenset()
        self.last_processes: frozenset[str] = frozenset()

    @property
    def writes(self) -> int:
        """How many writes have been acknowledged."""
        return len(self.ledger.acknowledged())

    def wait_for_writes(self, more: int) -> bool:
        """Wait until so many more writes are acknowledged; false if they did not come. Connections are used meanwhile."""
        wanted, ends = self.writes + more, time.monotonic() + _PATIENCE_S
        while self.writes < wanted:
            if time.monotonic() >= ends:
                return False
            time.sleep(_POLL_S)
        for connection in self._connections if self.first_processes else ():
            connection.ask()
        return True

    def found(self) -> dict[str, Any]:
        """What every acknowledged write is read back as, None where it is not there."""
        written = list(self.ledger.acknowledged())
        read = self.spec.read
        asked = [read.model_copy(update={"path": read.path.replace("{id}", key)}) for key in written]
        answers = zip(written, exchange(asked, self.url), strict=True)
        return {key: answer.json() if answer.status == 200 else None for key, answer in answers}

    def wanted(self) -> dict[str, dict[str, Any]]:
        """What every acknowledged write has to be read back as."""
        written = self.ledger.acknowledged()
        return {key: {name: fields[name] for name in self.spec.compare} for key, fields in written.items()}

    @contextmanager
    def writing(self, *roles: str) -> Iterator[None]:
        """Write during the block; connections and the processes of these roles (besides its own) are looked at around it."""
        watched = {self.spec.on, *roles}
        writer = Writer(self.ledger, self.url, self.spec.write, self._rate_per_s)
        writer.start()
        try:
            self.is_loaded = self.wait_for_writes(_WARM)
            for connection in self._connections:
                connection.open()
                connection.ask()
            self.first_troubles = [connection.trouble for connection in self._connections]
            self.first_processes = self._lasting(watched)
            yield
        finally:
            self.attempts = writer.stop()
            self.last_processes = self._world.switches.processes(watched)
            for connection in self._connections:
                connection.ask()
                connection.close()
            self.last_troubles = [connection.trouble for connection in self._connections]

    def _lasting(self, roles: set[str]) -> frozenset[str]:
        """Processes that are there twice: one that a stack starts for a moment proves nothing when it is gone."""
        first = self._world.switches.processes(roles)
        time.sleep(_APART_S)
        return first & self._world.switches.processes(roles)

    @property
    def _quiet_path(self) -> str:
        health = getattr(self._world.plan.stacks, self.spec.on).health
        return str(health.path) if health else "/"


def spec_of(world: World) -> WriteLedger:
    """What is written while flags change; HarnessError if the plan does not say."""
    spec = world.plan.state.ledger if world.plan.state else None
    if spec is None:
        raise HarnessError("the plan has no state.ledger, so nothing can be written while flags change")
    return spec
