"""Has what was written while state moved listed again, and what clients saw judged as a history; judged by `checks`."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps
from typing import Any

from godwit.checks import Operation, Sent, judge_history, judge_listed
from godwit.plan import History, Listed, Walk, WriteLedger
from godwit.session.ledgers import LedgerKeeper
from godwit.session.walking import trip
from godwit.session.world import World
from godwit.state import Act
from godwit.surfaces import AbsentError, at
from godwit.verdict import Judgement, inconclusive

_CLIENT = "{client}"


@dataclass(frozen=True, slots=True)
class _Lists:
    """What is listed, by client, and why a list could not be read to its end."""

    marks: dict[str, Sequence[str]] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)


class Writing:
    """Writes and reads that went on while a phase's steps ran."""

    def __init__(self, world: World, ledgers: LedgerKeeper) -> None:
        self._world = world
        self._ledgers = ledgers

    def listed(self) -> Judgement:
        """Whether each client's acknowledged writes are listed by the candidate once and in their order."""
        spec = self._world.plan.state.ledger if self._world.plan.state else None
        if spec is None or spec.listed is None:
            return inconclusive("the plan has no state.ledger.listed")
        try:
            sent = self._sent(spec, spec.listed)
        except AbsentError as error:
            return inconclusive(f"the writes of state.ledger have no mark: {error}")
        if missing := self._ledgers.unseen(spec):
            return inconclusive(missing)
        lists = self._read(spec.listed, list(sent))
        is_own = _CLIENT in spec.listed.path
        return judge_listed(sent, lists.marks, lists.troubles, is_own=is_own, in_order=spec.listed.in_order)

    def history(self, history: History) -> Judgement:
        """Whether there is an order that explains what clients saw while the steps of the history's phases ran."""
        acts = self._ledgers.acts.get(history.id, ())
        if not acts:
            return inconclusive("no client wrote or read anything: none of the history's phases was entered")
        around = [self._ledgers.around[name] for name in history.phases if name in self._ledgers.around]
        span = (min(first for first, _ in around), max(last for _, last in around)) if around else None
        initial = 0 if history.kind == "counter" else _hashable(history.initial)
        return judge_history(history.kind, _objects(acts), initial, span)

    def _sent(self, spec: WriteLedger, listed: Listed) -> dict[str, list[Sent]]:
        sent: dict[str, list[Sent]] = defaultdict(list)
        for write in self._ledgers.ledger.writes():
            mark = at(write.body, listed.sent or listed.mark)
            sent[write.client].append(Sent(mark if isinstance(mark, str) else dumps(mark), write.ok))
        return sent

    def _read(self, listed: Listed, clients: Sequence[str]) -> _Lists:
        """Walk through the list of each client, or through the one list once for all of them."""
        lists = _Lists()
        for client in clients if _CLIENT in listed.path else ["all"]:
            walk = Walk.model_construct(
                id="listed",
                path=listed.path.replace(_CLIENT, client),
                headers=listed.headers,
                items=listed.items,
                key=listed.mark,
                next=listed.next,
                pages=listed.pages,
            )
            taken = trip(walk, self._world.stack("candidate").url)
            for one in [client] if _CLIENT in listed.path else clients:
                lists.marks[one] = taken.keys
                lists.troubles.update({one: taken.stopped} if taken.stopped else {})
        return lists


def _objects(acts: Sequence[Act]) -> Mapping[str, list[Operation]]:
    """What was done to each object; what certainly did nothing, or told nothing, is left out."""
    objects: dict[str, list[Operation]] = defaultdict(list)
    for act in acts:
        if act.ok:
            done = Operation(act.does, _hashable(act.value), act.began_s, act.ended_s, act.client)
            objects[act.key].append(done)
    return objects


def _hashable(value: Any) -> Hashable:
    """The value itself, or its JSON text where it is a list or an object."""
    return dumps(value, sort_keys=True) if isinstance(value, list | tuple | dict) else value
