"""`state.crashes`: commands that change state and are killed at every step; says nothing of how the steps are found."""

from typing import Literal, Self

from pydantic import Field, model_validator

from godwit.plan.sections.words import Command, Duration, Id, Section, Text

PointKind = Literal["create", "write", "mode", "fsync", "rename", "unlink", "commit", "exit"]
"""What a program asks of the system just before it is killed: `create` opens a file to make or empty it, or makes a folder
or a link; `mode` changes permissions, owners or times; `commit` is the write or removal by which SQLite commits."""

Trouble = Literal["disk-full", "permission-denied", "power-loss"]
"""What may happen instead of a kill. `disk-full`: from a point on nothing can be made or written. `permission-denied`: from
a point on no file can be made, renamed or removed. `power-loss`: killed, and what no fsync has covered is lost."""


class Unlike(Section):
    """What may differ between two undisturbed runs, and why: a file (`target/*.log`), a table (`target.db/audit`) or a
    column of it (`target.db/audit.at`), as a pattern."""

    what: Text
    reason: Text


class Crash(Section):
    """A command that changes state, killed at each of its steps, each time in a fresh folder.

    In every command `{folder}` is that folder and `{source}` and `{target}` lie in it: with `kind: store` the URLs of
    SQLite files, with `kind: tree` the paths of folders. `source` is what is copied there; `prepare` runs once in each
    folder, which is put back before every try. `run` is killed. Then `done` says by exit code 0 whether it takes the work
    for complete. Then `resume` (default: `run` again) must bring the folder to where an undisturbed run brings it; with
    `restore` instead, or as well, the source must be what it was. `view` writes into the folder what cannot be compared as
    it lies there, such as what is encrypted. At most `points_at_most` points are tried, spread over all, every kind among
    them; none is tried after `time_s`.
    """

    id: Id
    sentence: Text
    kind: Literal["store", "tree"] = "store"
    source: Text | None = None
    prepare: Command | None = None
    run: Command
    done: Command | None = None
    resume: Command | None = None
    restore: Command | None = None
    view: Command | None = None
    ignore: tuple[Unlike, ...] = ()
    at: tuple[PointKind, ...] = Field(
        default=("create", "write", "mode", "fsync", "rename", "unlink", "commit", "exit"), min_length=1
    )
    points_at_most: int = Field(default=400, ge=1)
    also: tuple[Trouble, ...] = ()
    timeout_s: Duration = 60.0
    time_s: Duration = 600.0

    @model_validator(mode="after")
    def _has_a_beginning(self) -> Self:
        if self.source is None and self.prepare is None:
            raise ValueError("nothing to convert: name a source, or a command that prepares {source}")
        return self
