"""QueueOrchestrator: tasks are put into a queue and come out of a generator as pairs; the lowest number goes first."""

import heapq
from collections.abc import Iterator
from itertools import count


class QueueOrchestrator:
    """Workers with one task each; the generator ends when nothing more can be given out."""

    def __init__(self) -> None:
        self._workers: dict[str, set[str]] = {}
        self._busy: dict[str, str] = {}
        self._heap: list[tuple[int, int, str, frozenset[str]]] = []
        self._number = count()

    def __len__(self) -> int:
        return len(self._heap)

    def add_worker(self, name: str, *skills: str) -> None:
        """A worker who is free."""
        self._workers[name] = set(skills)

    def put(self, task: str, needs: tuple[str, ...] = (), priority: int = 5) -> int:
        """How long the queue is now; ValueError unless 0 <= priority <= 9."""
        if not 0 <= priority <= 9:
            raise ValueError("a priority is 0 to 9")
        heapq.heappush(self._heap, (priority, next(self._number), task, frozenset(needs)))
        return len(self._heap)

    def assignments(self) -> Iterator[tuple[str, str]]:
        """Pairs of task and worker as long as there are any; what nobody free can do stays in the queue."""
        left = []
        while self._heap:
            entry = heapq.heappop(self._heap)
            worker = self._free_for(entry[3])
            if worker is None:
                left.append(entry)
                continue
            self._busy[entry[2]] = worker
            yield entry[2], worker
        for entry in left:
            heapq.heappush(self._heap, entry)

    def done(self, task: str) -> str:
        """The worker who is free again; KeyError for a task that nobody has."""
        return self._busy.pop(task)

    def _free_for(self, needs: frozenset[str]) -> str | None:
        taken = self._busy.values()
        return next((name for name, has in self._workers.items() if needs <= has and name not in taken), None)
