"""What changing flags on a running stack cost: connections, processes, toggles; judges what was counted, and counts nothing."""

from collections.abc import Sequence

from godwit.verdict import Finding, Judgement, inconclusive, judged


def judge_same_processes(before: frozenset[str], after: frozenset[str]) -> Judgement:
    """Judge that every process that ran before (`<role> <id>`) still runs; none seen before is inconclusive."""
    if not before:
        return inconclusive(
            "no process of the stack can be seen from here; write flags.shown.process, which points to a process id"
        )
    gone = [Finding("process ended", process) for process in sorted(before - after)]
    return judged(gone, len(before), "processes")


def judge_connections(before: Sequence[str], after: Sequence[str]) -> Judgement:
    """Judge that connections which answered before still answer; each text says why one does not, empty if it does."""
    if not before or any(before):
        why = next((text for text in before if text), "none was opened")
        return inconclusive(f"the stack keeps no connection open: {why}")
    lost = [
        Finding("connection was lost", f"connection {number}", "answers", text)
        for number, text in enumerate(after, 1)
        if text
    ]
    return judged(lost, len(before), "connections")


def judge_toggles(asked: int, done: int, writes: int, trouble: str) -> Judgement:
    """Judge that a flag was turned as often as asked, and that clients wrote meanwhile: once between two turns.

    `trouble` is what kept it from being turned further; empty if nothing did.
    """
    if trouble and done < asked:
        return judged(
            [Finding("flag was not turned", f"turn {done + 1} of {asked}", candidate=trouble)], asked, "turns"
        )
    if done < asked or writes < asked:
        return inconclusive(f"{done} of {asked} turns were made, with {writes} acknowledged writes meanwhile")
    return judged([], asked, f"turns with {writes} acknowledged writes meanwhile")
