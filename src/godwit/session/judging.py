"""Has a rollout step judged look by look over its soak, on load that both arms take in turn; the arithmetic lies in the checks."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from godwit.checks import Events, Explained, Pairs, Rules, decide_look, explain, in_json, rule, told, unfit
from godwit.plan import Judge, JudgeMetric, RolloutStep
from godwit.session.budgets import Budgets
from godwit.session.world import World
from godwit.verdict import Finding, Interval, Judgement, LoadRun, Measurement, failed, inconclusive, passed

Arms = Mapping[str, list[tuple[str, str]]]
_SIDES = ("baseline", "candidate")
_BLOCKS_A_LOOK = 10
_UNITS = {"distribution": "ms", "count": "%"}


@dataclass(frozen=True, slots=True)
class Look:
    """One look: its number (from 1), seconds since the soak began, what was decided, on what, and why it saw nothing new."""

    number: int
    at_s: float
    decision: str
    metrics: tuple[Explained, ...]
    trouble: str = ""


class Judging:
    """Looks at a step until its last look, or until it must be aborted."""

    def __init__(
        self,
        world: World,
        budgets: Budgets,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._world = world
        self._budgets = budgets
        self._clock = clock
        self._sleep = sleep

    def judge(self, step: RolloutStep, arms: Arms) -> Judgement:
        """Judge a step that its flags have made; `arms` are the users that each side serves."""
        if not all(arms.get(side) for side in _SIDES):
            return inconclusive(f"step {step.id} leaves an arm without users: nothing to compare")
        judge = next(item for item in self._world.plan.judges if item.id == step.judge)
        looks: list[Look] = []
        loads: list[LoadRun] = []
        began = self._clock()
        for number in range(1, (step.looks or 1) + 1):
            self._soak(step, number, began)
            load = self._load(step, number, arms)
            trouble = unfit(load)
            loads += [] if trouble else [load]
            looks.append(self._look(judge, step, number, loads, self._clock() - began, trouble))
            self._note(step, looks)
            if looks[-1].decision == "abort":
                break
        return _judgement(step, judge, looks)

    def _soak(self, step: RolloutStep, number: int, began: float) -> None:
        """Wait until this look is due: the last one ends with the soak."""
        clock = self._world.plan.clock
        soak_s = step.soak_s / (clock.factor if clock.mode == "simulated" else 1.0)
        profile = next(item for item in self._world.plan.profiles if item.id == step.profile)
        due_s = soak_s * number / (step.looks or 1) - profile.duration_s - profile.warmup_s
        wait_s = began + due_s - self._clock()
        if wait_s > 0:
            self._world.events.emit("soak", step.id, f"{wait_s:.1f} s until look {number}")
            self._sleep(wait_s)

    def _load(self, step: RolloutStep, number: int, arms: Arms) -> LoadRun:
        # The first look is made on the load that the step's criteria are judged on.
        within = step.id if number == 1 else f"{step.id}-look-{number}"
        return self._budgets.observe(step.profile, within, arms).load

    def _look(
        self, judge: Judge, step: RolloutStep, number: int, loads: Sequence[LoadRun], at_s: float, trouble: str
    ) -> Look:
        planned = self._planned(step)
        rules = Rules(judge.alpha, len(judge.metrics), planned, step.looks or 1)
        found = []
        for metric in judge.metrics:
            seen = _seen(metric, loads)
            found.append(explain(metric, seen, rules, rule(metric, seen, rules)))
        decision = decide_look([each.ruling for each in found])
        return Look(number, round(at_s, 3), decision, tuple(found), trouble)

    def _planned(self, step: RolloutStep) -> int:
        """Values a side that all looks together bring."""
        profile = next(item for item in self._world.plan.profiles if item.id == step.profile)
        return max(1, int((profile.arrivals or 0.0) / len(_SIDES)) * (step.looks or 1))

    def _note(self, step: RolloutStep, looks: Sequence[Look]) -> None:
        """Tell the decision of a look as an event, in the journal, and in a file that holds all looks of the step."""
        look = looks[-1]
        lines = [*([look.trouble] if look.trouble else []), *(told(each) for each in look.metrics)]
        text = f"look {look.number} of {step.looks}: {look.decision}"
        self._world.events.emit("judge", step.id, f"{text}; {lines[0]}")
        self._world.journal.write(f"judge-{look.decision}", step=step.id, look=look.number, detail="; ".join(lines))
        folder = self._world.out / "rollout"
        folder.mkdir(exist_ok=True)
        entries = [{**asdict(each), "told": [told(one) for one in each.metrics]} for each in looks]
        document = {"step": step.id, "judge": step.judge, "looks": entries}
        (folder / f"{step.id}.json").write_text(
            json.dumps(in_json(document), indent=1, ensure_ascii=False), encoding="utf-8"
        )


def _seen(metric: JudgeMetric, loads: Sequence[LoadRun]) -> Pairs | Events:
    parts = [_paired(metric, load) for load in loads]
    one, other = (np.concatenate([np.zeros(0), *(part[side] for part in parts)]) for side in (0, 1))
    if metric.kind == "distribution":
        return Pairs(one, other)
    starts = [place for part in parts for place in _starts(len(part[0]))]
    return Events(*(column for side in (one, other) for column in _failures(side, starts)))


def _paired(metric: JudgeMetric, load: LoadRun) -> tuple[np.ndarray, np.ndarray]:
    """Milliseconds of both sides, turn by turn; what failed took forever."""
    by_turn = [
        {turn: us / 1000 if us else np.inf for turn, name, us in load.turns.get(side, ()) if _asked(metric, name)}
        for side in _SIDES
    ]
    turns = sorted(by_turn[0].keys() & by_turn[1].keys())
    return np.array([by_turn[0][turn] for turn in turns]), np.array([by_turn[1][turn] for turn in turns])


def _asked(metric: JudgeMetric, operation: str) -> bool:
    return metric.operation is None or metric.operation == operation


def _starts(n: int) -> list[int]:
    """Lengths of the blocks that a look's turns are counted in."""
    return [len(part) for part in np.array_split(np.arange(n), min(n, _BLOCKS_A_LOOK))] if n else []


def _failures(values: np.ndarray, lengths: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """How many failed, of how many, block by block."""
    blocks = np.split(np.isinf(values), np.cumsum(lengths)[:-1]) if lengths else []
    return np.array([float(block.sum()) for block in blocks]), np.array([float(len(block)) for block in blocks])


def _judgement(step: RolloutStep, judge: Judge, looks: Sequence[Look]) -> Judgement:
    last = looks[-1]
    chosen = next((each for each in last.metrics if each.ruling.decision == last.decision), last.metrics[0])
    metric = next(item for item in judge.metrics if item.id == chosen.ruling.metric)
    sides = _measurements(metric, chosen)
    lines = " | ".join(told(each) for each in last.metrics)
    reason = f"{last.decision} at look {last.number} of {step.looks}: {lines}"
    if last.decision == "promote" and not last.trouble:
        return passed(reason, **sides)
    if last.decision == "abort":
        return failed(
            reason, [_finding(step, each) for each in last.metrics if each.ruling.decision == "abort"], **sides
        )
    trouble = next((look.trouble for look in reversed(looks) if look.trouble), "")
    reason = f"{trouble}; {reason}" if trouble else reason
    return inconclusive(reason, n_needed=chosen.ruling.n_needed, **sides)


def _measurements(metric: JudgeMetric, explained: Explained) -> dict[str, object]:
    """The number of either side in which the change shows most, against what is allowed."""
    if not explained.changes:
        return {}
    change = max(explained.changes, key=lambda each: each.change - each.limit)
    name, unit = f"{metric.metric} {change.of}", _UNITS[metric.kind]
    n = explained.ruling.n
    factor = [1 + edge / 100 if metric.kind == "distribution" else edge for edge in (change.low, change.high)]
    ends = [change.baseline * edge if metric.kind == "distribution" else change.baseline + edge for edge in factor]
    interval = Interval(ends[0], ends[1], explained.confidence) if np.isfinite(ends).all() else None
    return {
        "actual": Measurement(name, change.candidate, unit, n[1], interval),
        "baseline": Measurement(name, change.baseline, unit, n[0]),
        "limit": f"at most {change.limit:.3g} {change.unit} worse than the baseline",
    }


def _finding(step: RolloutStep, explained: Explained) -> Finding:
    changes = explained.changes
    change = max(changes, key=lambda each: each.change - each.limit) if changes else None
    seen = (f"{change.of} {change.baseline:.4g}", f"{change.of} {change.candidate:.4g}") if change else ("", "")
    return Finding("worse than the baseline", f"{step.id}/{explained.ruling.metric}", *seen, told(explained))
