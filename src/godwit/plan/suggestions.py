"""Words for a person: the nearest known word and the list of what is allowed."""

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 16


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None if nothing is near."""
    matches = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def listed(known: Iterable[str]) -> str:
    """The known words in order, at most sixteen of them."""
    words = sorted(set(known))
    rest = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return ", ".join(words[:_MOST]) + rest if words else "none"


def advice(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'? allowed: ...`."""
    words = tuple(known)
    near = nearest(word, words)
    meant = f"did you mean '{near}'? " if near else ""
    return f"; {meant}allowed: {listed(words)}"
