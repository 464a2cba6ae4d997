"""Has generated states converted in every way that must make no difference, and one that does shrunk; `checks` judges."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from godwit.checks import fulfils, halves, judge_fit, judge_same_result, judge_small_mappings, judge_way_back
from godwit.plan import Conversion, GeneratedStates
from godwit.session.shrinking import Ending, PartedError, TimeLimit, TimeOver, try_each
from godwit.session.small_worlds import First, SmallWorld
from godwit.session.world import World
from godwit.state import DrawnState, ImpossibleStateError, load_functions, reversed_rows
from godwit.verdict import Finding, GodwitError, HarnessError, Judgement, Outcome, all_of, failed, inconclusive, passed

_SHOWN = 600
_HALF, _SOME = 0.5, 0.2
"""The least share of the drawn states that must be judged: of all, and of those of which not each has a row to spoil."""

Look = Callable[[DrawnState], Judgement]


class PassedOver(Exception):
    """A state on which a promise cannot be judged; `args` says why in a few words."""


@dataclass(slots=True)
class _Tally:
    """What the states showed so far, and the smallest on which the promise broke."""

    tried: int = 0
    rows: int = 0
    judged: int = 0
    over: str = ""
    trouble: GodwitError | None = None
    smallest: tuple[DrawnState, Judgement] | None = None

    def take(self, state: DrawnState, rows: int, judgement: Judgement) -> None:
        """Count a judged state with so many rows of its own; raises PartedError when the promise is broken on it."""
        self.judged += 1
        self.rows += rows
        if judgement.outcome is Outcome.FAILED:
            if self.smallest is None or len(repr(state)) <= len(repr(self.smallest[0])):
                self.smallest = state, judgement
            raise PartedError


class Conversions:
    """What a conversion does to states that nobody thought of. Close it: it owns processes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._opened: SmallWorld | None = None
        self._largest: DrawnState = {}

    def total(self) -> Judgement:
        """Whether every generated state is converted, or refused with a reason that the plan names."""
        found = self._each("total", self._is_converted)
        return found if found.outcome is not Outcome.PASSED else self._as_the_command(found)

    def mapped(self) -> Judgement:
        """Whether each state is converted as the mappings of the plan say."""
        state = self._world.plan.state
        if state is None or not state.mappings:
            return inconclusive("the plan has no state.mappings")
        # What a store computes in SQL is asked of the converted copy of the baseline, where there is a store to ask.
        mappings = [it for it in state.mappings if not any(column.sql for column in it.columns)]
        if not mappings:
            return inconclusive("every mapping has a column in SQL, which generated states are not asked for")
        names = {column.python for it in mappings for column in it.columns if column.python}
        functions = load_functions(names, self._world.plan.directory)
        idle = {it.id: it.source for it in mappings}

        def judge(one: First) -> Judgement:
            for name, source in [*idle.items()]:
                if any(fulfils(row, source.where) for row in one.before.get(source.table, ())):
                    del idle[name]
            return judge_small_mappings(mappings, state.lookups, one.before, one.made, functions)

        def missing() -> str:
            return f"no state had a row for {', '.join(idle)}; write hints" if idle else ""

        found = self._each("mapped", lambda it: self._of(it, judge), missing)
        left = ", ".join(it.id for it in state.mappings if it not in mappings)
        return replace(found, reason=f"{found.reason}; not asked for their columns in SQL: {left}") if left else found

    def deterministic(self) -> Judgement:
        """Whether another process, with another hash seed, time zone and locale, makes the same of the same state."""
        return self._each("deterministic", lambda it: self._again(it, "elsewhere"))

    def twice(self) -> Judgement:
        """Whether converting into the same target again changes nothing."""
        return self._each("twice", lambda it: self._again(it, "twice"))

    def ordered(self) -> Judgement:
        """Whether the same rows in the opposite order make the same."""
        moved: list[bool] = []

        def look(state: DrawnState) -> Judgement:
            judgement = self._again(state, "reversed")
            own = self._own(state)
            moved.append(reversed_rows(own) != own)
            return judgement

        return self._each("ordered", look, lambda: "" if any(moved) else "no table of a state had two rows")

    def halved(self) -> Judgement:
        """Whether two halves make a whole: the second added to the first, or the whole after its half."""
        parted: list[bool] = []
        return self._each(
            "halved",
            lambda it: self._in_halves(it, parted),
            lambda: "" if any(parted) else "no state had rows in both halves",
        )

    def untouched(self) -> Judgement:
        """Whether each source is as it was."""
        return self._each(
            "untouched", lambda it: self._of(it, lambda one: judge_same_result(one.before, one.after, "the source"))
        )

    def fitting(self) -> Judgement:
        """Whether what is made fits what the target says of its own tables."""
        shapes: list[Any] = []

        def look(state: DrawnState) -> Judgement:
            one = self._first(state)
            if not shapes:
                shapes.extend(self._small.shapes_made(state))
            return judge_fit(shapes, one.made)

        return self._each("fitting", look, lambda: "" if shapes else "the target says nothing of its tables")

    def back(self) -> Judgement:
        """Whether converting back gives the source, but for what is declared lossy; and that is lost indeed."""
        conversion, wanted = self._asked
        if conversion.reverse is None:
            return inconclusive("the plan has no state.conversion.reverse")
        back = self._small.converters.warm(wanted.back, conversion.reverse)
        lossy = [it.column for it in conversion.lossy]
        lost: set[str] = set()

        def look(state: DrawnState) -> Judgement:
            before = self._first(state).before
            with self._small.places("source", "target", "back") as (source, target, returned):
                self._small.ground.make(state, source)
                self._small.run(self._small.convert, source, target)
                ended = self._small.run(back, target, returned)
                if ended.is_refused:
                    return failed("the way back was refused", [Finding("refused", "way back", "converted", ended.said)])
                judgement, gone = judge_way_back(before, self._small.ground.read(returned), lossy)
            lost.update(gone)
            return judgement

        found = self._each("back", look)
        kept = [
            Finding("declared lossy, but it came back", name, "lost", "as it was") for name in lossy if name not in lost
        ]
        return (
            failed(f"{found.reason}; less is lost than declared", kept)
            if kept and found.outcome is Outcome.PASSED
            else found
        )

    def refused(self) -> Judgement:
        """Whether each spoiled state is refused with a word, and leaves a new target empty and an old one as it was."""
        places = self._small.spoiled()
        if not places:
            return inconclusive("no hint says others: refused (and no file what is spoiled)")
        examples = max(self._asked[1].examples // len(places), 5)
        judgements: list[Judgement] = []
        for place, each in places:
            # What is wrong in one place is often wrong in all of them; one smallest state is enough, and shrinking takes time.
            first = all(it.outcome is not Outcome.FAILED for it in judgements)
            judgements.append(
                self._try(f"refused-{place}", each, self._is_refused(place), examples, shrinks=first, share=_SOME)
            )
        return all_of(judgements)

    def close(self) -> None:
        """End the processes that convert."""
        if self._opened is not None:
            self._opened.converters.close()

    @property
    def _asked(self) -> tuple[Conversion, GeneratedStates]:
        conversion = self._world.plan.state.conversion if self._world.plan.state else None
        if conversion is None or conversion.generated is None:
            raise HarnessError("the plan has no state.conversion.generated, which this suite needs")
        return conversion, conversion.generated

    @property
    def _small(self) -> SmallWorld:
        if self._opened is None:
            self._opened = SmallWorld(self._world, *self._asked)
        return self._opened

    def _first(self, state: DrawnState) -> First:
        """A state's conversion; one that was refused is another promise's matter."""
        one = self._small.first(state)
        if one.ended.is_refused:
            raise PassedOver(f"it was refused: {one.ended.said[-200:]}")
        return one

    def _of(self, state: DrawnState, judge: Callable[[First], Judgement]) -> Judgement:
        return judge(self._first(state))

    def _is_converted(self, state: DrawnState) -> Judgement:
        one = self._small.first(state)
        if sum(map(len, state.values())) > sum(map(len, self._largest.values())):
            self._largest = state
        if not one.ended.is_refused:
            return passed("converted")
        if any(text in one.ended.said for text in self._asked[1].refuses):
            raise PassedOver(f"it was rightfully refused: {one.ended.said[-200:]}")
        return failed(
            "a state was refused", [Finding("state refused", "conversion", "converted", one.ended.said[-300:])]
        )

    def _as_the_command(self, found: Judgement) -> Judgement:
        """The judgement, if the conversion's own command makes the same as what stays up; else nothing was proved."""
        conversion, wanted = self._asked
        if wanted.warm is None:
            return found
        with self._small.places("source", "target") as (source, target):
            self._small.ground.make(self._largest, source)
            ended = self._small.run(self._small.converters.cold(conversion.run), source, target)
            one = self._small.first(self._largest)
            same = judge_same_result(self._small.ground.read(target), one.made, "command and warm worker")
        if ended.is_refused != one.ended.is_refused or same.outcome is not Outcome.PASSED:
            return inconclusive(
                f"generated.warm does not make what the conversion's command makes: {ended.said} {same.reason}"
            )
        return replace(found, reason=f"{found.reason}; the command itself makes the same of the largest")

    def _again(self, state: DrawnState, way: str) -> Judgement:
        """What another conversion of the same state makes, against what the first made."""
        one, small = self._first(state), self._small
        convert = small.convert
        if way == "elsewhere":
            convert = small.converters.warm(small.wanted.warm, self._asked[0].run, elsewhere=True)
        with small.places("source", "target") as (source, target):
            small.ground.make(reversed_rows(state) if way == "reversed" else state, source)
            ended = small.run(convert, source, target)
            if way == "twice" and not ended.is_refused:
                ended = small.run(convert, source, target)
            return self._against(one, ended, small.ground.read(target), way)

    def _in_halves(self, state: DrawnState, parted: list[bool]) -> Judgement:
        one, small, wanted = self._first(state), self._small, self._asked[1]
        parts = halves(state, small.links(), small.kept)
        parted.append(all(any(self._own(part).values()) for part in parts))
        append = small.converters.warm(wanted.append, ()) if wanted.append else small.convert
        with small.places("first", "second", "target") as (first, second, target):
            small.ground.make(parts[0], first)
            small.ground.make(parts[1] if wanted.append else state, second)
            begun = small.run(small.convert, first, target)
            ended = begun if begun.is_refused else small.run(append, second, target)
            return self._against(one, ended, small.ground.read(target), "in halves")

    def _against(self, one: First, ended: Any, made: Any, way: str) -> Judgement:
        if ended.is_refused:
            return failed(f"refused {way}", [Finding("state refused", way, "converted", ended.said[-300:])])
        return judge_same_result(one.made, made, f"once and {way}")

    def _is_refused(self, place: str) -> Callable[[Any], Judgement]:
        def look(pair: tuple[DrawnState, DrawnState] | None) -> Judgement:
            if pair is None:
                raise PassedOver("there is no row to spoil")
            good, bad = pair
            one, small = self._first(good), self._small
            with small.places("good", "bad", "new", "old") as (source, spoiled, new, old):
                small.ground.make(good, source)
                small.ground.make(bad, spoiled)
                small.run(small.convert, source, old)
                ends = [small.run(small.convert, spoiled, target) for target in (new, old)]
                left = {name: rows for name, rows in small.ground.read(new).items() if rows}
                return _refusal(
                    place, ends, left, judge_same_result(one.made, small.ground.read(old), "before and after")
                )

        return look

    def _each(self, name: str, look: Look, missing: Callable[[], str] = str) -> Judgement:
        """The judgement over all states; `missing` tells afterwards what no state had, without which nothing was tried."""
        found = self._try(name, self._small.states(), look, self._asked[1].examples)
        why = missing() if found.outcome is Outcome.PASSED else ""
        return inconclusive(f"{found.reason}, but {why}") if why else found

    def _own(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The rows that were drawn for this state."""
        return {table: rows for table, rows in state.items() if table not in self._small.kept}

    def _try(
        self,
        name: str,
        strategy: Any,
        look: Callable[[Any], Judgement],
        examples: int,
        *,
        shrinks: bool = True,
        share: float = _HALF,
    ) -> Judgement:
        """Let Hypothesis try states, and judge what came of it."""
        tally, limit = _Tally(), TimeLimit(self._asked[1].time_s)
        chance = self._world.plan.migration.seed

        def act(drawn: Any) -> None:
            limit.keep(parted=tally.smallest is not None)
            tally.tried += 1
            state = drawn[-1] if isinstance(drawn, tuple) else drawn
            try:
                judgement = look(drawn)
            except (PassedOver, ImpossibleStateError) as why:
                tally.over = str(why)
                return
            except GodwitError as error:
                tally.trouble = error
                raise TimeOver from None
            tally.take(state, sum(map(len, self._own(state).values())), judgement)

        ending = try_each(strategy, act, examples, chance, limit, shrinks=shrinks)
        if tally.trouble is not None:
            raise tally.trouble
        return self._judged(name, tally, ending, examples, share)

    def _judged(self, name: str, tally: _Tally, ending: Ending, examples: int, share: float) -> Judgement:
        told = f"{tally.judged} generated states with {tally.rows} rows, seed {self._world.plan.migration.seed}"
        if tally.smallest is not None:
            return self._broken(name, tally, ending)
        if ending is Ending.TIME_OVER:
            return inconclusive(f"the time was over after {tally.judged} of {examples} states; raise generated.time_s")
        if tally.judged < share * tally.tried or not tally.judged:
            return inconclusive(
                f"only {tally.judged} of {tally.tried} states could be judged; the last was not: {tally.over}; write hints"
            )
        if not tally.rows:
            return inconclusive(f"{told}: no state had a row")
        if not self._small.made_rows:
            return inconclusive(f"{told}: no conversion made a row")
        return passed(told)

    def _broken(self, name: str, tally: _Tally, ending: Ending) -> Judgement:
        assert tally.smallest is not None  # noqa: S101 - asked before
        state, judgement = tally.smallest
        own = {table: rows for table, rows in self._own(state).items() if rows}
        text = json.dumps(own, ensure_ascii=False, default=_plain)
        file = self._world.out / "states" / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            self._world.mask(json.dumps(state, ensure_ascii=False, indent=1, default=_plain)) + "\n", encoding="utf-8"
        )
        unsteady = " (not each time)" if ending is Ending.UNSTEADY else ""
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        why = f"the smallest of {tally.tried} states{unsteady}: {shown}; all of it is in {file.relative_to(self._world.out)}"
        findings = [
            replace(each, reason=f"{each.reason}; {shown}" if each.reason else shown) for each in judgement.findings
        ]
        return failed(f"{judgement.reason}; {why}", findings)


def _refusal(place: str, ends: Any, left: Mapping[str, Any], same: Judgement) -> Judgement:
    """Judge how two conversions of a spoiled state ended: into a new target, of which `left` is there, and into an old one."""
    findings = [
        Finding("spoiled state accepted", place, "refused", "converted") for ended in ends if not ended.is_refused
    ][:1]
    if not findings:
        findings += [
            Finding("refused without a word", place, "a reason", "none") for ended in ends if not ended.said.strip()
        ][:1]
        if left:
            rows = ", ".join(f"{len(rows)} of {name}" for name, rows in left.items())
            findings.append(Finding("refused, but left a half result", place, "nothing", rows))
        if same.outcome is not Outcome.PASSED:
            findings.append(Finding("refused, but changed the target", place, "as it was", same.reason))
    return failed(findings[0].what, findings) if findings else passed("refused whole")


def _plain(value: Any) -> Any:
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else repr(value)
