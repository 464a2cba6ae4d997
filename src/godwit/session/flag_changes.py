"""Changes flags while clients write: in time, without a lost request, connection or process; to and fro; all off at once."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from godwit.checks import (
    compare_answers,
    controls_of,
    expected_side,
    judge_connections,
    judge_glimpses,
    judge_ledger,
    judge_same_processes,
    judge_toggles,
    judge_unavailability,
    judge_within,
    other_value,
    required_on,
    ways_of,
)
from godwit.plan import Flag, KillSwitch, Probe
from godwit.session.selector import Selector
from godwit.session.switches import Switches
from godwit.session.under_load import Busy, spec_of
from godwit.session.world import World
from godwit.surfaces import exchange
from godwit.verdict import (
    Answer,
    Finding,
    GodwitError,
    HarnessError,
    Judgement,
    all_of,
    failed,
    inconclusive,
    judged,
    passed,
)

_POLL_S = 0.01
_AROUND = 5
"""How many writes are acknowledged after a change, at least."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one change of a flag under load showed; `trouble` is why the flag could not be changed, if it could not."""

    busy: Busy
    seconds: float
    is_loaded: bool
    by_what: str
    trouble: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the answer to a write said, and the number that the write carried."""

    fields: Any
    number: str


class FlagChanges:
    """Changes of flags, as clients feel them."""

    def __init__(self, world: World, selector: Selector) -> None:
        self._world = world
        self._selector = selector
        self._plan = world.plan.flags
        self._changes: dict[str, Change] = {}

    @property
    def _switches(self) -> Switches:
        return self._world.switches

    def in_time(self, flag: Flag) -> Judgement:
        """Whether a change of the flag under load took effect within its time."""
        if flag.max_effect_s is None:
            return inconclusive(f"the plan states no max_effect_s for {flag.name}")
        change = self._change(flag)
        if change.trouble:
            return failed(
                "the flag could not be changed", [Finding("flag was not turned", flag.name, candidate=change.trouble)]
            )
        if not change.is_loaded:
            return inconclusive(f"only {change.busy.writes} writes were acknowledged around the change: no load")
        return judge_within(change.seconds, flag.max_effect_s, f"{flag.name} {change.by_what} under load")

    def fails_no_request(self, flag: Flag) -> Judgement:
        """Whether every request was answered well while the flag changed."""
        change = self._change(flag)
        if not change.is_loaded and all(attempt.ok for attempt in change.busy.attempts):
            return inconclusive(f"only {change.busy.writes} writes were acknowledged around the change: no load")
        return judge_unavailability(change.busy.attempts)

    def restarts_nothing(self, flag: Flag) -> Judgement:
        """Whether processes and open connections outlived the change of the flag."""
        return _unbroken(self._change(flag).busy)

    def toggled(self, flag: Flag) -> Judgement:
        """Turn the flag to and fro as often as the plan says while clients write; every request and every write counts."""
        toggles = self._plan.toggles
        other = other_value(flag, flag.baseline_value)
        if toggles is None or other is None:
            return inconclusive(f"the plan has no flags.toggles, or {flag.name} has no second value")
        self._switches.lend()
        self._switches.set({**required_on(self._plan, flag), **toggles.under, flag.name: flag.baseline_value})
        busy = Busy(self._world, f"toggling-{flag.name}", toggles.rate_per_s)
        done, trouble = 0, ""
        with busy.writing(*self._roles(flag)):
            while done < toggles.times and not trouble:
                trouble = self._turn(flag, flag.baseline_value if done % 2 else other)
                done += not trouble
                if not trouble and not busy.wait_for_writes(1):
                    break
        # Read back under either value: what was written under one has to be there under the other as well.
        values = () if trouble else (other, flag.baseline_value)
        kept = [self._read_back(busy, {flag.name: value}) for value in values] or [self._read_back(busy, {})]
        turned = judge_toggles(toggles.times, done, busy.writes, trouble)
        return all_of([turned, judge_unavailability(busy.attempts), *kept, _unbroken(busy)])

    def killed(self, spec: KillSwitch) -> Judgement:
        """Write under the flags of the kill switch, turn everything off, and look what answers and what is left."""
        self._world.may_write(spec.on)
        self._switches.lend()
        off = {flag.name: flag.baseline_value for flag in self._plan.flags}
        self._switches.set({**off, **spec.before})
        written, by = self._written(spec)
        if len(written) < spec.writes or (spec.on == "router" and "candidate" not in by):
            who = f"by {', '.join(sorted(by)) or 'nobody'}"
            return inconclusive(
                f"{len(written)} of {spec.writes} writes were acknowledged, {who}: no data of the candidate"
            )
        self._switches.set(off)
        looks = judge_glimpses([("everything is off", self._switches.effective(off), self._switches.look())])
        parts = [looks, *(self._as_the_baseline(name, spec) for name in spec.probes)]
        return all_of([*parts, self._left(spec, written)])

    def _change(self, flag: Flag) -> Change:
        if flag.name not in self._changes:
            self._switches.lend()
            self._changes[flag.name] = self._carry_out(flag)
        return self._changes[flag.name]

    def _carry_out(self, flag: Flag) -> Change:
        before, after, has_acted, by_what = self._turning(flag)
        self._switches.set(before)
        busy = Busy(self._world, f"change-{flag.name}")
        limit_s = flag.max_effect_s or self._switches.patience_s
        with busy.writing(*self._roles(flag)):
            trouble = self._turn(flag, after[flag.name])
            started = time.monotonic()
            while not trouble and not has_acted() and time.monotonic() - started <= limit_s:
                time.sleep(_POLL_S)
            seconds = time.monotonic() - started
            is_loaded = busy.wait_for_writes(_AROUND) and busy.is_loaded
        return Change(busy, seconds, is_loaded, by_what, trouble)

    def _turning(self, flag: Flag) -> tuple[Mapping[str, Any], Mapping[str, Any], Callable[[], bool], str]:
        """Flags before and after a change, how to tell that it acted, and what that is: who serves, else what shows."""
        pair = self._selector.turning(flag)
        if pair is not None:
            one, two, user = pair
            wanted = expected_side(self._selector.truth, two, user)
            return one.flags, two.flags, lambda: self._selector.side_of(user) == wanted, "changed who serves"
        other = other_value(flag, flag.baseline_value)
        if other is None or self._switches.place(flag, self._switches.through(flag)) is None:
            raise HarnessError(f"nothing tells when {flag.name} acts: neither the truth table nor flags.shown")
        before = {**required_on(self._plan, flag), flag.name: flag.baseline_value}
        after = {**before, flag.name: other}
        wanted_value = self._switches.effective(after)[flag.name]
        return before, after, lambda: self._switches.shows(flag, wanted_value), "showed"

    def _turn(self, flag: Flag, value: Any) -> str:
        """Why the flag could not be turned; empty if it was."""
        try:
            self._switches.put({flag.name: value})
        except GodwitError as error:
            return str(error).splitlines()[0]
        return ""

    def _read_back(self, busy: Busy, assignment: Mapping[str, Any]) -> Judgement:
        """Judge every write by what is found under these flags; under the present ones if none is named."""
        if assignment:
            self._switches.set(assignment)
        doubled = dict.fromkeys(busy.ledger.doubled(), 2)
        return judge_ledger(busy.wanted(), busy.found(), doubled)

    def _roles(self, flag: Flag) -> set[str]:
        """The stacks that a change of the flag touches."""
        controls = controls_of(self._plan)
        roles = {controls[way.control].on for way in ways_of(self._plan, flag).values()}
        return roles | ({self._plan.shown.on} if self._plan.shown else set())

    def _written(self, spec: KillSwitch) -> tuple[dict[str, Record], set[str]]:
        """Write as often as asked: what the answers said, by id, and the sides that made them."""
        asked, url = spec_of(self._world), self._world.stack(spec.on).url
        written: dict[str, Record] = {}
        by: set[str] = set()
        for number in range(spec.writes):
            captured: dict[str, Any] = {"n": f"kill-{number}", "client": "any"}
            answer = exchange([asked.write], url, captured=captured)[-1]
            if 200 <= answer.status < 300 and "id" in captured:
                written[str(captured["id"])] = Record(answer.json(), captured["n"])
                by.add(self._side(spec, answer))
        return written, by

    def _left(self, spec: KillSwitch, written: Mapping[str, Record]) -> Judgement:
        """Whether what was written is still there, and read from where it should be."""
        if spec.lost:
            return passed(f"what was written may be lost, as the plan says: {spec.lost}")
        asked, url = spec_of(self._world), self._world.stack(spec.on).url
        answers = {
            key: exchange([asked.read], url, headers=self._author(record), captured={"id": key})[-1]
            for key, record in written.items()
        }
        rows = {key: answer.json() if answer.status == 200 else None for key, answer in answers.items()}
        wanted = {key: {name: record.fields[name] for name in asked.compare} for key, record in written.items()}
        sides = {key: self._side(spec, answer) for key, answer in answers.items()}
        wrong = [
            Finding("served by the wrong side", f"record {key}", "baseline", side, "everything is off")
            for key, side in sides.items()
            if spec.on == "router" and side != "baseline"
        ]
        return all_of([judge_ledger(wanted, rows, {}), judged(wrong, len(sides), "readings")])

    def _author(self, record: Record) -> dict[str, str]:
        """The headers by which the router knows who wrote a record: its own author reads it."""
        rollout = self._world.plan.rollout
        names = {rollout.router.user_header, rollout.router.team_header} if rollout else set()
        sent = spec_of(self._world).write.headers
        return {name: value.replace("{n}", record.number) for name, value in sent.items() if name in names}

    def _side(self, spec: KillSwitch, answer: Answer) -> str:
        served = self._world.router.served_by(answer) if spec.on == "router" else None
        return served or spec.on

    def _as_the_baseline(self, name: str, spec: KillSwitch) -> Judgement:
        """Whether a probe gets the baseline's answers, now that everything is off."""
        surfaces = self._world.plan.surfaces
        probe: Probe = next(item for item in surfaces.http.probes if item.id == name)
        if probe.writes:
            return inconclusive(f"probe {name} writes, so it cannot be asked of both")
        ends = (self._world.stack("baseline").url, self._world.stack(spec.on).url)
        one, other = (exchange(probe.requests, url) for url in ends)
        allowances = [item for item in surfaces.allowances if item.probe == name]
        return compare_answers(name, one, other, surfaces.normalisers, allowances, surfaces.http.headers)


def _unbroken(busy: Busy) -> Judgement:
    return all_of(
        [
            judge_same_processes(busy.first_processes, busy.last_processes),
            judge_connections(busy.first_troubles, busy.last_troubles),
        ]
    )
