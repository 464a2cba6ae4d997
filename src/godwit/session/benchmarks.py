"""Has files of benchmarks run on both sides in turn and gives what they took; `checks` judges it."""

from collections.abc import Mapping

from godwit.plan import Benchmark
from godwit.session.turns import SIDES, in_turn
from godwit.session.world import World
from godwit.stacks import Runtime, ownership
from godwit.surfaces import UnmeasuredError, lacking, run_benchmarks
from godwit.verdict import Observation, Timing


class Benchmarks:
    """Observations by phase and file, made on first need."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[tuple[str, str], Observation | str] = {}

    def observe(self, name: str, within: str) -> Observation | str:
        """What a file's benchmarks took, run once within a phase; a text says why they could not be run."""
        key = (within, name)
        if key not in self._seen:
            benchmark = next(item for item in self._world.plan.benchmarks if item.id == name)
            try:
                self._seen[key] = self._observed(benchmark, within)
            except UnmeasuredError as error:
                self._seen[key] = f"benchmarks.{name}: {error}"
        return self._seen[key]

    def _observed(self, benchmark: Benchmark, within: str) -> Observation:
        world, runtimes = self._world, {side: self._runtime(side) for side in SIDES}
        seed = world.plan.migration.seed
        file = (world.plan.directory / benchmark.file).resolve()
        folder = world.out.resolve() / "benchmarks" / f"{within}-{benchmark.id}"

        def once(side: str, number: int) -> Mapping[str, Timing]:
            try:
                return run_benchmarks(
                    file,
                    python=runtimes[side].python,
                    cwd=runtimes[side].folder,
                    # What Python draws for its hashes differs from turn to turn and is the same on both sides.
                    env={
                        **runtimes[side].env,
                        **ownership(),
                        "PYTHONHASHSEED": str((seed + number) % 2**32),
                    },
                    for_s=benchmark.for_s,
                    timeout_s=benchmark.timeout_s,
                    out=folder / f"{number + 1:03}-{side}",
                    mask=world.mask,
                )
            except UnmeasuredError as error:
                raise UnmeasuredError(f"{benchmark.file} on the {side}: {error}") from None

        return in_turn(world, benchmark.id, benchmark.turns, benchmark.other_work, once)

    def _runtime(self, side: str) -> Runtime:
        runtime = self._world.stack(side).runtime()
        if runtime is None:
            profile = self._world.setting.profile
            raise UnmeasuredError(f"stacks.{side} offers no Python on this machine under the {profile} profile")
        if missing := lacking(runtime.python, runtime.folder, {**runtime.env, **ownership()}):
            hint = "install it there (where a stack is a library: add it to its requirements)"
            raise UnmeasuredError(f"stacks.{side}: its Python {runtime.python} lacks {missing}; {hint}")
        return runtime
