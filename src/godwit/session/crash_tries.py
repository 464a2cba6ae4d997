"""One command that changes state, run undisturbed, then struck at a point and made good, several side by side."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from queue import SimpleQueue
from typing import Any

from godwit.checks import Struck, Way, differences
from godwit.faults import Blow, Deed
from godwit.plan import Command, Crash
from godwit.session.crash_slots import VIEW, Slot
from godwit.session.world import World
from godwit.state import Picture, unread
from godwit.verdict import Finding, HarnessError


class Bench:
    """The slots in which one command is tried, as many as there are processors.

    `before` and `whole` are what lies there before and after an undisturbed run, `kinds` those of its points in their
    order (none if it is not `traceable`), `seconds` how long it takes. `unlike` is what differs between two such runs,
    `asked` what the one who says whether it is done said before and after.
    """

    def __init__(self, world: World, crash: Crash, *, traceable: bool) -> None:
        self._world = world
        self._crash = crash
        base = world.work.resolve() / "crashes" / crash.id
        shutil.rmtree(base, ignore_errors=True)
        self.slots = [Slot(world, crash, base / str(number)) for number in range(1, (os.cpu_count() or 1) + 1)]
        self._free: SimpleQueue[Slot] = SimpleQueue()
        for slot in self.slots:
            self._free.put(slot)
        self.before = self.slots[0].before
        self._run_undisturbed(traceable)

    def strike(self, blow: Blow) -> Struck:
        """Run from the beginning, strike, and see what it is taken for and whether it can be made good."""
        with self._slot() as slot:
            traced = slot.trace(blow)
            if blow.number == 0:
                took_effect, point = traced.exit == 0, "after the end"
            else:
                took_effect = traced.exit < 0 if blow.deed in ("kill", "power-loss") else traced.refused > 0
                point = str(traced.struck or "")
            struck = Struck(blow.number, point, took_effect, traced.exit, traced.timed_out, traced.said)
            return self._aftermath(struck, slot)

    def strike_at(self, number: int, after_s: float) -> Struck:
        """Kill the command after a time; without any knowledge of what it was about to do."""
        with self._slot() as slot:
            running, said = slot.run_for(after_s)
            point = f"after {after_s * 1000:.0f} ms"
            return self._aftermath(Struck(number, point, running, -9 if running else 0, False, said), slot)

    def note(self, struck: Struck, deed: Deed) -> None:
        """Append what became of one point to the run's evidence."""
        place = self._world.out / "crashes"
        place.mkdir(exist_ok=True)
        line = self._world.mask(json.dumps(asdict(struck), ensure_ascii=False, default=str))
        with (place / f"{self._crash.id}-{deed}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    @contextmanager
    def _slot(self) -> Iterator[Slot]:
        slot = self._free.get()
        try:
            slot.begin()
            yield slot
        finally:
            self._free.put(slot)

    def _aftermath(self, struck: Struck, slot: Slot) -> Struck:
        if not struck.took_effect or struck.timed_out:
            return struck
        # Whoever looks at a store after a crash mends it: every look and every way out begins at what the crash left.
        slot.hold()
        done = True if struck.exit == 0 else slot.says_done()
        half: tuple[Finding, ...] = ()
        if done:
            slot.put_back()
            half = differences(self.whole, slot.look())
        ways = () if struck.exit == 0 else tuple(self._way(how, command, slot) for how, command in self._ways_out())
        return replace(struck, done=done, half=half, ways=ways)

    def _ways_out(self) -> Iterator[tuple[str, Command]]:
        if self._crash.restore is not None:
            yield "restored", self._crash.restore
        if self._crash.resume is not None or self._crash.restore is None:
            yield "resumed", self._crash.resume or self._crash.run

    def _way(self, how: str, command: Command, slot: Slot) -> Way:
        slot.put_back()
        result = slot.run(command)
        said = (result.stderr or result.stdout)[-500:]
        if result.exit != 0 or result.timed_out:
            return Way(how, result.exit, result.timed_out, said)
        now = slot.look()
        wanted, seen = (self.whole, now) if how == "resumed" else (_source(self.before), _source(now))
        return Way(how, result.exit, result.timed_out, said, differences(wanted, seen))

    def _run_undisturbed(self, traceable: bool) -> None:
        first, last = self.slots[0], self.slots[-1]
        first.begin()
        early = first.says_done()
        first.begin()
        traced = first.trace() if traceable else None
        if traced is None:
            first.must(self._crash.run)
        elif traced.exit != 0:
            ended = "did not end in time" if traced.timed_out else f"ended with exit code {traced.exit}"
            raise HarnessError(f"state.crashes {self._crash.id}: undisturbed, the run {ended}: {traced.said[-500:]}")
        self.kinds = [point.kind for point in traced.points] if traced else []
        self.asked = None if early is None else (early, bool(first.says_done()))
        self.whole = first.look()
        if blind := self._blind():
            raise HarnessError(f"state.crashes {self._crash.id}: {blind}")
        if said := unread(self.before) or unread(self.whole):
            raise HarnessError(f"state.crashes {self._crash.id}: undisturbed, {said}")
        last.begin()
        self.seconds = last.must(self._crash.run).seconds
        begun = [finding for slot in self.slots for finding in differences(self.before, slot.before)]
        self.unlike = (*begun, *differences(self.whole, last.look()))

    def _blind(self) -> str:
        """Why a comparison with what lay there before and lies there after would see nothing; empty if it sees something."""
        if VIEW in self.whole:
            return f"undisturbed, the view was refused: {self.whole[VIEW][0]['says']}"
        if not any(self.whole.values()):
            return "nothing is left to compare; see ignore"
        if self._crash.restore is not None and not any(_source(self.before).values()):
            return "there is no source to restore; prepare makes {source}"
        return ""


def _source(found: Picture) -> dict[str, list[dict[str, Any]]]:
    """The part of a picture that is the source."""
    tables = {name: rows for name, rows in found.items() if name.startswith(("source.db/", "source/"))}
    files = [row for row in found.get("files", []) if row["id"].split("/")[0] in ("source", "source.db")]
    return {**tables, "files": files}
