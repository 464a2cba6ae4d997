"""AgentRegistry: functions become agents by a decorator, and dispatch() calls one of them; changes no function."""

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class AgentRegistry:
    """Functions by name, each with skills and the number of its calls."""

    def __init__(self) -> None:
        self._functions: dict[str, Callable[..., Any]] = {}
        self._skills: dict[str, frozenset[str]] = {}
        self.calls: dict[str, int] = {}

    def agent(self, *skills: str, name: str | None = None) -> Callable[[Function], Function]:
        """A decorator that registers a function under its name; ValueError for a name that is taken."""

        def register(function: Function) -> Function:
            key = name or function.__name__
            if key in self._functions:
                raise ValueError(f"agent {key!r} is registered")
            self._functions[key] = function
            self._skills[key] = frozenset(skills)
            self.calls[key] = 0
            return function

        return register

    def dispatch(self, needs: list[str], *args: Any, **options: Any) -> Any:
        """What the least used function that has every skill returns; LookupError if none has."""
        able = [key for key, skills in self._skills.items() if skills.issuperset(needs)]
        if not able:
            raise LookupError(f"no agent can do {', '.join(sorted(needs))}")
        key = min(able, key=lambda each: self.calls[each])
        self.calls[key] += 1
        return self._functions[key](*args, **options)


registry = AgentRegistry()
agent = registry.agent
dispatch = registry.dispatch
