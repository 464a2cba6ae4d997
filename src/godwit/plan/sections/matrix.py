"""`flags.matrix`: what is asked under every flag case, what a flag may change, and what each case writes; sets no flag."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.requests import Request
from godwit.plan.sections.words import FlagValue, Id, Pointer, Section, Text

Assignment = Annotated[dict[Text, FlagValue], Field(min_length=1)]
"""Values of some flags."""


class FlagChange(Section):
    """A difference from the baseline that flags are there to make: at one place, while they have these values."""

    probe: Id
    at: Pointer
    when: Assignment
    reason: Text


class MatrixRecord(Section):
    """What every case writes, and how it is read under every other case.

    `write` captures `id`, and may name its case as `{case}`; `read` takes the record's own `{id}` and must answer 200 with
    the same values of the fields in `compare`, which are those of the answer to `write`.
    """

    write: Request
    read: Request
    compare: Annotated[tuple[Text, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_found_again(self) -> "MatrixRecord":
        if "id" not in self.write.capture:
            raise ValueError("write must capture id, by which the record is read: capture: {id: /id}")
        return self


class FlagMatrix(Section):
    """What is asked under each flag case, of the stack that the flags act on.

    `probes` are those asked; every one that only reads, if none is named. Each is asked once as every caller, by the
    caller's headers, and must answer as the baseline does, apart from `changes`. `commands`, `streams` and `calls` are
    command lines, event streams and scripts of Python calls that are compared under each case as well. `moving` names
    tables (`table`) and columns (`table.column`) of the stores that change by themselves. At most `further` cases are
    tried besides, to find out which flags a failure needs. Without the capabilities of `needs` the stack has no flags.
    """

    on: Literal["candidate", "router"]
    probes: tuple[Id, ...] = ()
    callers: dict[Id, dict[str, str]] = Field(default_factory=dict)
    changes: tuple[FlagChange, ...] = ()
    commands: tuple[Id, ...] = ()
    streams: tuple[Id, ...] = ()
    calls: tuple[Id, ...] = ()
    record: MatrixRecord | None = None
    moving: tuple[Text, ...] = ()
    needs: frozenset[Id] = frozenset()
    further: Annotated[int, Field(ge=0, le=1000)] = 200
