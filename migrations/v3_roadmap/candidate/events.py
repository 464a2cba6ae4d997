"""Every operation on record: written in the transaction that it tells of, read as an audit trail or as it happens."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from plumbing.identifiers import now_text
from v3_roadmap.candidate.store import Row, Transaction

PAGE = 500
# Other instances write to the same store, and nothing tells of that but the store.
LOOK_EVERY_S = 0.2
QUIET_S = 5.0
View = dict[str, Any]


def record(transaction: Transaction, kind: str, agent: str | None, work: str | None, detail: View) -> None:
    """Adds an entry to the trail; comes last in its transaction."""
    transaction.lock_events()
    transaction.rows(
        "INSERT INTO events (at, kind, agent_id, work_id, detail) VALUES (%s, %s, %s, %s, %s)",
        (now_text(), kind, agent, work, json.dumps(detail, ensure_ascii=False)),
    )


def after(transaction: Transaction, seq: int) -> list[View]:
    """The next entries after one, oldest first."""
    sql = f"SELECT * FROM events WHERE seq > %s ORDER BY seq LIMIT {PAGE}"  # noqa: S608 - a constant
    return [_view(row) for row in transaction.rows(sql, (seq,))]


def last(transaction: Transaction) -> int:
    """The number of the last entry, 0 without one."""
    return int(transaction.rows("SELECT COALESCE(MAX(seq), 0) AS seq FROM events")[0]["seq"])


def mark(transaction: Transaction) -> str:
    """How far the trail goes; the same text again means that nothing was written."""
    found = transaction.rows("SELECT seq, at FROM events ORDER BY seq DESC LIMIT 1")
    return f"{found[0]['seq']}-{found[0]['at']}" if found else "0"


class Feed:
    """The trail as it grows, for any number of readers."""

    def __init__(self, read: Callable[[int], Awaitable[list[View]]]) -> None:
        self._read = read
        self._grown = asyncio.Event()
        self._has_ended = False

    def wake(self) -> None:
        """Something was added."""
        self._grown.set()
        self._grown = asyncio.Event()

    def end(self) -> None:
        """Lets all readers go."""
        self._has_ended = True
        self.wake()

    async def lines(self, seq: int) -> AsyncIterator[str]:
        """Server-sent events after an entry; a comment now and then, so that silence is noticed."""
        quiet_s = 0.0
        yield ": begun\n\n"
        while not self._has_ended:
            grown = self._grown
            found = await self._read(seq)
            for entry in found:
                seq = entry["seq"]
                yield f"id: {seq}\ndata: {json.dumps(entry, ensure_ascii=False)}\n\n"
            if found:
                quiet_s = 0.0
                continue
            try:
                await asyncio.wait_for(grown.wait(), LOOK_EVERY_S)
            except TimeoutError:
                quiet_s += LOOK_EVERY_S
            if quiet_s >= QUIET_S:
                quiet_s = 0.0
                yield ": quiet\n\n"


def _view(row: Row) -> View:
    return {
        "seq": row["seq"],
        "at": row["at"],
        "kind": row["kind"],
        "agent": row["agent_id"],
        "work": row["work_id"],
        "detail": json.loads(row["detail"]),
    }
