"""`state.schemas`: what the tables of a converted store must look like; it refuses a check held against two things."""

from pydantic import Field, model_validator

from godwit.plan.sections.words import Command, Duration, Id, Section, Text


class DeclaredTable(Section):
    """A table as it must be. `columns` are written like `TEXT not null default 'x'`; a list is left out if it may be anything.

    `unique` and `indices` list columns, joined by commas; an index reads `unique a, b where c > 0` if it is unique and of some
    rows. `foreign` is written like `parent_id -> items.id`.
    """

    columns: dict[Text, Text]
    key: tuple[Text, ...] | None = None
    unique: tuple[Text, ...] | None = None
    indices: tuple[Text, ...] | None = None
    foreign: tuple[Text, ...] | None = None
    checks: tuple[Text, ...] | None = None


class SchemaAllowance(Section):
    """A difference that is meant: `what` as the finding says it (`*` for any text), and why."""

    what: Text
    reason: Text


class SchemaCheck(Section):
    """The tables of a converted store, held against those of the source, of a fresh store, or of the plan.

    Types, NULLability, defaults, primary and foreign keys, unique and check constraints and indices. `source` maps tables
    of the source to those of the target; `fresh` is a command that makes an empty store at `{target}`, as a new
    installation would; `declared` says the tables here.
    """

    id: Id
    sentence: Text
    source: dict[Text, Text] = Field(default_factory=dict)
    fresh: Command | None = None
    declared: dict[Text, DeclaredTable] = Field(default_factory=dict)
    allow: tuple[SchemaAllowance, ...] = ()
    timeout_s: Duration = 60.0

    @model_validator(mode="after")
    def _against_one(self) -> "SchemaCheck":
        if sum((bool(self.source), self.fresh is not None, bool(self.declared))) != 1:
            raise ValueError("write one of 'source', 'fresh' and 'declared'")
        return self
