"""Reads what a trigger looks at: sends its requests to one stack and gathers answers and the growth of its counters."""

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from godwit.faults import injected
from godwit.plan import Plan, Request, Trigger
from godwit.session.world import World
from godwit.state import statements_sent
from godwit.surfaces import exchange, growth, scrape
from godwit.verdict import Answer, LoadRun, Observation, Series


def counters(world: World, role: str, url: str | None = None) -> dict[str, float]:
    """The counters of a stack (or of another instance of it, at `url`) under the names that the plan gives them.

    `statements`, those that its store was sent, is asked of the store where the stack itself does not tell and the plan asks
    for it. Empty if there is nothing that counts.
    """
    spec = getattr(world.plan.stacks, role).metrics
    found = {}
    if spec is not None:
        seen = scrape((url or world.stack(role).url) + spec.path)
        found = {name: total for name, series in spec.series.items() if (total := _total(seen, series)) is not None}
    store = world.stack(role).store
    if "statements" not in found and url is None and store is not None and _asks_for_statements(world.plan):
        sent = statements_sent(store)
        found |= {} if sent is None else {"statements": float(sent)}
    return found


def _asks_for_statements(plan: Plan) -> bool:
    return "statements_per_request" in {it.metric for it in plan.criteria} | {it.metric for it in plan.triggers}


def _total(seen: Mapping[str, float], series: str) -> float | None:
    """The value of a series; one named without labels stands for all of its labels together."""
    parts = [value for key, value in seen.items() if key == series or key.startswith(series + "{")]
    return sum(parts) if parts else None


class Readings:
    """Observations for triggers, and the baseline's own from before it was stopped."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.baseline: dict[str, Observation] = {}

    def remember_baseline(self) -> None:
        """Observe the baseline for each trigger while it still runs."""
        for trigger in self._world.plan.triggers:
            if trigger.limit.worse_than_baseline_by is not None:
                self.baseline[trigger.id] = self.observe(trigger, "baseline")

    def observe(self, trigger: Trigger, role: str, *, provoked: bool = False) -> Observation:
        """Send the trigger's requests to the stack of a role, and see what they do to its answers and counters.

        With `provoked` the trigger's fault is in force meanwhile; counters are read before it is given, because a stack
        may notice at once.
        """
        url = self._world.stack(role).url
        if provoked or any(request.writes for request in trigger.provoke.requests):
            self._world.may_write(role)
        before = counters(self._world, role)
        with injected(self._world.faults(role), trigger.provoke.fault) if provoked else nullcontext():
            started = time.monotonic()
            answers = self._send(trigger.provoke.requests, trigger.provoke.times, url)
            seconds = time.monotonic() - started
            grown = growth(before, counters(self._world, role))
        load = LoadRun(trigger.id, seconds, len(answers), 0.0, 0.0, {role: {"provoked": _series(answers)}})
        return Observation(load, counters={role: grown})

    def _send(self, requests: Sequence[Request], times: int, url: str) -> list[Answer]:
        return [answer for _ in range(times) for answer in exchange(requests, url)]


def _series(answers: Sequence[Answer]) -> Series:
    good = tuple(round(answer.seconds * 1e6) for answer in answers if 0 < answer.status < 500)
    bad = [answer for answer in answers if not 0 < answer.status < 500]
    return Series(good, len(bad), tuple(dict.fromkeys(answer.error or str(answer.status) for answer in bad)))
