"""Tells whether a load was the one that was asked for, or measured the generator itself; judges no stack."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from godwit.verdict import Judgement, LoadRun

GENERATOR_CPU_AT_MOST = 0.9
LATE_SHARE_AT_MOST = 0.05
REACHED_AT_LEAST = 0.95
WAITED_AT_MOST = 0.01
"""Share of the requests that may have waited for a connection of the generator's own and say too much of it."""

_FAULTS: Mapping[str, str] = {
    "ports": "{n} requests were not sent: no port was free on this machine; send fewer a second that open a connection, let the "
    "stack keep connections open, or widen net.ipv4.ip_local_port_range",
    "files": "{n} requests were not sent: this process may open no more files; raise `ulimit -n`",
    "memory": "{n} requests were not sent: the system had no buffers left; spread the load over machines with --master and --worker",
}


def unfit(load: LoadRun) -> str:
    """Why nothing can be judged on this load and what would help, or nothing when it was the load that was asked for."""
    return next(filter(None, (look(load) for look in _LOOKS)), "")


def labelled(judgement: Judgement, load: LoadRun) -> Judgement:
    """The judgement, and that it rests on a closed loop where it does: what was slow was asked for less often there."""
    if load.loop == "open":
        return judgement
    return replace(judgement, reason=f"{judgement.reason} (closed loop: slow answers asked for less load)")


def _nothing(load: LoadRun) -> str:
    return f"load {load.profile} asked for nothing" if load.asked <= 0 or load.seconds <= 0 else ""


def _saturated(load: LoadRun) -> str:
    if load.generator_cpu <= GENERATOR_CPU_AT_MOST:
        return ""
    seen = f"the load generator used {load.generator_cpu:.0%} of its core: it measured itself"
    return f"{seen}; ask for a lower rate, or share it out with workers: {2 * load.workers}"


def _late(load: LoadRun) -> str:
    if load.late_share <= LATE_SHARE_AT_MOST:
        return ""
    seen = f"{load.late_share:.1%} of the requests started late through the generator's own fault"
    return f"{seen}; give it a core of its own, ask for a lower rate, or share it out with workers: {2 * load.workers}"


def _not_sent(load: LoadRun) -> str:
    return next((text.format(n=load.faults[name]) for name, text in _FAULTS.items() if load.faults.get(name)), "")


def _queued(load: LoadRun) -> str:
    """Requests that waited here and not at the stack; those that were never answered have failed, and are no excuse."""
    waited = load.faults.get("connections", 0)
    if waited <= WAITED_AT_MOST * load.asked:
        return ""
    return (
        f"{waited} of {load.asked} requests waited for a connection of the generator; raise connections, or add workers"
    )


def _disturbed(load: LoadRun) -> str:
    if load.foreign_cpu <= load.foreign_cpu_at_most:
        return ""
    return f"other work used {load.foreign_cpu:.0%} of the machine meanwhile: measure again when it is quiet"


def _short(load: LoadRun) -> str:
    sent = sum(series.n for operations in load.sides.values() for series in operations.values())
    return f"only {sent} of {load.asked} requests were sent" if sent < REACHED_AT_LEAST * load.asked else ""


_LOOKS: tuple[Callable[[LoadRun], str], ...] = (_nothing, _saturated, _late, _not_sent, _queued, _disturbed, _short)
