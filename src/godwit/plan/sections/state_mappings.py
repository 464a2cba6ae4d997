"""`state.mappings`: how rows of the baseline become rows of the candidate; it refuses a column with two origins."""

import re
from typing import Any, Literal

from pydantic import Field, model_validator

from godwit.plan.sections.words import Id, Section, Text

Collation = Literal["ignore-case", "ignore-accents", "ignore-trailing-spaces", "ignore-normalisation"]


class TableRef(Section):
    """A table (or a part of it) and its key. Without a key rows are compared as a multiset."""

    table: Text
    key: tuple[Text, ...]
    where: dict[str, Any] = Field(default_factory=dict)


class Split(Section):
    """One part of a text: part 1 is before the first `by`; with `at_most` parts the last one keeps the rest.

    With `pattern` it is the first group of a regular expression. A part that is not there is NULL.
    """

    by: Text | None = None
    part: int = Field(default=1, ge=1)
    at_most: int | None = Field(default=None, ge=1)
    pattern: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Split":
        if (self.by is None) == (self.pattern is None):
            raise ValueError("write either 'by' (and 'part') or 'pattern'")
        if self.pattern is not None:
            try:
                groups = re.compile(self.pattern).groups
            except re.error as trouble:
                raise ValueError(f"{self.pattern!r} is no regular expression: {trouble}") from None
            if groups < 1:
                raise ValueError(f"{self.pattern!r} has no group; put the wanted part into brackets")
        return self


class Column(Section):
    """One column of a mapping.

    Exactly one origin: `column` (renamed or kept), `merge` (several, joined by `joined_by`, NULL left out), `constant`,
    `sql` (an expression over the source's row, computed by the source's store), `python` (`module:function` beside the
    plan: given the cell of `column`, those of `merge`, or else the row), or `dropped` with a reason. Then `split` takes
    a part, `values` translates single values, `lookup` names a table that translates them, and `default` stands for
    NULL. Numbers may differ by `tolerance`, times by as many seconds; `collation` says what of texts does not count.
    """

    to: str | None = None
    column: str | None = None
    merge: tuple[Text, ...] = ()
    joined_by: str = " "
    constant: Any = None
    sql: Text | None = None
    python: Text | None = Field(default=None, pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    split: Split | None = None
    values: dict[str, Any] = Field(default_factory=dict)
    lookup: str | None = None
    default: Any = None
    tolerance: float | None = Field(default=None, ge=0)
    collation: tuple[Collation, ...] = ()
    dropped: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "Column":
        named = {
            "column": self.column is not None,
            "merge": bool(self.merge),
            "sql": self.sql is not None,
            "constant": self.constant is not None,
        }
        origins = [name for name, given in named.items() if given]
        if len(origins) > 1:
            raise ValueError(f"a column has one origin; this one has {' and '.join(origins)}")
        if self.python is not None and (named["sql"] or named["constant"]):
            raise ValueError("'python' takes the cell of 'column', those of 'merge', or the row, nothing else")
        if self.dropped is None and self.to is None and self.column is None:
            raise ValueError("say under 'to' which column of the target this is")
        return self

    @property
    def computed(self) -> str:
        """The name under which the store that computes `sql` delivers it."""
        return f"sql: {self.sql}" if self.sql is not None else ""

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the source that it names."""
        return self.merge if self.column is None else (self.column,)


class Each(Section):
    """What makes several rows of one: the items of `column` (a JSON list, or a text in parts `by`), or the cells of `columns`.

    In the rows made so, `item` is the name of the item (`column` itself if it is not written) and `position`, if it is
    named, its place, counted from `first`; with `columns` it holds the column's name. NULL makes no row.
    """

    column: Text | None = None
    by: Text | None = None
    columns: tuple[Text, ...] = ()
    item: Text | None = None
    position: Text | None = None
    first: int = 0

    @model_validator(mode="after")
    def _one_way(self) -> "Each":
        if (self.column is None) == (not self.columns):
            raise ValueError("write either 'column' or 'columns'")
        if self.columns and self.item is None:
            raise ValueError("say under 'item' how the cells of 'columns' are named in 'columns' of the mapping")
        return self


class Mapping(Section):
    """How rows of the baseline become rows of the candidate.

    `kind` one-to-one keeps each row; many-to-one merges the rows that get the same key, `sum` adding the named columns,
    `collect` gathering them into sorted lists, `distinct` likewise with each value once; one-to-many makes a row for
    `each` item. With `each`, many-to-one merges items.
    """

    id: Id
    sentence: Text
    kind: Literal["one-to-one", "many-to-one", "one-to-many"] = "one-to-one"
    source: TableRef
    target: TableRef
    columns: tuple[Column, ...]
    sum: tuple[Text, ...] = ()
    collect: tuple[Text, ...] = ()
    distinct: tuple[Text, ...] = ()
    each: Each | None = None

    @model_validator(mode="after")
    def _fitting_kind(self) -> "Mapping":
        if (self.kind == "one-to-many" and self.each is None) or (self.kind == "one-to-one" and self.each is not None):
            raise ValueError("'each' and a kind other than one-to-one belong together")
        if self.kind == "many-to-one" and not self.target.key:
            raise ValueError("many-to-one needs target.key: rows that get the same key are merged")
        return self


class LeftBehind(Section):
    """A table of the baseline, or columns of it, that no mapping takes over, and why."""

    table: Text
    columns: tuple[Text, ...] = ()
    reason: Text
