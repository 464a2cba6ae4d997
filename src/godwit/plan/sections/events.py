"""`surfaces.events`: streams of events; says nothing about how they are compared."""

from typing import Literal

from godwit.plan.sections.words import Id, Path, Section


class EventStream(Section):
    """A stream of events."""

    id: Id
    path: Path
    protocol: Literal["sse", "redis-stream"] = "sse"


class EventSurface(Section):
    """Event streams."""

    streams: tuple[EventStream, ...] = ()
