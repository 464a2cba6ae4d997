"""Judges a history of registers or counters, object by object, and says in words what fits into no order."""

from collections.abc import Hashable, Mapping, Sequence

from godwit.checks.differences import grouped, verdict_on
from godwit.checks.linearizable import STEPS_AT_MOST, Kind, Operation, find_order
from godwit.verdict import Finding, Judgement, inconclusive

Around = tuple[float, float]
"""When what happened meanwhile began and ended, in the seconds of the operations."""


def judge_history(
    kind: Kind,
    objects: Mapping[str, Sequence[Operation]],
    initial: Hashable,
    around: Around | None,
    steps_at_most: int = STEPS_AT_MOST,
) -> Judgement:
    """Judge what clients did to each object: there must be an order that keeps time and explains every read.

    Inconclusive without a write and a read that ended before `around` and without such after it, for then nothing was
    seen of the change, and where the search for an order was given up.
    """
    every = [each for operations in objects.values() for each in operations]
    missing = _unseen(every, around)
    if missing:
        return inconclusive(f"{len(every)} operations, but {missing}: nothing is known of the change")
    wrong: list[tuple[object, Finding]] = []
    undecided = 0
    for name, operations in objects.items():
        order = find_order(kind, operations, initial, steps_at_most)
        undecided += order.exists is None
        if order.exists is False:
            found = _told(kind, name, operations, initial, order.stuck)
            wrong.append((found.what, found))
    if undecided and not wrong:
        return inconclusive(f"for {undecided} of {len(objects)} {kind}s the search for an order was given up")
    return verdict_on(grouped(wrong), len(every), f"operations on {len(objects)} {kind}(s)")


def _unseen(every: Sequence[Operation], around: Around | None) -> str:
    """What is missing to say anything; empty if nothing is."""
    if around is None:
        return "nothing says when the change began and ended"
    first, last = around
    for does in ("write", "read"):
        seen = [each for each in every if each.does == does and not each.is_open]
        if not any(each.ended_s < first for each in seen):
            return f"no {does} was answered before it"
        if not any(each.began_s > last for each in seen):
            return f"no {does} was answered after it"
    return ""


def _told(
    kind: Kind, name: str, operations: Sequence[Operation], initial: Hashable, stuck: Operation | None
) -> Finding:
    """Why there is no order: the first read that is wrong by itself, else the operation that the search could not place."""
    reads = sorted((each for each in operations if each.does == "read"), key=lambda each: each.ended_s)
    explain = _of_counter if kind == "counter" else _of_register
    for read in reads:
        found = explain(name, operations, initial, read)
        if found is not None:
            return found
    seen = f"{stuck.does} {stuck.value!r} at {stuck.began_s:.3f} s" if stuck else "no order"
    return Finding("no order explains what was read", name, "", seen, f"among {len(operations)} operations")


def _of_counter(name: str, operations: Sequence[Operation], initial: Hashable, read: Operation) -> Finding | None:
    writes = [each for each in operations if each.does == "write"]
    least = _number(initial) + sum(each.ended_s < read.began_s for each in writes)
    most = _number(initial) + sum(each.began_s <= read.ended_s for each in writes)
    if least <= _number(read.value) <= most:
        return None
    shown = str(read.value)
    if _number(read.value) > most:
        return Finding("write was doubled", name, f"at most {most}", shown, "more is counted than was written by then")
    last = max((each for each in operations if each.does == "read"), key=lambda each: each.began_s)
    if _number(last.value) < _number(initial) + sum(each.ended_s < last.began_s for each in writes):
        return Finding(
            "write was lost", name, f"at least {least}", shown, "to the end fewer are counted than acknowledged"
        )
    return Finding("stale read", name, f"at least {least}", shown, "acknowledged writes are counted later only")


def _of_register(name: str, operations: Sequence[Operation], initial: Hashable, read: Operation) -> Finding | None:
    writes = [each for each in operations if each.does == "write"]
    sources = [each for each in writes if each.value == read.value and each.began_s <= read.ended_s]
    if not sources and read.value != initial:
        return Finding("nobody wrote it", name, "(never written by then)", repr(read.value))
    last_s = max((each.ended_s for each in sources), default=float("-inf"))
    newer = [each for each in writes if last_s < each.began_s and each.ended_s < read.began_s]
    if not newer:
        return None
    latest = max(newer, key=lambda each: each.ended_s)
    last = max((each for each in operations if each.does == "read"), key=lambda each: each.began_s)
    is_lost = last.value != latest.value and not any(each.began_s > latest.began_s for each in writes)
    what = "write was lost" if is_lost else "stale read"
    reason = f"{latest.value!r} was acknowledged {read.began_s - latest.ended_s:.3f} s before"
    return Finding(what, name, repr(latest.value), repr(read.value), reason)


def _number(value: Hashable) -> int:
    return value if isinstance(value, int) else 0
