"""Sets the flags of a plan through whatever controls it names, and reads where they show; `checks` says what they are worth."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from godwit.checks import (
    Given,
    Glimpse,
    assigned,
    controls_of,
    differing,
    effective,
    ways_of,
)
from godwit.plan import Flag, FlagControl, Place
from godwit.rollout import Control, EnvironmentControl, FileControl, HttpControl, InMemoryControl, ServedControl
from godwit.session.world import World
from godwit.surfaces import AbsentError, at, format_of, send
from godwit.verdict import GodwitError, HarnessError

_POLL_S = 0.02
_ASKED_S = 5.0
_TURNS = {"env": 1, "http": 2}


class Switches:
    """The flags as somebody outside the stacks sets and sees them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._plan = world.plan.flags
        self._given: dict[str, dict[str, Any]] = {}
        self._lent: tuple[dict[str, dict[str, Any]], dict[str, Any]] | None = None
        self._made: dict[str, Control] = {}
        self.flags = {flag.name: flag for flag in self._plan.flags}
        self.controls = controls_of(self._plan)

    def set(self, assignment: Mapping[str, Any]) -> None:
        """Have these flags at these values, the others as they are, and wait until that shows, as long as it may take.

        Each is set through its strongest source that acts without a restart, and withdrawn from its other sources.
        HarnessError when a stack refuses or cannot be reached; what shows afterwards is for the caller to judge.
        """
        self.put(assignment)
        wanted = {name: value for name, value in effective(self._plan, self._given).items() if name in assignment}
        self.wait_for(wanted, limit_s=max(map(self._patience_s, assignment), default=0.0))

    def put(self, assignment: Mapping[str, Any]) -> None:
        """Have these flags at these values as `set` does, without waiting until that shows."""
        for name, value in assignment.items():
            if self._is_there(name):
                self._given[name] = {self.through(self.flags[name]): value}
        self._apply(assignment)

    def give(self, given: Given, raw: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """Have exactly these values in the sources that can be set, and every other one withdrawn.

        `raw` adds keys to controls as they are (by control, then key). Raises RefusedError and StackError as the controls do.
        """
        self._given = {name: dict(held) for name, held in given.items()}
        self._apply(self.flags, raw or {})

    def effective(self, assignment: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the flags are worth under an assignment, their requirements considered."""
        return effective(self._plan, assigned(self._plan, assignment))

    def shown(self) -> dict[str, Any]:
        """The values that the running system shows, by flag; HarnessError when it shows none."""
        seen = self.look()
        if not seen.values:
            raise HarnessError(f"the flags are not shown: {seen.detail or 'the plan says nowhere where (flags.shown)'}")
        return dict(seen.values)

    def first_look(self, role: str) -> dict[str, Any]:
        """The flags that the stack of a role shows now, by name."""
        return dict(self.look({name: place for name, place in self._places.items() if place.on == role}).values)

    def look(self, places: Mapping[str, Place] | None = None) -> Glimpse:
        """What the running system shows now: the flags, or what stands at these places; never raises for a bad answer."""
        asked = self._places if places is None else places
        values: dict[str, Any] = {}
        trouble = ""
        documents: dict[str, Any] = {}
        for name, place in asked.items():
            if place.call is not None:
                continue
            url = self._world.stack(place.on).url + place.path
            try:
                if url not in documents:
                    documents[url] = _document(url)
                values[name] = at(documents[url], place.pointer)
            except (AbsentError, GodwitError) as error:
                trouble = trouble or str(error)
        called, said = self._called(asked)
        values, trouble = {**values, **called}, trouble or said
        stacks = [self._world.stack(role) for role in sorted({place.on for place in asked.values()} or {"candidate"})]
        told = [stack.health() for stack in stacks]
        bad = next((health for health in told if not health.healthy), None)
        return Glimpse(values, bad is None, bad.detail if bad else trouble)

    def out_of_reach(self) -> frozenset[str]:
        """The flags that cannot be looked at now: the stacks lack them, or the stack that shows them does not run."""
        lacking = {name for name in self.flags if not self._is_there(name)}
        asked = [(name, place) for name, place in self._places.items() if place.call is None]
        return frozenset(lacking | {name for name, place in asked if not self._world.stack(place.on).is_running()})

    def shows(self, flag: Flag, value: Any) -> bool:
        """Whether a flag shows as this value now."""
        place = self._places[flag.name]
        return not differing({flag.name: value}, self.look({flag.name: place}).values)

    def processes(self, roles: Collection[str]) -> frozenset[str]:
        """The processes of these stacks, as far as they can be seen: by their ids, and by what the plan says tells one."""
        seen = {f"{role} {pid}" for role in roles for pid in self._world.stack(role).pids()}
        shown = self._plan.shown
        if shown is not None and shown.process is not None and shown.on in roles:
            place = Place(on=shown.on, path=shown.path, pointer=shown.process)
            seen |= {f"{shown.on} {told}" for told in self.look({"process": place}).values.values()}
        return frozenset(seen)

    def wait_for(
        self, wanted: Mapping[str, Any], places: Mapping[str, Place] | None = None, limit_s: float | None = None
    ) -> Glimpse:
        """Look until the values show as wanted and the stack is healthy, for as long as that may take at most.

        Gives what was seen last.
        """
        asked = self._places if places is None else places
        known = {name: value for name, value in wanted.items() if name in asked}
        ends = time.monotonic() + (self.patience_s if limit_s is None else limit_s)
        while True:
            seen = self.look({name: asked[name] for name in known})
            is_there = seen.healthy and not differing(known, seen.values)
            if is_there or time.monotonic() >= ends or not self._may_change(asked, known):
                return seen
            time.sleep(_POLL_S)

    def _may_change(self, places: Mapping[str, Place], names: Collection[str]) -> bool:
        """Whether waiting may help: a stack that has ended shows nothing more."""
        asked = [places[name] for name in names]
        return all(place.call is not None or self._world.stack(place.on).is_running() for place in asked)

    @property
    def patience_s(self) -> float:
        """The longest time that a change may take to show."""
        return max(map(self._patience_s, self.flags), default=0.0)

    def _patience_s(self, name: str) -> float:
        flag = self.flags[name]
        ways = ways_of(self._plan, flag).values()
        return max([flag.max_effect_s or 0.0, *(self.controls[way.control].seen_within_s for way in ways)])

    def control(self, name: str) -> Control:
        """The control of this id, ready to be used; HarnessError if the stack may not be written to."""
        if name not in self._made:
            spec = self.controls[name]
            self._world.may_write(spec.on)
            self._made[name] = self._make(spec)
        return self._made[name]

    def place(self, flag: Flag, source: str) -> Place | None:
        """Where the value of a flag shows that this source sets; None where nothing says so."""
        way = ways_of(self._plan, flag).get(source)
        return way.shown if way and way.shown else self._places.get(flag.name)

    def serve(self) -> None:
        """Tell the stacks where the documents are that they fetch; it takes effect with their next start."""
        for name, control in self.controls.items():
            if control.kind == "served":
                self.control(name)

    @contextmanager
    def restored(self) -> Iterator[None]:
        """After the block the flags are as they were before it."""
        self.lend()
        try:
            yield
        finally:
            self.settle()

    def lend(self) -> None:
        """Remember how the flags are, until `settle`; a second time says nothing new."""
        if self._lent is None:
            names = [name for name in self.flags if self._is_direct(name)]
            now = self.look().values if names else {}
            self._lent = dict(self._given), {name: now[name] for name in names if name in now}

    def settle(self) -> None:
        """Have the flags as they were when they were lent; does nothing if they were not."""
        if self._lent is None:
            return
        (given, direct), self._lent = self._lent, None
        self.give({**given, **{name: {self.through(self.flags[name]): value} for name, value in direct.items()}})
        ended = self.out_of_reach()
        self.wait_for({name: value for name, value in effective(self._plan, self._given).items() if name not in ended})

    def close(self) -> None:
        """Give back what the controls hold open."""
        for control in self._made.values():
            if isinstance(control, ServedControl | InMemoryControl):
                control.close()

    def _apply(self, touched: Collection[str], raw: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        wanted: dict[str, dict[str, Any]] = {name: dict((raw or {}).get(name, {})) for name in self.controls}
        for name, flag in self.flags.items():
            if not self._is_there(name) or (
                self._is_direct(name) and (name not in touched or not self._is_reached(name))
            ):
                continue
            for source, way in ways_of(self._plan, flag).items():
                if source in self._given.get(name, {}):
                    wanted[way.control].setdefault(way.key, self._given[name][source])
                elif self._is_direct(name):
                    wanted[way.control].setdefault(way.key, flag.default)
        # One restart sees everything that lasts; what is told to the stack itself may not outlive it, and comes last.
        for name in sorted(self.controls, key=lambda each: _TURNS.get(self.controls[each].kind, 0)):
            if (wanted[name] or name in self._made) and self._is_missed(name, touched):
                self.control(name).put(wanted[name])

    def _is_missed(self, name: str, touched: Collection[str]) -> bool:
        """Whether a control is to be used: a stack that has ended forgot what it was told, and only who asks for it misses it."""
        spec = self.controls[name]
        if spec.kind != "http" or self._world.stack(spec.on).is_running():
            return True
        return any(way.control == name for flag in touched for way in ways_of(self._plan, self.flags[flag]).values())

    def _is_direct(self, name: str) -> bool:
        """Whether a flag is set through `flags.control`, where a step of the plan may have set it too."""
        return self._plan.control is not None and not self.flags[name].set_by

    def _is_there(self, name: str) -> bool:
        """Whether the stacks have the flag: one that stands in for another may lack what the flag needs."""
        needed = self.flags[name].needs
        roles = {self.controls[way.control].on for way in ways_of(self._plan, self.flags[name]).values()}
        stacks = [getattr(self._world.plan.stacks, role) for role in roles]
        return all(stack is None or needed <= stack.capabilities for stack in stacks)

    def _is_reached(self, name: str) -> bool:
        """Whether there is somebody to take the value, or it was asked for and has to be."""
        control = self._plan.control
        return name in self._given or (control is not None and self._world.stack(control.on).is_running())

    def through(self, flag: Flag) -> str:
        """The source that a flag is set through where nothing else is asked: the strongest that acts without a restart."""
        ways = ways_of(self._plan, flag)
        if not ways:
            raise HarnessError(f"nothing sets the flag {flag.name}: the plan has neither its set_by nor flags.control")
        everywhere = [source for source, way in ways.items() if way.shown is None] or list(ways)
        hot = [source for source in everywhere if self.controls[ways[source].control].kind != "env"]
        return (hot or everywhere)[0]

    @cached_property
    def _places(self) -> dict[str, Place]:
        """Where each flag shows; the flags of an HTTP control show where they are put, if the plan says nothing else."""
        shown, control = self._plan.shown, self._plan.control
        places: dict[str, Place] = {}
        if control is not None and control.kind == "http":
            names = [name for name in self.flags if self._is_direct(name)]
            places = {name: Place(on=control.on, path=str(control.path), pointer=f"/{name}") for name in names}
        if shown is not None:
            places |= {name: Place(on=shown.on, call=call) for name, call in shown.calls.items()}
            pointers = shown.pointers.items()
            places |= {name: Place(on=shown.on, path=shown.path, pointer=to) for name, to in pointers}
        return {name: place for name, place in places.items() if self._is_there(name)}

    def _make(self, spec: FlagControl) -> Control:
        world = self._world
        if spec.kind == "env":
            return EnvironmentControl(world.variables(spec.on), lambda: self._restart(spec.on))
        if spec.kind == "http":
            ways = [(flag, way) for flag in self._plan.flags for way in flag.set_by.values()]
            defaults = {way.key: flag.default for flag, way in ways if way.control == spec.id}
            return HttpControl(world.stack(spec.on).url, spec, defaults)
        if spec.kind == "served":
            served = ServedControl()
            world.variables(spec.on)[str(spec.variable)] = served.url
            return served
        if spec.provider == "in-memory":
            runtime = world.stack(spec.on).runtime()
            if runtime is None:
                raise HarnessError(f"flags.controls.{spec.id}: the code of {spec.on} cannot be called on this machine")
            log = world.out / "logs" / f"flags-{spec.id}.log"
            return InMemoryControl(runtime.python, runtime.folder, runtime.env, log)
        return _in_a_file(spec, world.folder(str(spec.path)))

    def _called(self, places: Mapping[str, Place]) -> tuple[dict[str, Any], str]:
        """What the callables among the places return, and why one did not."""
        values: dict[str, Any] = {}
        trouble = ""
        for spec in self.controls.values():
            calls = {name: place.call for name, place in places.items() if place.call and place.on == spec.on}
            control = self.control(spec.id) if spec.provider == "in-memory" and calls else None
            if isinstance(control, InMemoryControl):
                found, trouble = control.told(calls)
                values.update(found)
        return values, trouble

    def _restart(self, role: str) -> None:
        stack = self._world.stack(role)
        if stack.is_running():
            stack.stop()
        stack.start()


def _in_a_file(spec: FlagControl, path: Path) -> Control:
    if spec.kind == "openfeature":
        from godwit.rollout.openfeature import FlagdControl

        return FlagdControl(path)
    return FileControl(path, format_of(path, spec.format))


def _document(url: str) -> Any:
    answer = send("GET", url, timeout_s=_ASKED_S)
    if answer.status != 200:
        raise HarnessError(f"GET {url} answered {answer.status or answer.error}")
    try:
        return answer.json()
    except ValueError:
        raise HarnessError(f"GET {url} answered no JSON") from None
