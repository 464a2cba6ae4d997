"""Runs one version's code, or both at once, on a copy of one store, and has what they answer and keep judged by `checks`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

from godwit.checks import compare_answers, judge_same, judge_unavailability
from godwit.plan import Mixed, Probe, WriteLedger
from godwit.session.ledgers import read_back
from godwit.session.world import World
from godwit.stacks import Stack
from godwit.state import Clients, Ledger, Store, clone
from godwit.surfaces import exchange
from godwit.verdict import Finding, Judgement, StackError, all_of, failed, inconclusive

_CLIENTS = 2
_RATE_PER_S = 40.0


class Mixing:
    """Versions on stores that are not their own; the plan's stacks are only read."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0

    def holds(self, mixed: Mixed) -> Judgement:
        """Whether the code answers as on its own store, keeps what the other one writes, or refuses to start, as stated."""
        store = self._copy(mixed.store, mixed.id)
        if mixed.refuses is not None:
            return self._refused(mixed, mixed.refuses, store)
        with self._running(mixed.code, store) as (stacks, trouble):
            if trouble:
                return failed("it does not start", [Finding("does not start", mixed.id, "", trouble)])
            parts = [self._alike(mixed, stack) for stack in stacks.values() if mixed.probes]
            if len(stacks) > 1:
                parts.append(self._crossed(mixed, stacks))
        return all_of(parts)

    def _copy(self, role: str, name: str) -> str:
        """The URL of a new copy of a role's store."""
        self._count += 1
        folder = self._world.work.resolve() / "mixed"
        folder.mkdir(exist_ok=True)
        url = f"sqlite:///{folder / f'{name}-{self._count}'}.db"
        clone(self._world.store(role).url, url)
        return url

    @contextmanager
    def _running(self, roles: Sequence[str], store: str) -> Iterator[tuple[Mapping[str, Stack], str]]:
        """The versions on the store, and why one of them did not start."""
        stacks: dict[str, Stack] = {}
        trouble = ""
        try:
            for role in roles:
                stacks[role] = self._world.beside(role, store)
                try:
                    stacks[role].start()
                except StackError as error:
                    trouble = str(error)
                    break
            yield stacks, trouble
        finally:
            for stack in stacks.values():
                stack.close()

    def _refused(self, mixed: Mixed, words: str, store: str) -> Judgement:
        before = _rows(store)
        with self._running(mixed.code, store) as (_, trouble):
            pass
        if not trouble:
            return failed("it starts", [Finding("is not refused", mixed.id, words, "it starts and is healthy")])
        if words not in trouble:
            return failed(
                f"it does not start, but does not say {words!r}", [Finding("refused", mixed.id, words, trouble[-300:])]
            )
        return judge_same(before, _rows(store), "rows of the store after the refusal")

    def _alike(self, mixed: Mixed, stack: Stack) -> Judgement:
        """Whether a version answers the probes as the same version does on a copy of its own store."""
        with self._running([stack.role], self._copy(stack.role, f"{mixed.id}-own")) as (own, trouble):
            if trouble:
                return inconclusive(f"{stack.role} does not start on a copy of its own store: {trouble}")
            return all_of([self._compared(name, own[stack.role].url, stack.url) for name in mixed.probes])

    def _compared(self, name: str, own: str, other: str) -> Judgement:
        surfaces = self._world.plan.surfaces
        probe: Probe = next(item for item in surfaces.http.probes if item.id == name)
        one, two = (exchange(probe.requests, url) for url in (own, other))
        return compare_answers(name, one, two, surfaces.normalisers, (), surfaces.http.headers)

    def _crossed(self, mixed: Mixed, stacks: Mapping[str, Stack]) -> Judgement:
        """Write to both versions at once; every write is read through the other one, and through its own."""
        spec = self._world.plan.state.ledger if self._world.plan.state else None
        if spec is None:
            return inconclusive("the plan has no state.ledger, so nothing can be written to both")
        writers = {role: self._writer(mixed, spec, role, stack) for role, stack in stacks.items()}
        for _, writer in writers.values():
            writer.start()
        parts = []
        for role, (ledger, writer) in writers.items():
            writer.wait()
            parts.append(judge_unavailability(writer.stop()))
            parts += [_found(spec, ledger, role, reader) for reader in stacks.values()]
        return all_of(parts)

    def _writer(self, mixed: Mixed, spec: WriteLedger, role: str, stack: Stack) -> tuple[Ledger, Clients]:
        ledger = Ledger(self._world.out / f"ledger-{mixed.id}-{role}.ndjson")
        half = mixed.writes // 2
        return ledger, Clients(ledger, stack.url, spec.write, _RATE_PER_S, _CLIENTS, f"{role}-", at_most=half)


def _found(spec: WriteLedger, ledger: Ledger, writer: str, reader: Stack) -> Judgement:
    """Whether a version has all that one of them acknowledged."""
    judgement = read_back(spec, ledger, reader.url)
    return replace(
        judgement, reason=f"written through the {writer}, read through the {reader.role}: {judgement.reason}"
    )


def _rows(url: str) -> Mapping[str, list[dict[str, Any]]]:
    with closing(Store(url)) as store:
        return store.snapshot()
