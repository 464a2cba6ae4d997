"""The old import path of QueueOrchestrator: ten priorities and a generator of pairs, on a universal orchestrator."""

from collections.abc import Iterator
from itertools import count

from .legacy_desk import LegacyDesk
from .orchestrator_config import OrchestratorConfig


class QueueOrchestrator:
    """QueueOrchestrator as it was used before."""

    def __init__(self) -> None:
        self._desk = LegacyDesk(OrchestratorConfig(max_agents=1_000_000, max_tasks_per_agent=1, queue_when_full=False))
        # The universal orchestrator has three priorities and this one had ten, so it keeps its own order.
        self._waiting: list[tuple[int, int, str, tuple[str, ...]]] = []
        self._number = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def add_worker(self, name: str, *skills: str) -> None:
        """A worker who is free."""
        if not self._desk.enlist(name, skills):
            self._desk.agent(name).capabilities = frozenset(skills)

    def put(self, task: str, needs: tuple[str, ...] = (), priority: int = 5) -> int:
        """How long the queue is now; ValueError unless 0 <= priority <= 9."""
        if not 0 <= priority <= 9:
            raise ValueError("a priority is 0 to 9")
        self._waiting.append((priority, next(self._number), task, needs))
        return len(self._waiting)

    def assignments(self) -> Iterator[tuple[str, str]]:
        """Pairs of task and worker as long as there are any; what nobody free can do stays in the queue."""
        left: list[tuple[int, int, str, tuple[str, ...]]] = []
        while self._waiting:
            first = min(self._waiting)
            self._waiting.remove(first)
            worker = self._desk.assign(first[2], first[3])
            if worker is None:
                left.append(first)
            else:
                yield first[2], worker
        self._waiting.extend(left)

    def done(self, task: str) -> str:
        """The worker who is free again; KeyError for a task that nobody has."""
        worker = self._desk.held[task]
        self._desk.finish(task)
        self._desk.forget(task)
        return worker
