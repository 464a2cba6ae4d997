"""`soaks`, `footprints`: what must not pile up over cycles of a load, and what a stack may take before it does anything."""

from typing import Annotated, Literal

from pydantic import Field

from godwit.plan.sections.words import Duration, Id, Section

Resource = Literal["memory_mb", "descriptors", "threads", "connections", "disk_mb"]
"""What can pile up in a stack: memory (PSS), open files, threads, open sockets, and the size of what it writes to."""


class Soak(Section):
    """Cycles of a load, one like the other, over which nothing may pile up.

    A cycle is so many of the profile's requests that the stack `on` answered well. What a resource falls back to in each (its
    least value there) is followed over all cycles but the first `warmup`, by a Theil-Sen slope with its interval at
    `confidence`: it may grow by `grows_at_most` a cycle, each limit in the resource's own unit (MB or a count). Fewer than
    `at_least` cycles say nothing.

    The clock is accelerated: `stands_for` is the time of real use in which so many requests come, and the verdict says
    both times. What only passes with time itself (timers, expiry, nightly jobs) is not shown by such a soak. A stack without
    the capabilities of `needs` is not asked, here and in footprints.
    """

    id: Id
    profile: Id
    on: Literal["baseline", "candidate"] = "candidate"
    cycle: Annotated[int, Field(ge=1)]
    stands_for: Duration
    warmup: Annotated[int, Field(ge=0)]
    at_least: Annotated[int, Field(ge=10)]
    grows_at_most: Annotated[dict[Resource, Annotated[float, Field(ge=0)]], Field(min_length=1)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()


class Footprint(Section):
    """Memory that a stack takes over an idle interpreter with the same imports, in MB.

    `readings` of the stack, after `settle_s` without load, are compared with as many of idle interpreters that its own
    interpreter runs in its folder and environment and that have imported `imports`. A stack of one process is read by what nobody
    shares (USS); one of several by PSS, beside as many idle interpreters at once.
    """

    id: Id
    on: Literal["baseline", "candidate"] = "candidate"
    imports: tuple[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")], ...] = ()
    settle_s: Duration
    readings: Annotated[int, Field(ge=3, le=50)]
    at_most_mb: Annotated[float, Field(gt=0)]
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()
