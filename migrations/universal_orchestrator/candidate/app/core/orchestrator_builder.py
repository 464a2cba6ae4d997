"""The old import path of OrchestratorBuilder: the same chain of calls; each run is a universal orchestrator of its own."""

from collections.abc import Iterable

from .legacy_desk import LegacyDesk
from .orchestrator_config import OrchestratorConfig


class BuiltOrchestrator:
    """Agents and a limit that no longer change; gives out whole lists of tasks."""

    def __init__(self, name: str, crew: dict[str, frozenset[str]], limit: int) -> None:
        self.name = name
        self.limit = limit
        self.crew = crew

    def run(self, tasks: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str | None]:
        """Who gets which task, None where nobody can or everybody who can is at the limit."""
        config = OrchestratorConfig(
            max_agents=max(len(self.crew), 1),
            max_concurrent_tasks=max(len(self.crew) * self.limit, 1) + 1,
            max_tasks_per_agent=self.limit,
            queue_when_full=False,
        )
        desk = LegacyDesk(config)
        for name, skills in self.crew.items():
            desk.enlist(name, skills)
        plan: dict[str, str | None] = {}
        for number, (task, needs) in enumerate(tasks):
            plan[task] = desk.assign(f"{number}:{task}", needs)
        desk.close()
        return plan

    def __repr__(self) -> str:
        return f"BuiltOrchestrator({self.name!r}, agents={len(self.crew)}, limit={self.limit})"


class OrchestratorBuilder:
    """Every call but build() returns the builder itself."""

    def __init__(self) -> None:
        self._name = "orchestrator"
        self._limit = 5
        self._crew: dict[str, frozenset[str]] = {}

    def named(self, name: str) -> "OrchestratorBuilder":
        """Give it a name."""
        self._name = name
        return self

    def with_agent(self, name: str, *skills: str) -> "OrchestratorBuilder":
        """Add an agent; ValueError for a second one of this name."""
        if name in self._crew:
            raise ValueError(f"agent {name!r} stands twice")
        self._crew[name] = frozenset(skills)
        return self

    def with_limit(self, limit: int) -> "OrchestratorBuilder":
        """Tasks that one agent may have; ValueError under 1."""
        if limit < 1:
            raise ValueError("a limit is at least 1")
        self._limit = limit
        return self

    def build(self) -> BuiltOrchestrator:
        """What was described so far; ValueError without an agent."""
        if not self._crew:
            raise ValueError("an orchestrator needs an agent")
        return BuiltOrchestrator(self._name, dict(self._crew), self._limit)
