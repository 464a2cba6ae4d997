"""One command that changes state, run in folders of its own: undisturbed, or struck at a point and then made good."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from godwit.checks import Struck, Way, differences
from godwit.faults import Blow, Deed, Traced, run_for, trace
from godwit.plan import Command, Crash
from godwit.session.world import World
from godwit.stacks import fill, ownership
from godwit.state import Picture, clone, picture
from godwit.surfaces import CommandResult, run_command
from godwit.verdict import HarnessError


class Bench:
    """The folders in which one command is tried, all copies of one that was prepared once.

    `before` and `whole` are what lies there before and after an undisturbed run, `kinds` those of its points in their
    order (none if it is not `traceable`), `seconds` how long it takes. `unlike` is what differs between two such runs,
    `asked` what the one who says whether it is done said before and after.
    """

    def __init__(self, world: World, crash: Crash, *, traceable: bool) -> None:
        self._world = world
        self._crash = crash
        self._ignore = [it.what for it in crash.ignore]
        self.base = world.work.resolve() / "crashes" / crash.id
        shutil.rmtree(self.base, ignore_errors=True)
        self._fresh = self.base / "fresh"
        self._fresh.mkdir(parents=True)
        self._prepare()
        self.before = self.look(self._fresh)
        self._run_undisturbed(traceable)

    def copy(self, name: str, of: Path | None = None) -> Path:
        """A fresh folder, or a copy of another one."""
        folder = self.base / name
        shutil.copytree(of or self._fresh, folder, symlinks=True)
        return folder

    def look(self, folder: Path) -> Picture:
        """What lies in a folder, without what the plan lets differ."""
        return picture(folder, self._ignore)

    def trace(self, folder: Path, blow: Blow | None = None) -> Traced:
        """Run the command in a folder, stopped before each change; struck if a blow is given."""
        words = self._filled(self._crash.run, folder)
        kinds = frozenset[str](self._crash.at)
        return trace(words, folder, self._cwd, self._environ, self._crash.timeout_s, kinds, blow)

    def must(self, command: Command, folder: Path) -> CommandResult:
        """Run a command that has to succeed in a folder; HarnessError with what it said if it does not."""
        result = self._run(command, folder)
        if result.exit != 0:
            said = (result.stderr or result.stdout)[-500:].strip()
            raise HarnessError(f"{' '.join(result.words)}: undisturbed, it ended with exit code {result.exit}: {said}")
        return result

    def says_done(self, folder: Path) -> bool | None:
        """Whether a folder is taken for complete, asked in a copy; None if the plan names nobody who says so."""
        if self._crash.done is None:
            return None
        asked = self.copy(f"{folder.name}-asked", folder)
        result = self._run(self._crash.done, asked)
        shutil.rmtree(asked)
        return result.exit == 0 and not result.timed_out

    def strike(self, blow: Blow) -> Struck:
        """Run in a fresh folder, strike, and see what it is taken for and whether it can be made good."""
        folder = self.copy(f"{blow.deed}-{blow.number}")
        traced = self.trace(folder, blow)
        if blow.number == 0:
            took_effect, point = traced.exit == 0, "after the end"
        else:
            took_effect = traced.exit < 0 if blow.deed in ("kill", "power-loss") else traced.refused > 0
            point = str(traced.struck or "")
        struck = Struck(blow.number, point, took_effect, traced.exit, traced.timed_out, traced.said)
        return self._aftermath(struck, folder)

    def strike_at(self, number: int, after_s: float) -> Struck:
        """Kill the command after a time; without any knowledge of what it was about to do."""
        folder = self.copy(f"time-{number}")
        running, said = run_for(self._filled(self._crash.run, folder), self._cwd, self._environ, after_s)
        struck = Struck(number, f"after {after_s * 1000:.0f} ms", running, -9 if running else 0, False, said)
        return self._aftermath(struck, folder)

    def note(self, struck: Struck, deed: Deed) -> None:
        """Append what became of one point to the run's evidence."""
        place = self._world.out / "crashes"
        place.mkdir(exist_ok=True)
        line = self._world.mask(json.dumps(asdict(struck), ensure_ascii=False, default=str))
        with (place / f"{self._crash.id}-{deed}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _aftermath(self, struck: Struck, folder: Path) -> Struck:
        if struck.took_effect and not struck.timed_out:
            done = True if struck.exit == 0 else self.says_done(folder)
            half = differences(self.whole, self._look_aside(folder)) if done else ()
            ways = () if struck.exit == 0 else self._ways(folder)
            struck = replace(struck, done=done, half=half, ways=ways)
        shutil.rmtree(folder, ignore_errors=True)
        return struck

    def _look_aside(self, folder: Path) -> Picture:
        # Whoever opens a store after a crash mends it; that is left to the command that is to make it good.
        aside = self.copy(f"{folder.name}-seen", folder)
        try:
            return self.look(aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _ways(self, folder: Path) -> tuple[Way, ...]:
        asked: list[tuple[str, Command]] = []
        if self._crash.restore is not None:
            asked.append(("restored", self._crash.restore))
        if self._crash.resume is not None or self._crash.restore is None:
            asked.append(("resumed", self._crash.resume or self._crash.run))
        return tuple(self._way(how, command, folder) for how, command in asked)

    def _way(self, how: str, command: Command, folder: Path) -> Way:
        tried = self.copy(f"{folder.name}-{how}", folder)
        try:
            result = self._run(command, tried)
            now = self.look(tried) if result.exit == 0 and not result.timed_out else {}
        finally:
            shutil.rmtree(tried, ignore_errors=True)
        said = (result.stderr or result.stdout)[-500:]
        wanted, seen = (self.whole, now) if how == "resumed" else (_source(self.before), _source(now))
        found = differences(wanted, seen) if result.exit == 0 and not result.timed_out else ()
        return Way(how, result.exit, result.timed_out, said, found)

    def _run_undisturbed(self, traceable: bool) -> None:
        early = self.says_done(self._fresh)
        whole, again = self.copy("whole"), self.copy("again")
        traced = self.trace(whole) if traceable else None
        if traced is None:
            self.must(self._crash.run, whole)
        elif traced.exit != 0:
            ended = "did not end in time" if traced.timed_out else f"ended with exit code {traced.exit}"
            raise HarnessError(f"state.crashes {self._crash.id}: undisturbed, the run {ended}: {traced.said[-500:]}")
        self.kinds = [point.kind for point in traced.points] if traced else []
        self.whole = self.look(whole)
        self.asked = None if early is None else (early, bool(self.says_done(whole)))
        self.seconds = self.must(self._crash.run, again).seconds
        self.unlike = differences(self.whole, self.look(again))
        for folder in (whole, again):
            shutil.rmtree(folder)

    def _prepare(self) -> None:
        given = self._crash.source
        if given is not None:
            source = fill((given,), self._world.places.outside)[0]
            if self._crash.kind == "store":
                clone(source, f"sqlite:///{self._fresh / 'source.db'}")
            elif not Path(source).is_dir():
                raise HarnessError(f"state.crashes {self._crash.id}: there is no folder {source}")
            else:
                shutil.copytree(source, self._fresh / "source", symlinks=True)
        if self._crash.prepare is not None:
            self.must(self._crash.prepare, self._fresh)

    def _run(self, command: Command, folder: Path) -> CommandResult:
        words = self._filled(command, folder)
        return run_command(words, cwd=self._cwd, env=self._environ, timeout_s=self._crash.timeout_s)

    def _filled(self, command: Command, folder: Path) -> tuple[str, ...]:
        ends = {name: str(folder / name) for name in ("source", "target")}
        if self._crash.kind == "store":
            ends = {name: f"sqlite:///{path}.db" for name, path in ends.items()}
        return fill(command, {**self._world.places.outside, **ends, "folder": str(folder)})

    @property
    def _cwd(self) -> Path:
        return self._world.plan.directory.parent

    @property
    def _environ(self) -> Mapping[str, str]:
        return {**self._world.environ("tools"), **ownership()}


def _source(found: Picture) -> dict[str, list[dict[str, Any]]]:
    """The part of a picture that is the source."""
    tables = {name: rows for name, rows in found.items() if name.startswith(("source.db/", "source/"))}
    files = [row for row in found.get("files", []) if row["id"].split("/")[0] in ("source", "source.db")]
    return {**tables, "files": files}
