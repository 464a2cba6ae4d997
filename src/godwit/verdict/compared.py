"""What was seen when two tables were compared: counts that are exact and examples that are bounded; it judges nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Place = tuple[Any, ...]
"""The key of a row; of rows without a key, the whole row."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One cell that differs, in the form both sides were compared in."""

    place: Place
    baseline: Any
    candidate: Any


@dataclass(frozen=True, slots=True)
class ChangedColumn:
    """The cells of one column that differ: how many, and the first of them by key."""

    column: str
    count: int
    cells: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Surplus:
    """Rows that one side has and the other has not: how many, the first of them by key, and what all of them share.

    `again` counts those whose key is on the other side too, less often. `shared` holds cells that all of these rows have
    and no other row of their side.
    """

    count: int
    again: int
    places: tuple[Place, ...]
    shared: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ComparedTables:
    """Two tables as they were compared.

    `absent` are columns of the baseline that became none of the candidate's; `notes` say how the comparison was made; `listed` is
    how many differences stand in the file `evidence`, empty if there was none to write.
    """

    baseline_rows: int
    candidate_rows: int
    columns: int
    missing: Surplus
    extra: Surplus
    changed_rows: int
    changed: tuple[ChangedColumn, ...]
    absent: tuple[str, ...]
    notes: tuple[str, ...]
    listed: int
    evidence: str
