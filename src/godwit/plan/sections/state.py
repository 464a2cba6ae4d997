"""`state`: stores, seed data, backup and restore, the conversion and its mappings."""

from typing import Any, Literal

from pydantic import Field

from godwit.plan.sections.requests import Request
from godwit.plan.sections.stacks import Role
from godwit.plan.sections.words import Command, Duration, Id, Section, Text


class Seed(Section):
    """Makes the baseline's data from a seed; `floor` is the smallest number of rows it must have made in each table."""

    run: Command
    floor: dict[Text, int] = Field(default_factory=dict)
    timeout_s: Duration = 120.0


class Backup(Section):
    """Writes a backup directory with a manifest of SHA-256 sums, and brings one back."""

    id: Id
    run: Command
    restore: Command
    directory: Text
    manifest: str = "manifest.json"
    required: tuple[Text, ...] = ()
    schedule: Literal["daily", "once"] = "once"
    timeout_s: Duration = 60.0


class Conversion(Section):
    """Makes the candidate's state from the baseline's.

    `run` converts; `copy_run` is used when the candidate's role is played by the baseline itself, whose state needs no
    conversion. `from_store` and `to_store` are placed into the command as `{source}` and `{target}`.
    """

    run: Command
    copy_run: Command
    reverse: Command | None = None
    document: Command | None = None
    timeout_s: Duration = 120.0


class TableRef(Section):
    """A table (or a part of it) and its key."""

    table: Text
    key: tuple[Text, ...]
    where: dict[str, Any] = Field(default_factory=dict)


class Column(Section):
    """One column of a mapping.

    Exactly one origin: `column` (renamed or kept), `constant`, or `dropped` with a reason. `values` translates single
    values; `table` names a `lookups` table that translates them.
    """

    to: str | None = None
    column: str | None = None
    constant: Any = None
    values: dict[str, Any] = Field(default_factory=dict)
    lookup: str | None = None
    dropped: str | None = None


class Mapping(Section):
    """How rows of the baseline become rows of the candidate.

    `kind` one-to-one keeps each row; many-to-one merges the rows that get the same key, `sum` adding the named columns
    and `collect` gathering the named columns into sorted lists.
    """

    id: Id
    sentence: Text
    kind: Literal["one-to-one", "many-to-one"] = "one-to-one"
    source: TableRef
    target: TableRef
    columns: tuple[Column, ...]
    sum: tuple[Text, ...] = ()
    collect: tuple[Text, ...] = ()


class Invariant(Section):
    """Two SQL queries, one on each store, that must give equal single values; or one that must give `equals`."""

    id: Id
    sentence: Text
    baseline: str | None = None
    candidate: str | None = None
    equals: Any = None


class BadState(Section):
    """A source that the conversion must refuse: SQL that spoils a copy of the baseline store, and what it must say."""

    id: Id
    sentence: Text
    sql: Text
    says: Text


class WriteLedger(Section):
    """Writes that go through the router (or the stack that `on` names) while the steps of `phases` run, and how each
    acknowledged one is read back.

    `write` captures `id`; `read` takes it as `{id}` and must answer 200 with the same values of the fields in `compare`.
    """

    write: Request
    read: Request
    compare: tuple[Text, ...]
    rate_per_s: float
    phases: tuple[Id, ...]
    on: Role = "router"


class State(Section):
    """State integrity. `parallel` says which state the candidate uses while both sides serve."""

    parallel: Literal["dual-write", "shared", "separate"]
    seed: Seed | None = None
    backups: tuple[Backup, ...] = ()
    conversion: Conversion | None = None
    lookups: dict[Id, dict[str, str]] = Field(default_factory=dict)
    mappings: tuple[Mapping, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    bad_states: tuple[BadState, ...] = ()
    ledger: WriteLedger | None = None
