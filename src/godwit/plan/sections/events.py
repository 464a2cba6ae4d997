"""`surfaces.events`: streams of events; says nothing about how they are compared."""

from typing import Annotated, Literal

from pydantic import Field

from godwit.plan.sections.requests import Request
from godwit.plan.sections.words import Duration, Id, Path, Pointer, Section


class EventStream(Section):
    """A stream of server-sent events, listened to on both sides while `stimulus` runs on each.

    Listening ends when nothing has come for `quiet_s` after the stimulus, or after `within_s`. The baseline must send
    `at_least` so many. With `key`, a pointer into the payload, order counts only among events of one key.
    """

    id: Id
    path: Path
    protocol: Literal["sse"] = "sse"
    headers: dict[str, str] = Field(default_factory=dict)
    stimulus: tuple[Request, ...] = ()
    key: Pointer | None = None
    at_least: Annotated[int, Field(ge=1)] = 1
    quiet_s: Duration = 1.0
    within_s: Duration = 10.0
    phases: tuple[Id, ...] = ()
    needs: frozenset[Id] = frozenset()


class EventSurface(Section):
    """Event streams."""

    streams: tuple[EventStream, ...] = ()
