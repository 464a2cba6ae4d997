"""V3's commands about agents."""

from typing import Any

from plumbing.identifiers import now_text
from v3_roadmap.candidate import arguments as a
from v3_roadmap.candidate.refusals import Declined
from v3_roadmap.candidate.schema import Phase
from v3_roadmap.candidate.store import Row, Store, Transaction

Result = dict[str, Any]
CHANGE = "version = version + 1 WHERE id = %s"


class AgentDesk:
    """Carries out commands about agents, one transaction each."""

    def __init__(self, store: Store, phase: Phase) -> None:
        self._locked = store.locked
        self._phase = phase
        self._columns = f"id, team, capacity, {phase.read} AS specialization, status, claims, seen_at"

    def register(self, transaction: Transaction, given: a.Registration) -> Result:
        """A new agent, of an id that nobody has."""
        columns = ("id", "team", "capacity", "seen_at", *self._phase.written)
        values = [given.agent, given.team, given.capacity, now_text()]
        values += [given.specialization] * len(self._phase.written)
        marks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO agents ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING RETURNING id"  # noqa: S608 - names of ours
        if not transaction.rows(sql, values):
            raise Declined.conflict(f"there is an agent {given.agent!r} already")
        return self.status(transaction, a.ForAgent(agent=given.agent))

    def heartbeat(self, transaction: Transaction, given: a.ForAgent) -> Result:
        """Notes that the agent is there."""
        transaction.rows(f"UPDATE agents SET seen_at = %s, {CHANGE}", (now_text(), given.agent))  # noqa: S608 - constant
        return self.status(transaction, given)

    def status(self, transaction: Transaction, given: a.ForAgent) -> Result:
        """How an agent is."""
        return _view(self.locked(transaction, given.agent, lock=False))

    def all(self, transaction: Transaction, given: a.Agents) -> Result:
        """Agents by id."""
        where, values = ("WHERE team = %s", (given.team,)) if given.team is not None else ("", ())
        sql = f"SELECT {self._columns} FROM agents {where} ORDER BY id"  # noqa: S608 - names of ours
        return {"agents": [_view(row) for row in transaction.rows(sql, values)]}

    def set_capacity(self, transaction: Transaction, given: a.Room) -> Result:
        """Gives an agent more room, or less."""
        transaction.rows(f"UPDATE agents SET capacity = %s, {CHANGE}", (given.capacity, given.agent))  # noqa: S608 - constant
        return self.status(transaction, a.ForAgent(agent=given.agent))

    def deregister(self, transaction: Transaction, given: a.ForAgent) -> Result:
        """Takes leave of an agent that has nothing to do."""
        if self.locked(transaction, given.agent)["claims"]:
            raise Declined.conflict(f"agent {given.agent!r} still has claims")
        transaction.rows("DELETE FROM agents WHERE id = %s", (given.agent,))
        return {"agent": given.agent, "deregistered": True}

    def locked(self, transaction: Transaction, agent: str, *, lock: bool = True) -> Row:
        """The agent's row, kept from changes by others if wanted; raises Declined."""
        sql = f"SELECT {self._columns} FROM agents WHERE id = %s{self._locked if lock else ''}"  # noqa: S608 - names of ours
        found = transaction.rows(sql, (agent,))
        if not found:
            raise Declined.no_agent(agent)
        return found[0]


def count_claims(transaction: Transaction, agent: str, more: int) -> None:
    """Adds to what an agent has claimed."""
    sql = f"UPDATE agents SET claims = claims + %s, status = CASE WHEN claims + %s > 0 THEN 'busy' ELSE 'idle' END, {CHANGE}"  # noqa: S608 - constant
    transaction.rows(sql, (more, more, agent))


def _view(row: Row) -> Result:
    return {
        "agent": row["id"],
        "team": row["team"],
        "capacity": row["capacity"],
        "specialization": row["specialization"],
        "status": row["status"],
        "claims": row["claims"],
        "seenAt": row["seen_at"],
    }
