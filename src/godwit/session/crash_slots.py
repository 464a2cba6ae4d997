"""A place in which one command that changes state is tried again and again, always under the same path; it judges nothing."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from godwit.faults import Blow, Traced, run_for, trace
from godwit.plan import Command, Crash
from godwit.session.world import World
from godwit.stacks import fill, ownership
from godwit.state import Picture, clone, picture
from godwit.surfaces import CommandResult, run_command
from godwit.verdict import HarnessError

VIEW = "(view)"
"""Where a picture says that the plan's view was refused."""


class Slot:
    """One folder, prepared once and put back before each try; what commands write of their own path stays true in it.

    `before` is what lies there when it is prepared.
    """

    def __init__(self, world: World, crash: Crash, base: Path) -> None:
        self._world = world
        self._crash = crash
        self._fresh, self._held = base / "fresh", base / "held"
        self.folder = base / "here"
        self.folder.mkdir(parents=True)
        self._prepare()
        _copy(self.folder, self._fresh)
        self.before = self.look()

    def begin(self) -> None:
        """Be as prepared."""
        _copy(self._fresh, self.folder)

    def hold(self) -> None:
        """Remember what lies here now."""
        _copy(self.folder, self._held)

    def put_back(self) -> None:
        """Be as remembered."""
        _copy(self._held, self.folder)

    def look(self) -> Picture:
        """What lies here, without what the plan lets differ; its `view` is written first, so put back what must stay."""
        seen: Picture = {}
        if self._crash.view is not None:
            shown = self.run(self._crash.view)
            if shown.exit != 0:
                last = (shown.stderr or shown.stdout).strip().splitlines()[-1:]
                seen = {VIEW: [{"id": "refused", "says": last}]}
        return {**picture(self.folder, [it.what for it in self._crash.ignore]), **seen}

    def trace(self, blow: Blow | None = None) -> Traced:
        """Run the command, stopped before each change; struck if a blow is given."""
        kinds = frozenset[str](self._crash.at)
        words = self._filled(self._crash.run)
        return trace(words, self.folder, self._cwd, self._environ, self._crash.timeout_s, kinds, blow)

    def run_for(self, seconds: float) -> tuple[bool, str]:
        """Run the command and kill it after a time; whether it was still running, and what it said."""
        return run_for(self._filled(self._crash.run), self._cwd, self._environ, seconds)

    def run(self, command: Command) -> CommandResult:
        """Run another command of the plan here."""
        return run_command(self._filled(command), cwd=self._cwd, env=self._environ, timeout_s=self._crash.timeout_s)

    def must(self, command: Command) -> CommandResult:
        """Run a command that has to succeed; HarnessError with what it said if it does not."""
        result = self.run(command)
        if result.exit != 0:
            ended = "did not end in time" if result.timed_out else f"ended with exit code {result.exit}"
            said = (result.stderr or result.stdout)[-500:].strip()
            raise HarnessError(f"state.crashes {self._crash.id}: undisturbed, {result.words[0]} {ended}: {said}")
        return result

    def says_done(self) -> bool | None:
        """Whether this is taken for complete; None if the plan names nobody who says so."""
        if self._crash.done is None:
            return None
        result = self.run(self._crash.done)
        return result.exit == 0 and not result.timed_out

    def _prepare(self) -> None:
        given = self._crash.source
        if given is not None:
            source = fill((given,), self._world.places.outside)[0]
            if self._crash.kind == "store":
                clone(source, f"sqlite:///{self.folder / 'source.db'}")
            elif not Path(source).is_dir():
                raise HarnessError(f"state.crashes {self._crash.id}: there is no folder {source}")
            else:
                shutil.copytree(source, self.folder / "source", symlinks=True)
        if self._crash.prepare is not None:
            self.must(self._crash.prepare)

    def _filled(self, command: Command) -> tuple[str, ...]:
        ends = {name: str(self.folder / name) for name in ("source", "target")}
        if self._crash.kind == "store":
            ends = {name: f"sqlite:///{path}.db" for name, path in ends.items()}
        return fill(command, {**self._world.places.outside, **ends, "folder": str(self.folder)})

    @property
    def _cwd(self) -> Path:
        return self._world.plan.directory.parent

    @property
    def _environ(self) -> Mapping[str, str]:
        return {**self._world.environ("tools"), **ownership()}


def _copy(one: Path, other: Path) -> None:
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(one, other, symlinks=True)
