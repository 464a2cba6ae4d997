"""`starts`: how often both versions are started to see how long that takes; says nothing about limits, which criteria do."""

from typing import Annotated

from pydantic import Field

from godwit.plan.sections.words import Id, Section, Share


class Starts(Section):
    """Starts of both versions in turn, each timed till the stack is healthy.

    Criteria ask for `startup_ms`, a start after an orderly stop, and for `recovery_ms`, from a kill -9 till it is healthy
    again. Instances beside the stacks are started, on copies of their stores (SQLite), so that the stacks themselves run on. Which
    version begins a turn is drawn by the seed. A start that does not end in health took for ever. `other_work` is how much of
    the machine other work may use meanwhile.
    """

    id: Id
    turns: Annotated[int, Field(ge=10, le=200)] = 10
    other_work: Share = 30.0
