"""Ends what crashed runs left (processes, containers, networks, volumes); refuses what a living owner started."""

import os

from godwit.stacks.owners import Owner, end_all, here, marked, members, records, started


def _ends(owner: Owner, everything: bool) -> bool:
    return not owner.is_alive() or (everything and owner.pid != os.getpid())


def sweep(everything: bool = False) -> list[str]:
    """End left-overs whose owner is gone and say what they were, one line each; what does not end stays on record.

    With `everything`, what other living runs started is ended as well; this process's own stacks never are.
    """
    return _sweep_processes(everything) + _sweep_containers(everything)


def _sweep_processes(everything: bool) -> list[str]:
    ended = {pid: f"process of {owner}" for pid, owner in marked().items() if _ends(owner, everything)}
    stale = [record for record in records() if _ends(record.owner, everything)]
    for record in stale:
        if started(record.pid) == record.start:
            # A program may have overwritten its environment, and with it the mark; its session is still its own.
            ended |= dict.fromkeys(members(record.pid), f"{record.role}, process of {record.owner}")
    ended.pop(os.getpid(), None)
    end_all(list(ended))
    left = {pid for pid in ended if started(pid) is not None}
    for record in stale:
        if left.isdisjoint(members(record.pid)):
            record.forget()
    return [f"{pid}: {what}" for pid, what in sorted(ended.items()) if pid not in left]


def _sweep_containers(everything: bool) -> list[str]:
    from godwit.stacks import engine

    if not engine.may_answer():
        return []
    return engine.remove_owned(lambda owner: _ends(owner, everything), here())


if __name__ == "__main__":
    sweep()
