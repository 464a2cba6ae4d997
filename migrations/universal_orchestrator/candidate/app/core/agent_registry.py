"""The old import path of AgentRegistry: functions are agents of a universal orchestrator; changes no function."""

from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from .legacy_desk import LegacyDesk
from .orchestrator_config import OrchestratorConfig

Function = TypeVar("Function", bound=Callable[..., Any])
LIMIT = 1_000_000


class AgentRegistry:
    """AgentRegistry as it was used before."""

    def __init__(self) -> None:
        self._functions: dict[str, Callable[..., Any]] = {}
        self.calls: dict[str, int] = {}
        self._number = count(1)
        self._desk = LegacyDesk(OrchestratorConfig(max_agents=LIMIT, max_concurrent_tasks=LIMIT, queue_when_full=False))

    def agent(self, *skills: str, name: str | None = None) -> Callable[[Function], Function]:
        """A decorator that registers a function under its name; ValueError for a name that is taken."""

        def register(function: Function) -> Function:
            key = name or function.__name__
            if not self._desk.enlist(key, skills):
                raise ValueError(f"agent {key!r} is registered")
            self._functions[key] = function
            self.calls[key] = 0
            return function

        return register

    def dispatch(self, needs: list[str], *args: Any, **options: Any) -> Any:
        """What the least used function that has every skill returns; LookupError if none has."""
        task = f"call-{next(self._number)}"
        key = self._desk.assign(task, needs)
        if key is None:
            raise LookupError(f"no agent can do {', '.join(sorted(needs))}")
        self.calls[key] += 1
        # Calls are counted for good here: who has done more is asked less.
        self._desk.finish(task)
        self._desk.forget(task)
        self._desk.agent(key).penalty = float(self.calls[key])
        return self._functions[key](*args, **options)


registry = AgentRegistry()
agent = registry.agent
dispatch = registry.dispatch
