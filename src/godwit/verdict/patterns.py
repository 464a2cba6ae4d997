"""Which checks a pattern means; a pattern names no migration, `*` stands for anything, and no pattern means everything."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def is_meant(check_id: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns means this check; a pattern without a case means all cases of its promise.

    >>> is_meant("shop/cutover/the-backup-is-whole/full", ["cutover/the-backup-is-whole"])
    True
    """
    rest = check_id.partition("/")[2]
    return any(
        rest == pattern or fnmatchcase(rest, pattern) or fnmatchcase(rest, f"{pattern}/*") for pattern in patterns
    )
