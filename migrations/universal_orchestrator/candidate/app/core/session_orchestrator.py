"""The old import path of OrchestratorSession: a with-block around a universal orchestrator that ends with it."""

from types import TracebackType
from typing import Any

from .legacy_desk import LegacyDesk
from .orchestrator_config import OrchestratorConfig


class SessionClosedError(RuntimeError):
    """The with-block is over, or has not begun."""


class OrchestratorSession:
    """OrchestratorSession as it was used before."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._desk: LegacyDesk | None = None
        self.summary: dict[str, Any] = {"name": name, "finished": [], "cancelled": [], "aborted": False}

    def __enter__(self) -> "OrchestratorSession":
        config = OrchestratorConfig(max_agents=1_000_000, max_tasks_per_agent=1, queue_when_full=False)
        self._desk = LegacyDesk(config)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._desk is not None:
            self.summary["cancelled"] = sorted(self._desk.held)
            self._desk.close()
        self.summary["aborted"] = kind is not None
        self._desk = None

    def enlist(self, name: str, skills: list[str]) -> "OrchestratorSession":
        """Add an agent, and give the session back."""
        self._inside.enlist(name, skills)
        return self

    def assign(self, task: str, needs: list[str]) -> str:
        """The agent that has it now; LookupError when nobody is free who can."""
        chosen = self._inside.assign(task, needs)
        if chosen is None:
            raise LookupError(f"nobody is free for {task}")
        return chosen

    def release(self, task: str) -> None:
        """The task is finished; KeyError for one that is not assigned."""
        self._inside.finish(task)
        self._inside.forget(task)
        self.summary["finished"].append(task)

    @property
    def _inside(self) -> LegacyDesk:
        if self._desk is None:
            raise SessionClosedError(f"session {self.name} is not open")
        return self._desk


def open_session(name: str) -> OrchestratorSession:
    """A session for a with-statement."""
    return OrchestratorSession(name)
