"""Draws arguments by Hypothesis from JSON Schemas until both sides part, and shrinks to the smallest; judges nothing itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from godwit.plan import Draw
from godwit.session.shrinking import PartedError, search, settings
from godwit.surfaces import values_of
from godwit.verdict import GodwitError, HarnessError, Judgement, Outcome, failed, inconclusive, passed

LOST_AT_MOST = 3
"""How often an example may end without a reply: each costs its whole time limit, and shrinking would repeat it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Arguments that were drawn."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def text(self) -> str:
        """The arguments as JSON, which a plan or a recording takes."""
        return json.dumps({"args": self.args, "kwargs": self.kwargs}, ensure_ascii=False)


_TOLD = 300

Give = Callable[[Drawn], tuple[Judgement, bool]]


@dataclass(slots=True)
class _Tally:
    """What the examples gave so far, and the smallest arguments on which the sides parted."""

    returned: int = 0
    judged: int = 0
    lost: int = 0
    unsettled: list[str] = field(default_factory=list)
    smallest: tuple[Drawn, Judgement] | None = None

    def take(self, drawn: Drawn, judgement: Judgement, returned: bool) -> None:
        """Count an example."""
        self.judged += 1
        self.returned += returned
        self.lost += any(finding.what == "no answer" for finding in judgement.findings)
        if judgement.outcome is Outcome.FAILED:
            if self.smallest is None or len(drawn.text) <= len(self.smallest[0].text):
                self.smallest = drawn, judgement
        elif judgement.outcome is not Outcome.PASSED:
            self.unsettled.append(judgement.reason)


def drawn_calls(draw: Draw, examples: int, seed: int, give: Give) -> Judgement:
    """Give drawn arguments to both sides, up to `examples` times, and judge what came of it.

    The smallest arguments on which they part stand in the reason. Examples that all raised, or could all not be
    judged, prove nothing.
    """
    tally = _Tally()
    _run(draw, examples, seed, give, tally)
    if tally.smallest is not None:
        drawn, judgement = tally.smallest
        said = f"with {drawn.text}: {judgement.reason}; the smallest of {tally.judged} examples, seed {seed}"
        return failed(said, [replace(finding, reason=drawn.text) for finding in judgement.findings])
    if tally.unsettled:
        return inconclusive(f"{len(tally.unsettled)} of {tally.judged} examples: {tally.unsettled[0]}")
    if not tally.returned:
        return inconclusive(f"none of {tally.judged} drawn calls returned on the baseline; draw what it takes")
    return passed(f"{tally.judged} drawn calls compared ({tally.returned} returned), no difference; seed {seed}")


def _run(draw: Draw, examples: int, chance: int, give: Give, tally: _Tally) -> None:
    from hypothesis import given, seed
    from hypothesis.errors import HypothesisException

    def example(arguments: dict[str, Any]) -> None:
        drawn = Drawn(tuple(arguments["args"]), arguments["kwargs"])
        if tally.lost >= LOST_AT_MOST or len(tally.unsettled) >= LOST_AT_MOST:
            return
        judgement, returned = give(drawn)
        tally.take(drawn, judgement, returned)
        if judgement.outcome is Outcome.FAILED:
            raise PartedError

    try:
        given_each: Any = given(_strategy(draw))
        search(seed(chance)(settings(examples)(given_each(example))))
    except GodwitError:
        raise
    except HypothesisException as error:
        if tally.smallest is None:  # one that parts the sides now and then was seen, and is told
            raise HarnessError(f"arguments cannot be drawn: {_told(error)}") from None
    except Exception as error:
        if tally.judged:
            raise
        raise HarnessError(f"arguments cannot be drawn; draw takes a JSON Schema for each: {_told(error)}") from None


def _strategy(draw: Draw) -> Any:
    """A strategy for all arguments; what is no JSON Schema is told at the first draw."""
    named = {f"args.{place}": schema for place, schema in enumerate(draw.args)}
    named |= {f"kwargs.{name}": schema for name, schema in draw.kwargs.items()}
    # JSON has one kind of number, Python has two: 1.0 is drawn only for a schema that speaks of `number`.
    whole = {name for name, schema in named.items() if '"number"' not in json.dumps(schema)}

    def arguments(drawn: dict[str, Any]) -> dict[str, Any]:
        meant = {name: _whole(value) if name in whole else value for name, value in drawn.items()}
        args = [meant[f"args.{place}"] for place in range(len(draw.args))]
        return {"args": args, "kwargs": {name: meant[f"kwargs.{name}"] for name in draw.kwargs}}

    return values_of(named).map(arguments)


def _whole(value: Any) -> Any:
    """A value in which every whole number is an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value


def _told(error: Exception) -> str:
    """What Schemathesis or Hypothesis says about a schema, in one line."""
    said = " ".join(str(error).partition("\n\nEnsure that")[0].replace("properties -> ", "").split())
    return said[:_TOLD] or type(error).__name__
