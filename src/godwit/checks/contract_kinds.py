"""The kinds of change between two contracts, each with a stable code and what it does to clients; finds none itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """What a change does to clients of the baseline, as far as the documents tell."""

    BREAKING = "breaking"
    RISKY = "risky"
    COMPATIBLE = "compatible"


_B, _R, _C = Level.BREAKING, Level.RISKY, Level.COMPATIBLE

KINDS: Mapping[str, Level] = {
    "mount-moved": _R,
    "operation-removed": _B,
    "operation-added": _C,
    "operation-deprecated": _C,
    "parameter-removed": _B,
    "parameter-added": _C,
    "parameter-newly-required": _B,
    "parameter-now-optional": _C,
    "parameter-default-changed": _R,
    "parameter-deprecated": _C,
    "request-body-newly-required": _B,
    "request-body-removed": _R,
    "request-media-type-removed": _B,
    "request-media-type-added": _C,
    "request-property-newly-required": _B,
    "request-property-refused": _B,
    "request-property-ignored": _R,
    "request-property-added": _C,
    "request-property-now-optional": _C,
    "request-properties-closed": _B,
    "request-type-narrowed": _B,
    "request-type-widened": _C,
    "request-enum-value-removed": _B,
    "request-enum-value-added": _C,
    "request-bound-tightened": _B,
    "request-default-changed": _R,
    "request-alternative-removed": _B,
    "response-status-removed": _B,
    "response-error-status-removed": _R,
    "response-status-added": _C,
    "response-media-type-removed": _B,
    "response-media-type-added": _C,
    "response-header-removed": _B,
    "response-property-removed": _B,
    "response-property-added": _C,
    "response-property-now-optional": _B,
    "response-property-newly-required": _C,
    "response-type-changed": _B,
    "response-type-widened": _B,
    "response-type-narrowed": _C,
    "response-enum-value-added": _R,
    "response-enum-value-removed": _C,
    "response-bound-loosened": _R,
    "response-alternative-added": _R,
    "property-deprecated": _C,
    "security-added": _B,
    "security-removed": _C,
}
"""Codes of changes and their levels. A code never changes its meaning; reports and waivers name it."""

NOTHING = object()
"""No value: null is one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a contract: an operation, a part of it, and the steps into a body (`*` for items of a list).

    `part` is `request`, `response` (of `status`), `parameter` (with `parameter` as place and name) or `operation`.
    `origin` names the component schema that the place is in, and the steps from there: places with the same origin
    change for the same cause.
    """

    method: str
    path: str
    part: str = "operation"
    status: str = ""
    parameter: tuple[str, str] = ("", "")
    media: str = ""
    steps: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The place as people read it."""
        words = [self.method, self.path, self.status if self.part == "response" else ""]
        words += ["request" if self.part == "request" else "", *self.parameter, self.media]
        words += ["[]" if step == "*" else f".{step}" for step in self.steps]
        return " ".join(word for word in words if word)

    @property
    def operation(self) -> tuple[str, str]:
        """Method and path of its operation."""
        return self.method, self.path


@dataclass(frozen=True, slots=True)
class Change:
    """One change between two contracts.

    `value` is what a client of the baseline may send and the candidate's document refuses, or the old default;
    NOTHING where there is no such value. `types` are the JSON types that the baseline's document promises there.
    """

    code: str
    place: Place
    baseline: str
    candidate: str
    value: Any = field(default=NOTHING, compare=False)
    types: frozenset[str] = frozenset()

    @property
    def level(self) -> Level:
        """What it does to clients, by the documents."""
        return KINDS[self.code]

    @property
    def cause(self) -> tuple[object, ...]:
        """Equal for changes that have one cause: the same change of the same component schema."""
        where = self.place.origin or (self.place.text,)
        return (self.code, where, self.baseline, self.candidate)
