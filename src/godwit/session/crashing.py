"""Has commands that change state struck at each of their steps, and shows what becomes of it; `checks` judges."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace

from godwit.checks import CrashSweep, Struck, choose_points, judge_made_good, judge_never_half
from godwit.faults import REFUSED, Blow, Deed, untraceable
from godwit.plan import Crash
from godwit.session.crash_tries import Bench
from godwit.session.expansion import CrashTrouble
from godwit.session.world import World
from godwit.verdict import Judgement

_Try = Callable[[], Struck]


class Crashes:
    """The commands of `state.crashes`, each in folders of the run's own; running stacks and their stores are only read."""

    def __init__(self, world: World, untraceable: Callable[[], str] = untraceable) -> None:
        self._world = world
        self._untraceable = untraceable
        self._benches: dict[str, Bench] = {}
        self._sweeps: dict[tuple[str, Deed], CrashSweep] = {}

    def made_good(self, crash: Crash) -> Judgement:
        """Whether after a kill at each chosen point the work can be completed or taken back."""
        return judge_made_good(self._sweep(crash, "kill"))

    def never_half(self, crash: Crash) -> Judgement:
        """Whether after a kill at each chosen point nothing but the whole is taken for done."""
        return judge_never_half(self._sweep(crash, "kill"))

    def trouble_survived(self, trouble: CrashTrouble) -> Judgement:
        """Whether a trouble at each chosen point is told, and can be made good once it is over."""
        return judge_made_good(self._sweep(trouble.crash, trouble.trouble))

    def _sweep(self, crash: Crash, deed: Deed) -> CrashSweep:
        """What the sweep of a command showed; it is made once in a run."""
        if (crash.id, deed) not in self._sweeps:
            why_not = self._untraceable()
            if why_not and deed != "kill":
                return CrashSweep(deed, trouble=f"{deed} cannot be brought about here: {why_not}")
            if crash.id not in self._benches:
                self._benches[crash.id] = Bench(self._world, crash, traceable=not why_not)
            self._sweeps[crash.id, deed] = self._swept(crash, deed, self._benches[crash.id], why_not)
        return self._sweeps[crash.id, deed]

    def _swept(self, crash: Crash, deed: Deed, bench: Bench, why_not: str) -> CrashSweep:
        sweep = CrashSweep(deed, len(bench.kinds), 0, (), bench.unlike, bench.asked, why_not)
        if bench.unlike:
            return sweep
        if why_not:
            tries = _by_the_clock(bench, crash.points_at_most)
        else:
            tries = [_blow(bench, number, deed) for number in _numbers(bench.kinds, deed, crash.points_at_most)]
        struck = sorted(self._struck(crash, deed, bench, tries), key=lambda it: it.number)
        return replace(sweep, chosen=len(tries), struck=tuple(struck))

    def _struck(self, crash: Crash, deed: Deed, bench: Bench, tries: Sequence[_Try]) -> Iterator[Struck]:
        """Every try that could begin in time, noted as it ends."""
        ends = time.monotonic() + crash.time_s
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="godwit-crash") as pool:
            tried = [pool.submit(_in_time, one, ends) for one in tries]
            for number, future in enumerate(as_completed(tried), start=1):
                self._world.events.emit("crash", f"{crash.id} {deed}", f"{number} of {len(tries)} points")
                struck = future.result()
                if struck is not None:
                    bench.note(struck, deed)
                    yield struck


def _in_time(one: _Try, ends: float) -> Struck | None:
    return one() if time.monotonic() < ends else None


def _blow(bench: Bench, number: int, deed: Deed) -> _Try:
    return lambda: bench.strike(Blow(number, deed))


def _numbers(kinds: Sequence[str], deed: Deed, at_most: int) -> list[int]:
    """The points to strike at: those at which the deed makes a difference; power can be lost after the end as well."""
    if deed == "power-loss":
        return [*choose_points(kinds, max(1, at_most - 1)), 0]
    fitting = [number for number, kind in enumerate(kinds, start=1) if kind in REFUSED.get(deed, {kind})]
    return [fitting[index - 1] for index in choose_points([kinds[number - 1] for number in fitting], at_most)]


def _by_the_clock(bench: Bench, count: int) -> list[_Try]:
    def at(number: int) -> _Try:
        return lambda: bench.strike_at(number, bench.seconds * number / (count + 1))

    return [at(number) for number in range(1, count + 1)]
