"""How teams decide: which role takes a task, which subscription carries a message; decides and stores nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration_v2.candidate.documents import ROLE_OF_SKILL, TEAM_OF_ROLE, NewTask


@dataclass(slots=True)
class Desk:
    """A role inside its team, how many tasks it can hold and how many it holds."""

    role: str
    capacity: int
    used: int
    talks_to: tuple[str, ...]

    @property
    def team(self) -> str:
        """The team that the role belongs to."""
        return TEAM_OF_ROLE[self.role]


@dataclass(slots=True)
class Roster:
    """All desks by role, as they were when a command began."""

    desks: dict[str, Desk] = field(default_factory=dict)

    @classmethod
    def of(cls, roles: Mapping[str, Mapping[str, Any]], used: Mapping[str, int]) -> "Roster":
        """A roster from the roles in the state and the tasks that each of them holds."""
        return cls(
            {
                role: Desk(role, roles[role]["capacity"], used.get(role, 0), tuple(roles[role]["talks_to"]))
                for role in sorted(roles)
            }
        )

    def has_room(self, role: str) -> bool:
        """Whether the role is there and can hold one more task."""
        desk = self.desks.get(role)
        return desk is not None and desk.used < desk.capacity

    def claim(self, task: NewTask) -> str | None:
        """The role that takes the task when its event reaches the teams, or None if it has to stay open."""
        wanted = task.role
        if wanted is None and task.skill is not None:
            wanted = ROLE_OF_SKILL[task.skill]
        if wanted is None:
            return self._quietest(self.desks)
        if wanted not in self.desks:
            return None
        return wanted if self.has_room(wanted) else self._quietest(self.desks[wanted].talks_to)

    def take(self, role: str) -> None:
        """Counts one more task for a role."""
        self.desks[role].used += 1

    def _quietest(self, roles: Iterable[str]) -> str | None:
        best: Desk | None = None
        for role in sorted(set(roles)):
            if self.has_room(role) and (best is None or self.desks[role].used < best.used):
                best = self.desks[role]
        return best.role if best else None


def carries(subscriptions: Iterable[Mapping[str, Any]], sender: str, recipient: str) -> bool:
    """Whether a subscription of the recipient's team came from the connection between the two roles."""
    return any([sender, recipient] in subscription["origin"] for subscription in subscriptions)
