"""Bucket checksums as Ibis expressions: which buckets of rows differ between two tables; it reads no single row.

A sum, not an exclusive or, joins the hashes of a bucket: of rows that come twice, each counts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from godwit.state.rows.canonical import Layout
from godwit.state.rows.functions import row_hash

Sums = Mapping[int | None, tuple[int, str]]
"""Rows and sum of hashes of each bucket."""

_LEAST_BITS = 9
"""A bucket of numbered rows spans at least 512 numbers."""
_BUCKET_BITS = 15
_LISTED_AT_MOST = 10_000
"""As many buckets are named in a filter; when more differ, all rows are read."""


@dataclass(frozen=True, slots=True)
class Bucketing:
    """How rows are put into buckets: by the upper bits of a number that is the key, or by the hash of the key."""

    shift: int | None

    def bucket(self, engine: str, layout: Layout, table: Any) -> Any:
        """The bucket of each row of a canonical table."""
        if self.shift is not None:
            return table[layout.key[0]] >> self.shift
        key = [table[name] for name in layout.key]
        return row_hash(engine, key) & ((1 << _BUCKET_BITS) - 1)


def span(layout: Layout, table: Any) -> Any | None:
    """The least and largest key, as an expression; None where the key is no single whole number."""
    if len(layout.key) != 1 or not table[layout.key[0]].type().is_integer():
        return None
    key = table[layout.key[0]]
    return table.aggregate(least=key.min(), largest=key.max())


def bucketing(spans: Collection[tuple[int | None, int | None]]) -> Bucketing:
    """Buckets over the numbers that were seen on both sides; by hash if there was no span."""
    if not spans:
        return Bucketing(None)
    known = [value for pair in spans for value in pair if value is not None]
    width = max(known) - min(known) + 1 if known else 1
    return Bucketing(max(_LEAST_BITS, (width >> _BUCKET_BITS).bit_length()))


def checksums(engine: str, layout: Layout, table: Any, into: Bucketing) -> Any:
    """Rows and checksum of each bucket, as an expression with the columns bucket, n and checksum."""
    columns = [table[name] for name in (*layout.key, *layout.values)]
    hashed = table.select(bucket=into.bucket(engine, layout, table), hash=row_hash(engine, columns))
    total = hashed["hash"].cast("decimal(38, 0)").sum() if engine == "spark" else hashed["hash"].sum()
    return hashed.group_by("bucket").aggregate(n=hashed.count(), checksum=total.cast("string"))


def suspicious(one: Sums, other: Sums) -> list[int | None]:
    """The buckets that are not the same on both sides."""
    return [bucket for bucket in one.keys() | other.keys() if one.get(bucket) != other.get(bucket)]


def within(engine: str, layout: Layout, table: Any, into: Bucketing, buckets: Collection[int | None]) -> Any:
    """The rows of some buckets; where these are too many to name, all rows."""
    numbers = sorted(bucket for bucket in buckets if bucket is not None)
    if len(numbers) > _LISTED_AT_MOST:
        return table
    bucket = into.bucket(engine, layout, table)
    chosen = bucket.isin(numbers) if numbers else ibis.literal(False)
    if into.shift is not None and numbers and engine == "postgresql":
        chosen = chosen & _ranges(table[layout.key[0]], into.shift, numbers)
    return table.filter(chosen | bucket.isnull() if None in buckets else chosen)


def _ranges(key: Any, shift: int, numbers: list[int]) -> Any:
    """The same rows as ranges of the key, for which a database can use its index; said only if they are few."""
    if len(numbers) > 500:
        return ibis.literal(True)
    return ibis.or_(*(key.between(number << shift, ((number + 1) << shift) - 1) for number in numbers))
