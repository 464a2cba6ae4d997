"""The service: carries out commands on its store, answers reads from its cache, keeps a trail; knows no HTTP."""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread

from plumbing.identifiers import Identifiers, now_text
from v3_roadmap.candidate import arguments as a
from v3_roadmap.candidate import events, reports
from v3_roadmap.candidate.agents import AgentDesk
from v3_roadmap.candidate.cache import Cache
from v3_roadmap.candidate.metrics import ServiceMetrics
from v3_roadmap.candidate.model_client import ModelClient
from v3_roadmap.candidate.refusals import Declined
from v3_roadmap.candidate.schema import Phase, statements
from v3_roadmap.candidate.store import Store, Transaction
from v3_roadmap.candidate.traces import CLIENT, Tracer
from v3_roadmap.candidate.work import WorkDesk

CACHED_S = 30
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Command:
    """A command: what it takes, what it does, whether it changes anything."""

    takes: type[a.Arguments]
    do: Callable[[Transaction, Any], dict[str, Any]]
    writes: bool = False


class CoordinationService:
    """All commands over one store and one cache."""

    def __init__(self, store: Store, cache: Cache, phase: Phase, tracer: Tracer, threads: int) -> None:
        self.store, self.cache, self.tracer, self.metrics = store, cache, tracer, ServiceMetrics()
        self._threads = CapacityLimiter(threads)
        with store.transaction() as transaction:
            for statement in statements(phase, is_postgresql=not store.is_fallback):
                transaction.rows(statement)
            self._store_id = _store_id(transaction)
        agents = AgentDesk(store, phase)
        self.commands = _commands(agents, WorkDesk(store, agents, Identifiers()))
        self.feed = events.Feed(self.trail)
        self.models: ModelClient | None = None
        self.metrics.declare("store", is_fallback=store.is_fallback)
        self.metrics.declare("cache", is_fallback=cache.is_fallback)

    def use_models(self, url: str, key: str) -> None:
        """Asks the model API at this URL."""
        self.models = ModelClient(url, key, KeptAnswers(self), self.metrics.count_model, time.monotonic)

    async def run(self, name: str, given: Any) -> dict[str, Any]:
        """Carries out a command; raises Declined."""
        if name not in self.commands:
            raise Declined(404, "command_missing", f"no command is called {name!r}")
        try:
            result = await self._run(name, self.commands[name], given)
        except Declined:
            self.metrics.count_command(name, "failed")
            raise
        self.metrics.count_command(name, "ok")
        return result

    async def _run(self, name: str, command: Command, given: Any) -> dict[str, Any]:
        taken = a.read(command.takes, given)
        if not command.writes:
            return await self._read(name, command, taken)
        result = await self.in_store(lambda transaction: _recorded(transaction, name, command, taken))
        self.feed.wake()
        if name == "complete-work":
            self.metrics.count_task(result["work"]["team"], result["work"]["status"])
        return result

    async def _read(self, name: str, command: Command, taken: a.Arguments) -> dict[str, Any]:
        # Every write adds to the trail, so an answer is as good as new while the trail has not grown.
        state = await self.in_store(events.mark)
        asked = hashlib.sha256(taken.model_dump_json().encode()).hexdigest()[:32]
        key = f"coordination:{self._store_id}:{state}:{name}:{asked}"
        with self.tracer.span("cache get", CLIENT, **{"db.system": self.cache.kind}):
            found = await self.cache.get(key)
        self.metrics.count_read(hit=found is not None)
        if found is not None:
            return dict(json.loads(found))
        result = await self.in_store(lambda transaction: command.do(transaction, taken))
        await self.cache.put(key, json.dumps(result).encode(), CACHED_S)
        return result

    async def in_store(self, work: Callable[[Transaction], Made]) -> Made:
        """What `work` makes in a transaction of its own, in a thread, so that others are served meanwhile."""

        def transact() -> Made:
            with self.store.transaction() as transaction:
                return work(transaction)

        with self.tracer.span("store transaction", CLIENT, **{"db.system": self.store.kind}):
            return await to_thread.run_sync(transact, limiter=self._threads)

    async def trail(self, seq: int) -> list[dict[str, Any]]:
        """Operations after the one of that number."""
        return await self.in_store(lambda transaction: events.after(transaction, seq))

    async def exposition(self) -> bytes:
        """Metrics as Prometheus text."""
        for status, count in (await self.in_store(reports.work_by_status)).items():
            self.metrics.work.labels(status).set(count)
        self.metrics.connections.set(self.store.connections())
        self.metrics.statements.set(self.store.statements)
        return self.metrics.exposition()

    async def close(self) -> None:
        """Ends all connections."""
        self.feed.end()
        if self.models is not None:
            await self.models.close()
        await self.tracer.stop()
        await self.cache.close()
        await asyncio.to_thread(self.store.close)


class KeptAnswers:
    """Answers of the model, in the store."""

    def __init__(self, service: CoordinationService) -> None:
        self._service = service

    async def answer(self, prompt_hash: str) -> str | None:
        """The answer that was kept."""
        sql = "SELECT answer FROM answers WHERE prompt_hash = %s"
        found = await self._service.in_store(lambda transaction: transaction.rows(sql, (prompt_hash,)))
        return str(found[0]["answer"]) if found else None

    async def keep(self, prompt_hash: str, answer: str) -> None:
        """Keeps an answer in place of an earlier one."""
        sql = (
            "INSERT INTO answers (prompt_hash, answer, at) VALUES (%s, %s, %s) "
            "ON CONFLICT (prompt_hash) DO UPDATE SET answer = excluded.answer, at = excluded.at"
        )
        await self._service.in_store(lambda transaction: transaction.rows(sql, (prompt_hash, answer, now_text())))


def _store_id(transaction: Transaction) -> str:
    # Several stores may share one Redis.
    transaction.rows("INSERT INTO meta VALUES ('store', %s) ON CONFLICT DO NOTHING", (secrets.token_hex(8),))
    return str(transaction.rows("SELECT value FROM meta WHERE name = 'store'")[0]["value"])


def _commands(agents: AgentDesk, work: WorkDesk) -> dict[str, Command]:
    return {
        "register-agent": Command(a.Registration, agents.register, writes=True),
        "heartbeat": Command(a.ForAgent, agents.heartbeat, writes=True),
        "agent-status": Command(a.ForAgent, agents.status),
        "list-agents": Command(a.Agents, agents.all),
        "set-capacity": Command(a.Room, agents.set_capacity, writes=True),
        "deregister-agent": Command(a.ForAgent, agents.deregister, writes=True),
        "add-work": Command(a.NewWork, work.add, writes=True),
        "claim-work": Command(a.ForAgent, work.claim, writes=True),
        "progress-work": Command(a.Progress, work.progress, writes=True),
        "complete-work": Command(a.Completion, work.complete, writes=True),
        "release-work": Command(a.Claimed, work.release, writes=True),
        "list-work": Command(a.Work, work.all),
        "team-report": Command(a.ForTeam, reports.team_report),
        "health-score": Command(a.Nothing, reports.health_score),
        "dashboard": Command(a.Nothing, reports.dashboard),
    }


def _recorded(transaction: Transaction, name: str, command: Command, taken: Any) -> dict[str, Any]:
    result = command.do(transaction, taken)
    work = (result.get("work") or {}).get("id")
    events.record(transaction, name, getattr(taken, "agent", None), work, taken.model_dump())
    return result
