"""Judges whether every acknowledged write is still there, once, unchanged, in order; a write nobody looked for proves nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from godwit.checks.differences import grouped, verdict_on
from godwit.checks.subset import holds
from godwit.verdict import Finding, Judgement, inconclusive


def judge_ledger(
    acknowledged: Mapping[str, Mapping[str, Any]],
    found: Mapping[str, Mapping[str, Any] | None],
    counts: Mapping[str, int],
) -> Judgement:
    """Judge acknowledged writes (id to the fields that must be there) by what was found.

    `found` maps each id that was looked for to its row, or to None when there is none: lost. `counts` maps an id to
    the number of rows that came of its write: more than one is doubled. A field that differs is changed. Ids that were
    not looked for make it inconclusive unless something else is wrong.
    """
    wrong: list[tuple[object, Finding]] = []
    for write, fields in acknowledged.items():
        row = found.get(write)
        if write in found and row is None:
            wrong.append(("lost", Finding("write was lost", write, "acknowledged", "(absent)")))
        if counts.get(write, 0) > 1:
            wrong.append(("doubled", Finding("write was doubled", write, "once", f"{counts[write]} times")))
        if row is not None:
            wrong += [_changed(write, it) for it in holds(dict(fields), dict(row))]
    unseen = [write for write in acknowledged if write not in found]
    if unseen and not wrong:
        return inconclusive(f"{len(unseen)} of {len(acknowledged)} acknowledged writes were not looked for")
    return verdict_on(grouped(wrong), len(acknowledged), "acknowledged write(s)")


@dataclass(frozen=True, slots=True)
class Sent:
    """One write of a client by its mark, which no other write has, and whether it was acknowledged."""

    mark: str
    ok: bool


def judge_listed(
    sent: Mapping[str, Sequence[Sent]],
    listed: Mapping[str, Sequence[str]],
    troubles: Mapping[str, str],
    *,
    is_own: bool,
    in_order: bool,
) -> Judgement:
    """Judge the marks that are listed for each client by what it sent, in the order in which it sent them.

    An acknowledged write must be listed once; one without an answer once or not at all. With `in_order` the
    acknowledged ones must be listed in the order of their sending. With `is_own` a client's list holds nothing that it
    did not send. A list that could not be read to its end (`troubles`, by client) is inconclusive unless something is wrong.
    """
    wrong = [found for client in sent for found in _misplaced(client, sent[client], listed.get(client, ()), is_own)]
    wrong += [
        found for client in sent if in_order for found in _disordered(client, sent[client], listed.get(client, ()))
    ]
    if troubles and (not wrong or all(key == "lost" for key, _ in wrong)):
        client, trouble = next(iter(troubles.items()))
        return inconclusive(f"the writes of client {client} could not be listed to the end: {trouble}")
    count = sum(each.ok for writes in sent.values() for each in writes)
    return verdict_on(grouped(wrong), count, f"acknowledged write(s) of {len(sent)} client(s)")


def _misplaced(
    client: str, sent: Sequence[Sent], listed: Sequence[str], is_own: bool
) -> Iterator[tuple[object, Finding]]:
    counts = Counter(listed)
    for each in sent:
        if each.ok and not counts[each.mark]:
            yield "lost", Finding("write was lost", each.mark, "acknowledged", "(not listed)", f"of client {client}")
        if counts[each.mark] > 1:
            shown = f"{counts[each.mark]} times"
            yield "doubled", Finding("write was doubled", each.mark, "once", shown, f"of client {client}")
    known = {each.mark for each in sent}
    for mark in counts if is_own else ():
        if mark not in known:
            yield (
                "strange",
                Finding("nobody wrote it", mark, "(never sent)", "listed", f"in the list of client {client}"),
            )


def _disordered(client: str, sent: Sequence[Sent], listed: Sequence[str]) -> Iterator[tuple[object, Finding]]:
    place = {mark: index for index, mark in reversed(list(enumerate(listed)))}
    there = [each.mark for each in sent if each.ok and each.mark in place]
    for one, other in pairwise(there):
        if place[one] > place[other]:
            reason = f"client {client} had the answer to the first before it sent the second"
            yield "order", Finding("order was not kept", other, f"after {one}", f"before {one}", reason)


def _changed(write: str, it: Finding) -> tuple[object, Finding]:
    return ("changed", it.where), Finding(
        f"write was changed at {it.where}", write, it.baseline, it.candidate, it.reason
    )
