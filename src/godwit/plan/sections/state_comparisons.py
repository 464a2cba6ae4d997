"""`state.comparisons`: tables of two stores that must hold the same rows, of any size; it says what is compared, not how."""

from typing import Literal

from pydantic import Field, PositiveInt, model_validator

from godwit.plan.sections.words import Duration, Id, Section, Text


class RowSource(Section):
    """Rows of a store: a `table` of it, or what a `query` in the store's own SQL gives.

    `store` is a URL (`sqlite:///`, `postgresql+psycopg://`, `duckdb:///`) or the path of a file that is one table:
    `.parquet`, `.csv`, `.jsonl`, `.arrow`. Places such as `{baseline.store}` are filled.
    """

    store: Text
    table: Text | None = None
    query: Text | None = None

    @model_validator(mode="after")
    def _names_rows(self) -> "RowSource":
        if self.table and self.query:
            raise ValueError("the rows are those of a table or of a query; write one of them")
        return self


class ComparedColumn(Section):
    """How one column of the candidate comes about, where it is not the baseline's column of the same name as it is.

    `column` is the baseline's column that it is made from, `sql` an expression over the baseline's row. `tolerance` lets
    numbers differ by so much. `ignored` says why the column is not compared.
    """

    column: Text | None = None
    sql: Text | None = None
    tolerance: float | None = Field(default=None, gt=0)
    ignored: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "ComparedColumn":
        if self.ignored and (self.sql or self.tolerance):
            raise ValueError("an ignored column has neither sql nor tolerance")
        if not any((self.column, self.sql, self.tolerance, self.ignored)):
            raise ValueError("a column says column, sql, tolerance or ignored; leave out what is as in the baseline")
        return self


class Settling(Section):
    """Rows that differ are read again, up to `times` times, after `pause_s` each: what is on its way gets there."""

    times: PositiveInt
    pause_s: Duration


class Comparison(Section):
    """Two tables that must hold the same rows, each as often.

    `key` tells rows apart; `[]` means that nothing does, and whole rows are counted. `columns` names the candidate's
    columns that do not simply hold what the baseline's column of that name holds. `settle` is for stores that are
    written to meanwhile. At most `at_most` differences are listed in the evidence; all are counted. `memory` bounds the
    embedded engine, which goes on on disk beyond it.
    """

    id: Id
    sentence: Text
    baseline: RowSource
    candidate: RowSource
    key: tuple[Text, ...]
    columns: dict[Text, ComparedColumn] = Field(default_factory=dict)
    settle: Settling | None = None
    engine: Literal["auto", "duckdb", "spark"] = "auto"
    memory: str = Field(default="1GiB", pattern=r"^\d+(MiB|GiB)$")
    at_most: PositiveInt = 1_000_000
    phases: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _can_be_paired(self) -> "Comparison":
        near = [name for name, entry in self.columns.items() if entry.tolerance]
        if near and not self.key:
            raise ValueError(f"{near[0]} has a tolerance, which needs a key: without one, rows are counted whole")
        if wrong := [name for name in near if name in self.key]:
            raise ValueError(f"{wrong[0]} is part of the key, which has no tolerance")
        if wrong := [name for name in self.key if name in self.columns and self.columns[name].ignored]:
            raise ValueError(f"{wrong[0]} is part of the key, which cannot be ignored")
        return self
