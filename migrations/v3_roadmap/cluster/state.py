"""The coordination state and all changes to it: pure, so that every node that applies the same changes has the same state."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

View = dict[str, Any]
KEPT = 10_000
INBOX = 100
KEPT_OPERATIONS = 1000


@dataclass(slots=True)
class CoordinationState:
    """Agents by id with {node, task, status, version}; members by id with {role, url, alive}; the trail of changes.

    Changes may come with an `operation`: the same one a second time changes nothing and returns what the first one did.
    """

    agents: dict[str, View] = field(default_factory=dict)
    members: dict[str, View] = field(default_factory=dict)
    trail: list[View] = field(default_factory=list)
    inboxes: dict[str, list[View]] = field(default_factory=dict)
    operations: dict[str | None, View] = field(default_factory=dict)
    changes: int = 0

    def join(self, *, at: str, by: str, role: str, url: str) -> View:
        """A node is there, and takes its share of the agents."""
        self.members[by] = {"role": role, "url": url, "alive": True}
        self._note(at, by, "join", None, None)
        self._spread(at, by)
        return self.members[by]

    def see(self, *, at: str, by: str, node: str, alive: bool) -> View:
        """A node was lost, or is back; the agents of a lost one are looked after by the others."""
        self.members[node]["alive"] = alive
        self._note(at, by, "back" if alive else "lost", None, None)
        if not alive:
            for agent in self._agents_of(node):
                self._move(at, by, agent, self._least_loaded())
        self._spread(at, by)
        return self.members[node]

    def put(
        self, *, at: str, by: str, agent: str, task: str, status: str, expect: int | None, operation: str | None
    ) -> View:
        """What an agent does; {"conflict": version} where another version was expected."""
        if operation in self.operations:
            return self.operations[operation]
        known = self.agents.get(agent)
        version = known["version"] if known else 0
        if expect is not None and expect != version:
            return self._done(operation, {"conflict": version})
        node = known["node"] if known else self._least_loaded()
        self.agents[agent] = {"node": node, "task": task, "status": status, "version": version + 1}
        self._note(at, by, "put", agent, version + 1)
        return self._done(operation, dict(self.agents[agent]))

    def drop(self, *, at: str, by: str, agent: str, operation: str | None) -> View:
        """An agent leaves; {"dropped": False} where there was none."""
        if operation in self.operations:
            return self.operations[operation]
        found = self.agents.pop(agent, None)
        if found is None:
            return self._done(operation, {"dropped": False})
        self.inboxes.pop(agent, None)
        self._note(at, by, "drop", agent, found["version"])
        self._spread(at, by)
        return self._done(operation, {"dropped": True})

    def send(self, *, at: str, by: str, to: str, body: str, sent_at: float, operation: str | None) -> View:
        """A message to an agent, whichever node looks after it; {"unknown": True} where there is none."""
        if operation in self.operations:
            return self.operations[operation]
        if to not in self.agents:
            return self._done(operation, {"unknown": True})
        message = {"body": body, "node": self.agents[to]["node"], "sent": sent_at}
        self.inboxes[to] = [*self.inboxes.get(to, []), message][-INBOX:]
        self._note(at, by, "send", to, None)
        return self._done(operation, message)

    def barrier(self, *, at: str, by: str) -> View:
        """Nothing; who has waited for it has seen all that came before."""
        return {}

    def digest(self) -> str:
        """The same for the same agents and members."""
        text = json.dumps([self.agents, self.members], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def load(self) -> dict[str, int]:
        """How many agents each living node looks after."""
        living = {node: 0 for node, member in self.members.items() if member["alive"]}
        for agent in self.agents.values():
            if agent["node"] in living:
                living[agent["node"]] += 1
        return living

    def _done(self, operation: str | None, result: View) -> View:
        # Whoever asks a second time, since the answer was lost on its way, is told what came of the first.
        if operation is not None:
            self.operations[operation] = result
            if len(self.operations) > KEPT_OPERATIONS:
                del self.operations[next(iter(self.operations))]
        return result

    def _least_loaded(self) -> str | None:
        load = self.load()
        return min(load, key=lambda node: (load[node], node)) if load else None

    def _agents_of(self, node: str) -> list[str]:
        return sorted(agent for agent, found in self.agents.items() if found["node"] == node)

    def _spread(self, at: str, by: str) -> None:
        homeless = sorted(agent for agent, found in self.agents.items() if found["node"] not in self.load())
        for agent in homeless:
            self._move(at, by, agent, self._least_loaded())
        while load := self.load():
            most = max(load, key=lambda node: (load[node], node))
            least = self._least_loaded()
            if least is None or load[most] - load[least] <= 1:
                return
            self._move(at, by, self._agents_of(most)[0], least)

    def _move(self, at: str, by: str, agent: str, node: str | None) -> None:
        found = self.agents[agent]
        self.agents[agent] = found | {"node": node, "version": found["version"] + 1}
        self._note(at, by, "move", agent, found["version"] + 1)

    def _note(self, at: str, by: str, what: str, agent: str | None, version: int | None) -> None:
        self.changes += 1
        entry = {"index": self.changes, "at": at, "by": by, "operation": what, "agent": agent, "version": version}
        self.trail.append(entry)
        del self.trail[:-KEPT]
