"""Defects of V3, its nodes and their balancer that can be seeded, each as a patch at start; production code knows none."""

import asyncio
import importlib
import os
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from plumbing.defects import DefectTable, Patch

DEFECTS = DefectTable()


def _module(name: str) -> Any:
    """A module of the systems, to be patched."""
    return importlib.import_module(f"v3_roadmap.{name}")


def _defect(part: str, name: str, sentence: str) -> Callable[[Patch], Patch]:
    return DEFECTS.defect(name, part=part, sentence=sentence)


class _OtherWords:
    """A transaction that is asked something else than what the service meant."""

    def __init__(self, transaction: Any, meant: str, said: str) -> None:
        self._transaction, self._meant, self._said = transaction, meant, said

    def rows(self, sql: str, values: Sequence[Any] = ()) -> Any:
        return self._transaction.rows(sql.replace(self._meant, self._said), values)

    def lock_events(self) -> None:
        self._transaction.lock_events()


# ---------------------------------------------------------------- commands


@_defect("candidate", "urgency-upside-down", "The least urgent work is claimed first.")
def _urgency_upside_down() -> None:
    desk = _module("candidate.work").WorkDesk
    whole = desk.claim
    desk.claim = lambda self, transaction, given: whole(
        self, _OtherWords(transaction, "ORDER BY priority, id", "ORDER BY priority DESC, id"), given
    )


@_defect("candidate", "capacity-forgotten", "An agent may claim more than it has room for.")
def _capacity_forgotten() -> None:
    desk = _module("candidate.agents").AgentDesk
    whole = desk.locked
    desk.locked = lambda self, *asked, **how: whole(self, *asked, **how) | {"capacity": 1000}


@_defect("candidate", "command-forgotten", "The command release-work was not taken over.")
def _command_forgotten() -> None:
    service = _module("candidate.service")
    whole = service._commands  # noqa: SLF001
    service._commands = lambda *desks: {  # noqa: SLF001
        name: command for name, command in whole(*desks).items() if name != "release-work"
    }


@_defect("candidate", "score-unclamped", "The health score is over 100 when all is well, as it was in V2.")
def _score_unclamped() -> None:
    reports = _module("candidate.reports")
    whole = reports.health_score

    def score(transaction: Any, given: Any) -> Any:
        found = whole(transaction, given)
        return found | {"score": round(found["score"] * 1.058, 1)}

    reports.health_score = score


@_defect("candidate", "trail-with-gaps", "What is released is not on the trail.")
def _trail_with_gaps() -> None:
    events = _module("candidate.events")
    whole = events.record
    events.record = lambda transaction, kind, *rest: None if kind == "release-work" else whole(transaction, kind, *rest)


@_defect("candidate", "updates-late", "The dashboard hears of a change seconds later.")
def _updates_late() -> None:
    events = _module("candidate.events")
    events.LOOK_EVERY_S = 3.0
    events.Feed.wake = lambda self: None


@_defect("candidate", "acknowledged-and-lost", "Now and then a change is answered and not kept.")
def _acknowledged_and_lost() -> None:
    store = _module("candidate.store").SqliteStore
    whole, turns = store.transaction, count(1)

    class LostError(Exception):
        """Ends a transaction without a trace."""

    @contextmanager
    def transaction(self: Any) -> Iterator[Any]:
        try:
            with whole(self) as begun:
                yield begun
                if next(turns) % 97 == 0:
                    raise LostError
        except LostError:
            pass

    store.transaction = transaction


# ---------------------------------------------------------------- speed and resources


@_defect("candidate", "cache-never-renewed", "What was once read is answered again, whatever was written since.")
def _cache_never_renewed() -> None:
    _module("candidate.events").mark = lambda transaction: "0"


@_defect("candidate", "commands-slower", "Every command takes 150 ms longer.")
def _commands_slower() -> None:
    service = _module("candidate.service").CoordinationService
    whole = service.run

    async def run(self: Any, name: str, given: Any) -> Any:
        await asyncio.sleep(0.15)
        return await whole(self, name, given)

    service.run = run


@_defect("candidate", "commands-remembered", "Every command leaves 16 KB behind.")
def _commands_remembered() -> None:
    service = _module("candidate.service").CoordinationService
    whole, kept = service.run, []

    async def run(self: Any, name: str, given: Any) -> Any:
        kept.append(bytearray(16_384))
        return await whole(self, name, given)

    service.run = run


@_defect("candidate", "agents-asked-one-by-one", "A list of agents asks for each of them once more.")
def _agents_asked_one_by_one() -> None:
    desk = _module("candidate.agents").AgentDesk
    whole = desk.all

    def every(self: Any, transaction: Any, given: Any) -> Any:
        found = whole(self, transaction, given)["agents"]
        return {"agents": [self.locked(transaction, each["agent"], lock=False) and each for each in found]}

    desk.all = every


@_defect("candidate", "work-counted-one-by-one", "Work is counted by reading all of it.")
def _work_counted_one_by_one() -> None:
    reports = _module("candidate.reports")

    def count(transaction: Any, where: str = "", *values: Any) -> Any:
        found = transaction.rows(f"SELECT * FROM work {where}", values)  # noqa: S608 - constants
        states = ("open", "claimed", "done", "failed")
        return {state: sum(1 for row in found if row["status"] == state) for state in states}

    reports._work = count  # noqa: SLF001


@_defect("candidate", "heartbeats-remembered", "Every heartbeat leaves 32 KB behind.")
def _heartbeats_remembered() -> None:
    desk = _module("candidate.agents").AgentDesk
    whole, kept = desk.heartbeat, []

    def heartbeat(self: Any, transaction: Any, given: Any) -> Any:
        kept.append(os.urandom(32_768))
        return whole(self, transaction, given)

    desk.heartbeat = heartbeat


@_defect("candidate", "pool-unbounded", "The pool of connections is ten times as large as it is meant to be.")
def _pool_unbounded() -> None:
    store = _module("candidate.store").PostgresStore
    whole = store.__init__
    store.__init__ = lambda self, url, pool_size: whole(self, url, 10 * pool_size)
    service = _module("candidate.service").CoordinationService
    begun = service.__init__
    service.__init__ = lambda self, store, cache, phase, tracer, threads: begun(
        self, store, cache, phase, tracer, 10 * threads
    )


@_defect("tools", "index-forgotten", "The indexes that claiming relies on are not made.")
def _index_forgotten() -> None:
    schema = _module("candidate.schema")
    lines = schema.TABLES.splitlines()
    schema.TABLES = "\n".join(line for line in lines if "work_open" not in line and "work_status" not in line)


# ---------------------------------------------------------------- calls of the model API


@_defect("candidate", "not-tried-again", "A call of the model API is made once.")
def _not_tried_again() -> None:
    _module("candidate.model_client").ATTEMPTS = 1


@_defect("candidate", "refusals-tried-again", "A call that the model API refuses is made again and again.")
def _refusals_tried_again() -> None:
    client = _module("candidate.model_client")
    client.PASSING = client.PASSING | {400, 401}


@_defect("candidate", "waits-its-own-time", "When the model API names a time to come back, it is not kept to.")
def _waits_its_own_time() -> None:
    _module("candidate.model_client")._seconds = lambda word: 0.0  # noqa: SLF001


@_defect("candidate", "answers-not-kept", "While the model API is away, no earlier answer is given.")
def _answers_not_kept() -> None:
    async def nothing(*_: Any) -> None:
        return None

    _module("candidate.service").KeptAnswers.answer = nothing


@_defect("candidate", "slow-to-recover", "After an outage the model API is not asked for seven seconds.")
def _slow_to_recover() -> None:
    _module("candidate.model_client").PAUSE_S = 7.0


# ---------------------------------------------------------------- the cluster


@_defect("node", "minority-writes", "A node that is cut off takes changes all the same.")
def _minority_writes() -> None:
    replica = _module("cluster.replica")
    whole = replica.Replica.do

    async def do(self: Any, name: str, **given: Any) -> Any:
        try:
            return await whole(self, name, **given)
        except replica.NoQuorumError:
            if name != "put":
                raise
            return self.state.put(at=replica.now_text(), by=self.place.id, **given)

    replica.Replica.do = do


@_defect("node", "agents-left-behind", "Agents stay with a node that is lost.")
def _agents_left_behind() -> None:
    state = _module("cluster.state").CoordinationState

    def see(self: Any, *, node: str, alive: bool, **_: Any) -> Any:
        self.members[node]["alive"] = alive
        self.changes += 1
        return self.members[node]

    state.see = see


@_defect("node", "first-node-for-all", "Every agent is looked after by the first node.")
def _first_node_for_all() -> None:
    state = _module("cluster.state").CoordinationState
    state._least_loaded = lambda self: min(self.load(), default=None)  # noqa: SLF001
    state._spread = lambda self, at, by: None  # noqa: SLF001


@_defect("node", "versions-ignored", "A change that expects another version is made all the same.")
def _versions_ignored() -> None:
    state = _module("cluster.state").CoordinationState
    whole = state.put
    state.put = lambda self, **given: whole(self, **(given | {"expect": None}))


@_defect("node", "leaving-unrecorded", "That an agent left is not on the trail.")
def _leaving_unrecorded() -> None:
    state = _module("cluster.state").CoordinationState
    whole = state._note  # noqa: SLF001
    state._note = lambda self, at, by, what, *rest: None if what == "drop" else whole(self, at, by, what, *rest)  # noqa: SLF001


@_defect("node", "strangers-let-in", "Who shows no certificate is taken for a worker.")
def _strangers_let_in() -> None:
    transport = _module("cluster.transport")
    whole, named = transport.Place.context, transport._name  # noqa: SLF001

    def context(self: Any, purpose: ssl.Purpose) -> ssl.SSLContext:
        made: ssl.SSLContext = whole(self, purpose)
        if purpose is ssl.Purpose.CLIENT_AUTH:
            made.verify_mode = ssl.CERT_OPTIONAL
        return made

    transport.Place.context = context
    transport._name = lambda writer: named(writer) if writer.get_extra_info("peercert") else "n7"  # noqa: SLF001


@_defect("balancer", "no-second-node", "A request whose node is lost is not given to another.")
def _no_second_node() -> None:
    balancer = _module("cluster.door")
    nodes = balancer.Nodes
    whole = nodes.in_turn
    nodes.in_turn = lambda self: whole(self)[:1]
    balancer.PATIENCE_S = 0.0001


@_defect("balancer", "one-node-serves", "All requests go to one node.")
def _one_node_serves() -> None:
    nodes = _module("cluster.door").Nodes
    nodes.in_turn = lambda self: sorted(url for url, is_well in self.healthy.items() if is_well)
