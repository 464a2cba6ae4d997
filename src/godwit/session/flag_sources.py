"""Tries the sources of the flags against each other, with values that no flag has, and out of order; `checks` judges."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from godwit.checks import (
    FlagSource,
    Given,
    Glimpse,
    SourcePair,
    Trouble,
    effective,
    judge_glimpses,
    judge_same_processes,
    malformed_values,
    other_value,
    required_on,
    value_pairs,
    ways_of,
)
from godwit.plan import Flag, FlagControl, Place
from godwit.rollout import RefusedError
from godwit.session.switches import Switches
from godwit.session.world import World
from godwit.verdict import Judgement, Outcome, StackError, all_of, inconclusive

Shot = tuple[str, Mapping[str, Any], Glimpse]
"""What was done, the values that have to show, and what showed."""

_UNKNOWN = "godwitKnowsNoSuchFlag"


class FlagSources:
    """The sources of the flags, as those who set them meet them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._plan = world.plan.flags
        self._rounds: dict[str, list[Shot]] = {}

    @property
    def _switches(self) -> Switches:
        return self._world.switches

    def stronger_wins(self, pair: SourcePair) -> Judgement:
        """Set both sources of a pair to different values, then withdraw the stronger; both ways round."""
        flag, place = pair.flag, self._switches.place(pair.flag, pair.stronger)
        if place is None:
            return inconclusive(f"the plan says nowhere where {flag.name} shows (flags.shown)")
        values = value_pairs(pair)
        if not values:
            return inconclusive(f"{flag.name} has no two values that could be told apart")
        self._switches.lend()
        shots: list[Shot] = []
        for high, low in values:
            weaker = {} if pair.weaker == "default" else {pair.weaker: low}
            for held, done in (
                ({**weaker, pair.stronger: high}, f"{pair.stronger} says {high!r} and {pair.weaker} {low!r}"),
                (weaker, f"{pair.stronger} is withdrawn and {pair.weaker} says {low!r}"),
            ):
                shots.append(self._shot(done, self._with(flag, held), {flag.name: place}))
        return judge_glimpses(shots)

    def unknown_ignored(self, control: FlagControl) -> Judgement:
        """Set a flag through a control together with one that nobody knows: it has to act, or both have to be refused."""
        known = next(iter(self._set_through(control)), None)
        value = None if known is None else other_value(known[0], known[0].default)
        if known is None or value is None:
            return inconclusive(f"no flag with two values is set through {control.id}")
        flag, source = known
        place = self._switches.place(flag, source)
        if place is None:
            return inconclusive(f"the plan says nowhere where {flag.name} shows (flags.shown)")
        self._switches.lend()
        tables = ways_of(self._plan, flag)[source].key.split(".")[:-1]
        raw = {control.id: {".".join([*tables, _UNKNOWN]): True}}
        before = self._shot("nothing is set", self._with(flag, {}), {flag.name: place})
        after = self._shot("an unknown flag is set besides", self._with(flag, {source: value}), {flag.name: place}, raw)
        if after[2].detail.startswith("refused"):
            after = ("an unknown flag was refused", before[1], after[2])
        return judge_glimpses([before, after])

    def malformed_harmless(self, asked: FlagSource) -> Judgement:
        """Give a source values of no type that the flag has: what the plan says must stand, and health answer."""
        control = self._switches.controls[ways_of(self._plan, asked.flag)[asked.source].control]
        if control.on_malformed is None:
            return inconclusive(
                f"the plan does not say what stands after a malformed value ({control.id}: on_malformed)"
            )
        if self._switches.place(asked.flag, asked.source) is None:
            return inconclusive(f"the plan says nowhere where {asked.flag.name} shows (flags.shown)")
        if asked.id not in self._rounds:
            self._switches.lend()
            self._play(control, asked)
        return judge_glimpses(self._rounds[asked.id])

    def trouble_survived(self, trouble: Trouble) -> Judgement:
        """Put a source out of order while flags are set through it, and mend it: values, health and processes."""
        control = trouble.control
        stands_for = control.stands_when(trouble.kind)
        if stands_for is None:
            return inconclusive(
                f"the plan does not say what stands when the source is out of order ({control.id}: on_trouble)"
            )
        given, places, good = self._all_on(control)
        if not places:
            return inconclusive(f"no flag that shows is set through {control.id}")
        self._switches.lend()
        shots = [self._shot(f"all is well with {control.id}", given, places)]
        processes = self._switches.processes({control.on})
        gone = {name: {src: v for src, v in held.items() if (name, src) not in good} for name, held in given.items()}
        stands = given if stands_for == "last" else gone
        with self._switches.control(control.id).trouble(trouble.kind):
            look = self._later if stands_for == "last" else self._look
            shots.append(look(f"{control.id} is {trouble.kind}", stands, places, control))
        shots.append(self._look(f"{control.id} is mended", given, places))
        return all_of([judge_glimpses(shots), judge_same_processes(processes, self._switches.processes({control.on}))])

    def _play(self, control: FlagControl, asked: FlagSource) -> None:
        """Try every malformed value of the flag; where each costs a restart, those of other flags along with it."""
        group = self._group(control, asked) if control.kind == "env" else [asked]
        as_text = control.kind == "env" or control.format == "env"
        # Where null takes a value back, it is a word like any other.
        odd = [None] if control.withdraw == "null" else []
        lists = [
            (each, [value for value in malformed_values(each.flag, as_text=as_text) if value not in odd])
            for each in group
        ]
        for each in group:
            self._rounds.setdefault(each.id, [])
        for number in range(max(len(found) for _, found in lists)):
            values = [(each, found[number]) for each, found in lists if number < len(found)]
            shots = self._round(control, values)
            if len(values) > 1 and not all(shot[2].healthy for found in shots.values() for shot in found):
                shots = {each.id: self._round(control, [(each, value)])[each.id] for each, value in values}
            for name, found in shots.items():
                self._rounds[name] += found
            if judge_glimpses(self._rounds[asked.id]).outcome is Outcome.FAILED:
                return  # each further value would only take its time to be as wrong

    def _round(self, control: FlagControl, values: Sequence[tuple[FlagSource, Any]]) -> dict[str, list[Shot]]:
        """Set good values, then the malformed ones; what showed each time, for each flag with its source."""
        good: dict[str, dict[str, Any]] = {}
        for each, _ in values:
            good |= self._with(each.flag, {each.source: other_value(each.flag, each.flag.default)})
        names = {each.flag.name for each, _ in values}
        bare = {name: held for name, held in good.items() if name not in names}
        places = {each.flag.name: self._place(each) for each, _ in values}
        raw = {control.id: {ways_of(self._plan, each.flag)[each.source].key: value for each, value in values}}
        said = ", ".join(f"{each.id} is {value!r}" for each, value in values)
        is_kept = control.on_malformed == "last"
        before = self._shot("a good value is set", good, places)
        after = self._shot(said, bare, places, raw, keep=good if is_kept else None)
        if is_kept and after[2].healthy and not after[2].detail.startswith("refused"):
            after = self._later(said, good, places, control)
        return {
            each.id: [(done, {each.flag.name: wanted[each.flag.name]}, seen) for done, wanted, seen in (before, after)]
            for each, _ in values
        }

    def _group(self, control: FlagControl, asked: FlagSource) -> list[FlagSource]:
        """The flags of a control that are tried together: none of them requires another one."""
        group = [asked]
        for flag, source in self._set_through(control):
            others = [each.flag for each in group]
            apart = all(flag.name not in required_on(self._plan, one) for one in others)
            apart = apart and not {one.name for one in others} & required_on(self._plan, flag).keys()
            each = FlagSource(flag, source)
            if apart and each.id not in self._rounds and each.id != asked.id and self._switches.place(flag, source):
                group.append(each)
        return group

    def _set_through(self, control: FlagControl) -> list[tuple[Flag, str]]:
        found = []
        for flag in self._plan.flags:
            found += [(flag, src) for src, way in ways_of(self._plan, flag).items() if way.control == control.id]
        return found

    def _all_on(self, control: FlagControl) -> tuple[Given, dict[str, Place], set[tuple[str, str]]]:
        """Values other than the defaults for all flags of a control, and where they show."""
        given: dict[str, dict[str, Any]] = {}
        places: dict[str, Place] = {}
        through: set[tuple[str, str]] = set()
        for flag, source in self._set_through(control):
            place, value = self._switches.place(flag, source), other_value(flag, flag.default)
            if place is None or value is None or flag.name in places:
                continue
            given = {**self._with(flag, {source: value}), **given, flag.name: {source: value}}
            places[flag.name] = place
            through.add((flag.name, source))
        return given, places, through

    def _with(self, flag: Flag, held: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """These sources of a flag, with everything on that it requires."""
        on = required_on(self._plan, flag)
        needed = {name: {self._switches.through(self._switches.flags[name]): value} for name, value in on.items()}
        return {**needed, flag.name: dict(held)}

    def _place(self, asked: FlagSource) -> Place:
        place = self._switches.place(asked.flag, asked.source)
        assert place is not None  # noqa: S101 - asked for before
        return place

    def _shot(
        self,
        done: str,
        given: Given,
        places: Mapping[str, Place],
        raw: Mapping[str, Mapping[str, Any]] | None = None,
        keep: Given | None = None,
    ) -> Shot:
        """Set values and look; a refusal keeps what was before, and a stack that does not come up is unhealthy."""
        wanted = effective(self._plan, given if keep is None else keep)
        known = {name: wanted[name] for name in places}
        try:
            self._switches.give(given, raw)
        except RefusedError as refusal:
            seen = self._switches.look(places)
            return done, known, Glimpse(seen.values, seen.healthy, f"refused: {refusal}")
        except StackError as error:
            return done, known, Glimpse({}, False, _first_line(error))
        return self._look(done, given if keep is None else keep, places)

    def _look(self, done: str, given: Given, places: Mapping[str, Place], _: FlagControl | None = None) -> Shot:
        wanted = effective(self._plan, given)
        known = {name: wanted[name] for name in places}
        return done, known, self._switches.wait_for(known, places)

    def _later(self, done: str, given: Given, places: Mapping[str, Place], control: FlagControl) -> Shot:
        """Look when the stack has had the time to look at its source: that nothing changed shows only then."""
        time.sleep(control.seen_within_s)
        return self._look(done, given, places)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
