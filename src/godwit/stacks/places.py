"""The `{name}` places of commands, environments and stores, from outside and inside a stack; refuses unknown names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from godwit.verdict import GodwitError

_TOLD = ("python", "tree", "url")
"""What of a stack others may name, besides the addresses of its dependencies."""
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def fill_text(text: str, places: Mapping[str, str]) -> str:
    """The text with every `{name}` replaced; `{{` and `}}` stand for braces.

    Raises GodwitError for a name that `places` does not hold, or for a lone brace.
    """

    def replacement(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match[1] is None or match[1] not in places:
            known = ", ".join(sorted(places)) or "none"
            what = "lone brace" if match[1] is None else f"unknown place {match[0]}"
            raise GodwitError(f"{what} in {text!r}; known places: {known}; a literal brace is written {{{{ or }}}}")
        return places[match[1]]

    return _PLACE.sub(replacement, text)


def fill(words: Iterable[str], places: Mapping[str, str]) -> tuple[str, ...]:
    """Each word of a command with its places filled; raises GodwitError as `fill_text` does."""
    return tuple(fill_text(word, places) for word in words)


@dataclass(frozen=True, slots=True)
class Placement:
    """What is known of one stack before it starts: names of its own, seen from `inside` its network and from `outside`.

    Both hold at least `url`; `addresses` of dependencies are there as `<dependency>.address`.
    """

    inside: Mapping[str, str]
    outside: Mapping[str, str]
    store: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Every place of a pair of stacks.

    `outside` is for commands that tools run on this machine: the names that all share, and `<role>.url`, `<role>.tree`,
    `<role>.python`, `<role>.store`, `<role>.<dependency>.address`. `of(role)` adds what only the role's own stack has (`url`, `store`,
    `port`, `<dependency>.address`).
    """

    outside: Mapping[str, str]
    _inside: Mapping[str, str]
    _placements: Mapping[str, Placement]
    _stores: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, role: str, *, inside: bool = False) -> Mapping[str, str]:
        """All names that a text of this role may use, in one of the two views."""
        placement = self._placements[role]
        own = placement.inside if inside else placement.outside
        places = {**(self._inside if inside else self.outside), **own, "role": role}
        if role in self._stores:
            places["store"] = self._stores[role][0 if inside else 1]
        return places

    def but(self, role: str, placement: Placement, store: str | None = None) -> "Places":
        """These places with another stack in a role, on another store (a URL) if one is given; nobody else hears of it."""
        stores = self._stores if store is None else {**self._stores, role: (store, store)}
        return Places(self.outside, self._inside, {**self._placements, role: placement}, stores)

    def store(self, role: str) -> str | None:
        """The role's store URL as tools on this machine reach it, or None."""
        return self._stores[role][1] if role in self._stores else None


def lay_out(shared: Mapping[str, str], placements: Mapping[str, Placement]) -> Places:
    """Join the placements of all roles; a store may use everything but stores of roles that come after it."""
    inside, outside = dict(shared), dict(shared)
    for role, placement in placements.items():
        for view, own in ((inside, placement.inside), (outside, placement.outside)):
            view.update({f"{role}.{name}": text for name, text in own.items() if name in _TOLD or "." in name})
    stores: dict[str, tuple[str, str]] = {}
    for role, placement in placements.items():
        if placement.store is not None:
            own_inside = fill_text(placement.store, {**inside, **placement.inside, "role": role})
            own_outside = fill_text(placement.store, {**outside, **placement.outside, "role": role})
            stores[role] = (own_inside, own_outside)
            inside[f"{role}.store"], outside[f"{role}.store"] = own_inside, own_outside
    return Places(MappingProxyType(outside), MappingProxyType(inside), MappingProxyType(dict(placements)), stores)
