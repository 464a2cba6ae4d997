"""OrchestratorBuilder: a chain of calls that ends in build(); what was built does not follow later calls."""

from collections.abc import Iterable


class BuiltOrchestrator:
    """Agents and a limit that no longer change; gives out whole lists of tasks."""

    def __init__(self, name: str, crew: dict[str, frozenset[str]], limit: int) -> None:
        self.name = name
        self.limit = limit
        self.crew = crew

    def run(self, tasks: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str | None]:
        """Who gets which task, None where nobody can or everybody who can is at the limit."""
        given = dict.fromkeys(self.crew, 0)
        plan: dict[str, str | None] = {}
        for task, needs in tasks:
            needed = set(needs)
            able = [name for name, has in self.crew.items() if needed <= has and given[name] < self.limit]
            chosen = min(able, key=lambda name: given[name]) if able else None
            if chosen is not None:
                given[chosen] += 1
            plan[task] = chosen
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
