"""Lints about elements that a phase is to exercise and whose suite it does not ask for; what suites exercise is told to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from godwit.plan.lint_flow import Said
from godwit.plan.model import Plan
from godwit.plan.sections.words import Section
from godwit.plan.source import Where


@dataclass(frozen=True, slots=True)
class Unasked:
    """An element that no promise of a phase exercises though it is for that phase, or for any where `phase` is None.

    `promises` are those that would, each as `suite/promise`.
    """

    element: Section
    phase: str | None
    promises: tuple[str, ...]


def unasked_elements(plan: Plan, unasked: Sequence[Unasked]) -> Iterator[Said]:
    """Each of them at its place: it would be left out without a word."""
    places = {id(section): where for where, section in _sections(plan, ())}
    for each in unasked:
        where = places[id(each.element)]
        named = getattr(each.element, "id", "")
        ask = f"ask for {' or '.join(each.promises)}"
        if each.phase is None:
            yield "element-never-asked", where, f"no phase asks for a suite that exercises {named}; {ask} in one"
        else:
            place = (*where, "phases", getattr(each.element, "phases", ()).index(each.phase))
            yield (
                "element-never-asked",
                place,
                f"phase {each.phase} asks for no suite that exercises {named}; {ask} there",
            )


def _sections(value: object, where: Where) -> Iterator[tuple[Where, Section]]:
    if isinstance(value, Section):
        yield where, value
        for name, each in value:
            yield from _sections(each, (*where, name))
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _sections(item, (*where, place))
