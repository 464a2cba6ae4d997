"""Finds the elements of a plan that a phase was to exercise and whose suite it does not ask for; judges no plan."""

from collections.abc import Iterator
from typing import Any

from godwit.plan import Flags, Plan, SuiteUse, Unasked
from godwit.session.expansion import Expansion, Soaked, expand
from godwit.session.shipped import suites


def unasked(plan: Plan, expanded: Expansion) -> tuple[Unasked, ...]:
    """What a plan's phases leave out of the elements that name phases, or that are for any."""
    made = {(check.phase, id(_entry(check.element))) for check in expanded.checks}
    return tuple(each for entry, by_phase in _offered(plan) for each in _left_out(entry, by_phase, made))


def _offered(plan: Plan) -> list[tuple[Any, dict[str, list[str]]]]:
    """The elements that may name phases, each with the promises that would exercise it in a phase that asks for every suite."""
    every = tuple(SuiteUse(suite=suite) for suite in suites())
    phases = tuple(phase.model_copy(update={"suites": every}) for phase in plan.phases)
    found: dict[int, tuple[Any, dict[str, list[str]]]] = {}
    # Flags name no phases, and to make their matrix takes its time.
    for check in expand(plan.model_copy(update={"phases": phases, "flags": Flags()})).checks:
        entry = _entry(check.element)
        if hasattr(entry, "phases"):
            _, by_phase = found.setdefault(id(entry), (entry, {}))
            promises = by_phase.setdefault(check.phase, [])
            promises += {f"{check.promise.suite}/{check.promise.name}"} - set(promises)
    return list(found.values())


def _left_out(entry: Any, by_phase: dict[str, list[str]], made: set[tuple[str, int]]) -> Iterator[Unasked]:
    missing = [phase for phase in by_phase if (phase, id(entry)) not in made]
    if entry.phases:
        yield from (Unasked(entry, phase, tuple(by_phase[phase])) for phase in missing)
    elif len(missing) == len(by_phase):
        yield Unasked(entry, None, tuple(by_phase[missing[0]]))


def _entry(element: Any) -> Any:
    """The entry of the plan that an element stands for."""
    return element.soak if isinstance(element, Soaked) else element
