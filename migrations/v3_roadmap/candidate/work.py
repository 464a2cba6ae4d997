"""V3's commands about work."""

from typing import Any

from plumbing.identifiers import Identifiers, now_text
from v3_roadmap.candidate import arguments as a
from v3_roadmap.candidate.agents import AgentDesk, count_claims
from v3_roadmap.candidate.refusals import Declined
from v3_roadmap.candidate.store import Row, Store, Transaction

Result = dict[str, Any]
PAGE = 500


class WorkDesk:
    """Carries out commands about work, one transaction each."""

    def __init__(self, store: Store, agents: AgentDesk, identifiers: Identifiers) -> None:
        self._store = store
        self._agents = agents
        self._new_id = identifiers.new

    def add(self, transaction: Transaction, given: a.NewWork) -> Result:
        """Open work for a team."""
        now = now_text()
        values = (self._new_id("work"), given.type, given.description, given.team, given.priority, "open", 0, now, now)
        return _work(
            transaction.rows(
                "INSERT INTO work (id, type, description, team, priority, status, percent, created_at, updated_at) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING *",
                values,
            )
        )

    def claim(self, transaction: Transaction, given: a.ForAgent) -> Result:
        """The agent's next work; no two agents ever get the same."""
        agent = self._agents.locked(transaction, given.agent)
        if agent["claims"] >= agent["capacity"]:
            raise Declined.conflict(f"agent {given.agent!r} has as many claims as it may have")
        found = transaction.rows(
            "UPDATE work SET status = 'claimed', agent_id = %s, updated_at = %s, version = version + 1 WHERE id = ("  # noqa: S608 - constant
            "SELECT id FROM work WHERE team = %s AND status = 'open' ORDER BY priority, id LIMIT 1"
            f"{self._store.skipping}) RETURNING *",
            (given.agent, now_text(), agent["team"]),
        )
        if found:
            count_claims(transaction, given.agent, 1)
        return _work(found)

    def progress(self, transaction: Transaction, given: a.Progress) -> Result:
        """Notes how far it is."""
        self._claimed(transaction, given)
        return _changed(transaction, given.work, "percent = %s", given.percent)

    def complete(self, transaction: Transaction, given: a.Completion) -> Result:
        """Ends it well or not."""
        self._claimed(transaction, given)
        count_claims(transaction, given.agent, -1)
        if given.outcome == "success":
            return _changed(transaction, given.work, "percent = 100, status = %s", "done")
        return _changed(transaction, given.work, "status = %s", "failed")

    def release(self, transaction: Transaction, given: a.Claimed) -> Result:
        """Gives it back."""
        self._claimed(transaction, given)
        count_claims(transaction, given.agent, -1)
        return _changed(transaction, given.work, "agent_id = NULL, percent = 0, status = %s", "open")

    def all(self, transaction: Transaction, given: a.Work) -> Result:
        """Work by id."""
        wanted = {"team": given.team, "status": given.status}
        used = {column: value for column, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(f'{column} = %s' for column in used)}" if used else ""
        sql = f"SELECT * FROM work {where} ORDER BY id LIMIT {PAGE}"  # noqa: S608 - names of ours
        return {"work": [_view(row) for row in transaction.rows(sql, tuple(used.values()))]}

    def _claimed(self, transaction: Transaction, given: a.Claimed) -> None:
        sql = f"SELECT status, agent_id FROM work WHERE id = %s{self._store.locked}"  # noqa: S608 - constant
        found = transaction.rows(sql, (given.work,))
        if not found:
            raise Declined(404, "work_not_found", f"no work is called {given.work!r}")
        if (found[0]["status"], found[0]["agent_id"]) != ("claimed", given.agent):
            raise Declined.conflict(f"{given.agent!r} has not claimed {given.work!r}")


def _changed(transaction: Transaction, work: str, change: str, value: Any) -> Result:
    sql = f"UPDATE work SET {change}, updated_at = %s, version = version + 1 WHERE id = %s RETURNING *"  # noqa: S608 - constants
    return _work(transaction.rows(sql, (value, now_text(), work)))


def _work(rows: list[Row]) -> Result:
    return {"work": _view(rows[0]) if rows else None}


def _view(row: Row) -> Result:
    return {
        "id": row["id"],
        "type": row["type"],
        "description": row["description"],
        "team": row["team"],
        "priority": row["priority"],
        "status": row["status"],
        "agent": row["agent_id"],
        "percent": row["percent"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
    }
