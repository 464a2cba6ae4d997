"""Types the same command line on both sides, each in a fresh folder of its own, and has what came of it compared."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from godwit.checks import compare_commands
from godwit.plan import CommandLine
from godwit.session.world import World
from godwit.stacks import fill, ownership
from godwit.surfaces import run_command, written
from godwit.verdict import Ended, GodwitError, HarnessError, Judgement, Outcome

_REPEATS = 2
_PLACES = ("url", "store", "port", "python", "work", "dir", "plan_dir")
"""The places whose texts say only where something ran."""


class Commands:
    """Command lines of both sides."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._runs = 0

    def alike(self, command: CommandLine) -> Judgement:
        """Run a command line on the baseline, then on the candidate, and compare.

        Only if they differ, the baseline runs it twice more: what differs between its own runs is noise.
        """
        roles = ("baseline", "candidate")
        if command.writes:
            self._world.may_write(*roles)
        baseline, candidate = (self._run(command, role) for role in roles)
        normalisers = self._world.plan.surfaces.normalisers
        judgement = compare_commands(command, [baseline], candidate, normalisers)
        if judgement.outcome is not Outcome.FAILED or command.once or command.help:
            return judgement
        again = [self._run(command, "baseline") for _ in range(_REPEATS)]
        return compare_commands(command, [baseline, *again], candidate, normalisers)

    def _run(self, command: CommandLine, role: str) -> Ended:
        self._runs += 1
        folder = self._world.work.resolve() / "commands" / command.id / f"{role}-{self._runs}"
        self._prepare(command, folder)
        places = {**self._world.places.of(role), "dir": str(folder), "side": self._world.played_by(role)}
        words = fill(command.run, places)
        env = {**self._world.environ(role), **_filled(command.env, places), **ownership()}
        log = self._world.out / "logs" / f"{command.id}-{role}-{self._runs}.log"
        own = tuple((name, places[name]) for name in _PLACES if name in places)
        try:
            result = run_command(
                words,
                cwd=folder,
                env=env,
                timeout_s=command.timeout_s,
                log=log,
                mask=self._world.mask,
                stdin=(command.stdin or "").encode(),
            )
        except GodwitError as error:
            if role == "baseline":
                raise
            return Ended(127, stderr=f"{error}\n", places=own)  # what the baseline could start, the candidate cannot
        files, too_large = written(folder, command.files)
        flooded = ("more than can be kept",) if result.flooded else ()
        cut = (*result.cut, *too_large, *flooded)
        return Ended(result.exit, result.stdout, result.stderr, result.timed_out, files, cut, own)

    def _prepare(self, command: CommandLine, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in command.given:
            source = self._world.plan.directory / name
            if not source.exists():
                raise HarnessError(
                    f"command {command.id}: {source} is given to it, and there is no such file or folder"
                )
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy2(source, target)


def _filled(env: Mapping[str, str], places: Mapping[str, str]) -> dict[str, str]:
    return dict(zip(env, fill(env.values(), places), strict=True))
