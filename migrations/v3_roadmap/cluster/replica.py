"""One node's replica of the state, by Raft of PySyncObj: changes are asked for here and happen everywhere, or are refused."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from pysyncobj import FAIL_REASON, SyncObj, SyncObjConf, replicated
from pysyncobj.node import Node

from plumbing.identifiers import now_text
from v3_roadmap.cluster.state import CoordinationState
from v3_roadmap.cluster.transport import Place, TlsTransport

TICK_S = 0.02
PATIENCE_S = 5.0
LOOK_S = 0.3


class NoQuorumError(RuntimeError):
    """A change that was not seen to happen: there is no majority, or none that this node reaches."""


class ReplicatedState(SyncObj):  # type: ignore[misc] # the library has no types
    """The state machine that Raft feeds; what is set here is what goes into its snapshots."""

    def __init__(self, own: Node | None, transport: TlsTransport, conf: SyncObjConf) -> None:
        super().__init__(own, transport.peers, conf, transport=transport)
        self.state = CoordinationState()

    @replicated  # type: ignore[untyped-decorator] # the library has no types
    def change(self, name: str, given: dict[str, Any]) -> Any:
        """Applies a change, on every node in the same order."""
        return getattr(self.state, name)(**given)


class Replica:
    """One node's part: it keeps Raft going, asks for changes, and as leader notes who is lost and who is back."""

    def __init__(self, place: Place, role: str, data: Path) -> None:
        self.place = place
        self.role = role
        self.url = ""
        self._woken = asyncio.Event()
        self.transport = TlsTransport(place, self._woken.set)
        self._raft = ReplicatedState(Node(place.id) if place.is_primary else None, self.transport, _conf(place, data))
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def state(self) -> CoordinationState:
        """The state as this node knows it."""
        state = self._raft.state
        assert isinstance(state, CoordinationState)  # noqa: S101 - the library has no types
        return state

    @property
    def leader(self) -> str | None:
        """The id of the leader, as far as this node knows."""
        leader = self._raft._getLeader()  # noqa: SLF001 - the library documents it
        return str(leader.id) if leader is not None else None

    @property
    def is_leader(self) -> bool:
        """Whether this node leads."""
        return self.leader == self.place.id

    @property
    def has_quorum(self) -> bool:
        """Whether this node is, or hears, a leader that a majority follows."""
        leader = self.leader
        return leader is not None and (leader == self.place.id or self.transport.hears(leader))

    async def start(self, url: str) -> None:
        """Joins the others, who are to be told that it serves at `url`."""
        self.url = url
        await self.transport.start()
        self._tasks = [asyncio.create_task(self._tick_always()), asyncio.create_task(self._look_always())]

    async def stop(self) -> None:
        """Leaves."""
        for task in self._tasks:
            task.cancel()
        await self.transport.stop()
        self._raft.destroy()

    async def do(self, name: str, **given: Any) -> Any:
        """What a change of the state returned here, once it happened; raises NoQuorumError when that was not seen."""
        if not self.has_quorum:
            raise NoQuorumError("there is no majority that this node reaches")
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def settle(result: Any, reason: int) -> None:
            if done.done():
                return
            if reason == FAIL_REASON.SUCCESS:
                done.set_result(result)
            else:
                done.set_exception(NoQuorumError("the leader has changed meanwhile"))

        self._raft.change(name, {"at": now_text(), "by": self.place.id} | given, callback=settle)
        self._woken.set()
        try:
            return await asyncio.wait_for(done, PATIENCE_S)
        except TimeoutError:
            raise NoQuorumError("no majority has agreed in time") from None

    async def _tick_always(self) -> None:
        while True:
            self._woken.clear()
            self._raft.doTick(0.0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), TICK_S)

    async def _look_always(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(NoQuorumError):
                await self._join()
                if self.is_leader:
                    await self._note_who_is_there()

    async def _join(self) -> None:
        known = self.state.members.get(self.place.id)
        if known is None or known["url"] != self.url:
            await self.do("join", role=self.role, url=self.url)

    async def _note_who_is_there(self) -> None:
        for node, member in list(self.state.members.items()):
            alive = node == self.place.id or self.transport.hears(node)
            if alive != member["alive"]:
                await self.do("see", node=node, alive=alive)


def _conf(place: Place, data: Path) -> SyncObjConf:
    # A worker has no vote to remember, and gets the state from whoever leads.
    files = {"journalFile": str(data / "journal"), "fullDumpFile": str(data / "dump")} if place.is_primary else {}
    return SyncObjConf(
        autoTick=False,
        appendEntriesUseBatch=False,
        appendEntriesPeriod=0.05,
        raftMinTimeout=0.6,
        raftMaxTimeout=1.2,
        leaderFallbackTimeout=1.5,
        commandsWaitLeader=False,
        useFork=False,
        **files,
    )
