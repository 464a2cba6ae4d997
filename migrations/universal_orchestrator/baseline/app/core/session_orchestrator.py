"""OrchestratorSession: a with-block in which agents work; what is open at its end is cancelled, exceptions go on."""

from types import TracebackType
from typing import Any


class SessionClosedError(RuntimeError):
    """The with-block is over, or has not begun."""


class OrchestratorSession:
    """Agents and tasks of one with-block; each agent takes one task at a time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._inside = False
        self._skills: dict[str, set[str]] = {}
        self._has: dict[str, str] = {}
        self.summary: dict[str, Any] = {"name": name, "finished": [], "cancelled": [], "aborted": False}

    def __enter__(self) -> "OrchestratorSession":
        self._inside = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.summary["cancelled"] = sorted(self._has)
        self.summary["aborted"] = kind is not None
        self._inside = False

    def enlist(self, name: str, skills: list[str]) -> "OrchestratorSession":
        """Add an agent, and give the session back."""
        self._check()
        self._skills[name] = set(skills)
        return self

    def assign(self, task: str, needs: list[str]) -> str:
        """The agent that has it now; LookupError when nobody is free who can."""
        self._check()
        taken = set(self._has.values())
        for name in self._skills:
            if name not in taken and self._skills[name].issuperset(needs):
                self._has[task] = name
                return name
        raise LookupError(f"nobody is free for {task}")

    def release(self, task: str) -> None:
        """The task is finished; KeyError for one that is not assigned."""
        self._check()
        del self._has[task]
        self.summary["finished"].append(task)

    def _check(self) -> None:
        if not self._inside:
            raise SessionClosedError(f"session {self.name} is not open")


def open_session(name: str) -> OrchestratorSession:
    """A session for a with-statement."""
    return OrchestratorSession(name)
