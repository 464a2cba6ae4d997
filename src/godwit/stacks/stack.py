"""What a stack and a driver are to the rest of godwit; holds no behaviour of either."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from godwit.plan import StackSpec
from godwit.stacks.places import Placement, Places
from godwit.verdict import Health, Sample


@dataclass(frozen=True, slots=True)
class Site:
    """Where a run keeps its things: `work` for stores and scratch files, `logs` for logs; `python` runs processes."""

    run_id: str
    work: Path
    logs: Path
    plan_dir: Path
    seed: int
    python: str


@dataclass(frozen=True, slots=True)
class Runtime:
    """Where a stack's own Python code can be called: its interpreter, the folder it runs in, and its environment."""

    python: str
    folder: Path
    env: Mapping[str, str]


@runtime_checkable
class Stack(Protocol):
    """One running version. `url` and `store` are seen from this machine and stay the same over restarts."""

    role: str
    version: str
    url: str
    store: str | None
    writable: bool
    log_path: Path

    def start(self) -> None:
        """Bring it up and wait until it is healthy; raises StackError, and then nothing of it is left running."""
        ...

    def stop(self, timeout_s: float = 10.0) -> None:
        """Ask it to end, and kill it when it has not after `timeout_s`; does nothing when it is down."""
        ...

    def kill(self) -> None:
        """End it at once, as a crash would."""
        ...

    def is_running(self) -> bool:
        """Whether something of it runs; says nothing about health."""
        ...

    def health(self) -> Health:
        """What it says of itself now; never raises for an answer that is missing or bad."""
        ...

    def logs(self, last: int = 50) -> list[str]:
        """The last lines that it wrote; empty when godwit cannot see them."""
        ...

    def pids(self) -> tuple[int, ...]:
        """Process ids on this machine, the leader first; empty when it is down or elsewhere."""
        ...

    def sample(self, *, whole: bool = True) -> Sample:
        """Resources now; raises StackError when it is down or its resources cannot be seen.

        Without `whole` only what is cheap: CPU, resident memory, threads and descriptors.
        """
        ...

    def runtime(self) -> Runtime | None:
        """Where its Python code can be called on this machine, running or not; None where it cannot."""
        ...

    def close(self) -> None:
        """Stop it and give back everything that was opened for it, dependencies included; may be called twice."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What a driver is asked to bring up: a role, its part of the plan, and the plan's words for this driver.

    `extra_env` is read again at every start, so that a caller may change it between two. `allow` names what the user
    let godwit touch beyond its own stacks: `<host>` to reach it, `write:<host>` to write to it. `work` is what `{work}`
    stands for.
    """

    role: str
    spec: StackSpec
    section: Any
    site: Site
    work: Path
    extra_env: Mapping[str, Mapping[str, str]]
    allow: Collection[str] = ()

    @property
    def log_path(self) -> Path:
        """Where the stack's own output goes."""
        return self.site.logs / f"{self.role}.log"

    def added_env(self) -> dict[str, str]:
        """The environment that the caller adds, as it is now."""
        return dict(self.extra_env.get(self.role, {}))


class Driver(Protocol):
    """A way to bring stacks up; one instance serves all roles of one `open_stacks`.

    `place` is asked for every role before `open` is asked for any, so that stacks can name each other.
    """

    def place(self, request: Request) -> Placement:
        """What will be known of the stack before it starts; starts nothing."""
        ...

    def open(self, request: Request, places: Places) -> Stack:
        """Prepare everything that takes time (images, environments, dependencies); does not start the stack itself."""
        ...
