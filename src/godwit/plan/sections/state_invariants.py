"""`state.invariants`: statements about stores, in SQL or as one of the known kinds; it refuses a statement of two kinds."""

from typing import Any

from pydantic import Field, model_validator

from godwit.plan.sections.words import Id, Section, Text


class Tally(Section):
    """Rows of a table counted, or a column of them summed, for each value of `group` (none: all together)."""

    table: Text
    where: dict[str, Any] = Field(default_factory=dict)
    group: tuple[Text, ...] = ()
    sum: Text | None = None


class Tallies(Section):
    """Two tallies that must be the same; `values` translates the baseline's groups."""

    baseline: Tally
    candidate: Tally
    values: dict[str, Any] = Field(default_factory=dict)


class Link(Section):
    """Columns that name a row of another table by its columns; NULL names none."""

    table: Text
    columns: tuple[Text, ...] = Field(min_length=1)
    to_table: Text
    to_columns: tuple[Text, ...] = Field(min_length=1)
    where: dict[str, Any] = Field(default_factory=dict)


class References(Section):
    """A link of the candidate that names only rows that are there; with `baseline`, orphans of that link stay allowed."""

    candidate: Link
    baseline: Link | None = None


class Unique(Section):
    """Columns of a table of the candidate that no two rows share; NULL is shared by none."""

    table: Text
    columns: tuple[Text, ...] = Field(min_length=1)
    where: dict[str, Any] = Field(default_factory=dict)
    ignore_case: bool = False


class Owned(Section):
    """Rows of a table, told apart by `key`, and the columns that say whose they are or who may do what with them."""

    table: Text
    key: tuple[Text, ...] = Field(min_length=1)
    owner: tuple[Text, ...] = Field(min_length=1)
    where: dict[str, Any] = Field(default_factory=dict)


class Owners(Section):
    """Rows that must belong to the same owner on both sides; `values` translates the baseline's owners."""

    baseline: Owned
    candidate: Owned
    values: dict[str, Any] = Field(default_factory=dict)


class SameOrder(Section):
    """Two SQL queries, one on each store, that must give the same rows in the same order."""

    baseline: Text
    candidate: Text


_KINDS = ("rows_per", "references", "unique", "owner", "same_order")


class Invariant(Section):
    """Two SQL queries, one on each store, that must give equal single values; or one that must give `equals`.

    Or, instead of queries, one of the kinds: `rows_per`, `references`, `unique`, `owner`, `same_order`.
    """

    id: Id
    sentence: Text
    baseline: str | None = None
    candidate: str | None = None
    equals: Any = None
    rows_per: Tallies | None = None
    references: References | None = None
    unique: Unique | None = None
    owner: Owners | None = None
    same_order: SameOrder | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Invariant":
        kinds = [kind for kind in _KINDS if getattr(self, kind) is not None]
        kinds += ["a query"] if self.baseline or self.candidate else []
        if len(kinds) != 1:
            asked = "baseline, candidate, " + ", ".join(_KINDS)
            raise ValueError(f"an invariant states one thing; this one has {' and '.join(kinds) or 'none'} of {asked}")
        return self
