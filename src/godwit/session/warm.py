"""Converts state by a command, a function in a process that stays up, or a worker of the plan's own; it judges nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from godwit.session.world import World
from godwit.surfaces import LostError, Worker
from godwit.verdict import HarnessError

Tool = str | tuple[str, ...] | None

_SEED, _OTHER_SEED = "0", "4711"
_ELSEWHERE = {"TZ": "Pacific/Chatham", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": _OTHER_SEED}
"""Where the second process stands: in another time zone, under another locale and hash seed."""


@dataclass(frozen=True, slots=True)
class Converted:
    """How one conversion ended: refused or not, and what was said."""

    is_refused: bool
    said: str = ""


Convert = Callable[[str, str], Converted]
"""Converts a source into a target, each a URL or a folder."""


class Converters:
    """The processes that convert, each started when it is first asked for; close them."""

    def __init__(self, world: World, timeout_s: float) -> None:
        self._world = world
        self._timeout_s = timeout_s
        self._workers: dict[tuple[Any, ...], Worker] = {}

    def cold(self, words: Sequence[str], *, elsewhere: bool = False) -> Convert:
        """Starts the command for every conversion."""
        if elsewhere:
            words = ("env", *(f"{name}={value}" for name, value in _ELSEWHERE.items()), *words)

        def convert(source: str, target: str) -> Converted:
            result = self._world.command(words, self._timeout_s, {"source": source, "target": target})
            said = (result.stderr.strip() or result.stdout.strip())[-500:]
            if result.timed_out:
                raise HarnessError(f"the conversion did not end within {self._timeout_s:g} s")
            return Converted(result.exit != 0, said)

        return convert

    def warm(self, tool: Tool, words: Sequence[str], *, elsewhere: bool = False) -> Convert:
        """Converts by a process that stays up, or by the command where the plan names none.

        `elsewhere` is a second process, with another hash seed, time zone and locale.
        """
        if tool is None:
            return self.cold(words, elsewhere=elsewhere)

        def convert(source: str, target: str) -> Converted:
            try:
                return self._asked(tool, elsewhere, source, target)
            except LostError as error:
                self._workers.pop((tool, elsewhere)).close()
                return Converted(True, f"the worker was lost: {error}")

        return convert

    def close(self) -> None:
        """End every process."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()

    def _asked(self, tool: str | tuple[str, ...], elsewhere: bool, source: str, target: str) -> Converted:
        worker = self._worker(tool, elsewhere)
        if isinstance(tool, str):
            return _read(tool, worker.ask({"do": "call", "call": tool, "args": [source, target]}, self._timeout_s))
        reply = worker.ask({"source": source, "target": target}, self._timeout_s)
        if not isinstance(reply.get("exit"), int):
            raise HarnessError(
                f"{tool[0]} answered {str(reply)[:200]}; a line with exit (a number) and said is asked for"
            )
        return Converted(reply["exit"] != 0, str(reply.get("said", "")))

    def _worker(self, tool: str | tuple[str, ...], elsewhere: bool) -> Worker:
        key = (tool, elsewhere)
        if key not in self._workers:
            own = self._world.filled(tool) if isinstance(tool, tuple) else ()
            log = self._world.out.resolve() / "logs" / f"converting-{len(self._workers) + 1}.log"
            env = {**self._world.tools_environ, **(_ELSEWHERE if elsewhere else {})}
            seed = _OTHER_SEED if elsewhere else _SEED
            python = self._world.filled(("{python}",))[0]
            self._workers[key] = Worker(python, self._where(), env, log, own=own, hash_seed=seed)
        return self._workers[key]

    def _where(self) -> Path:
        return self._world.plan.directory.resolve().parent


def _read(tool: str, reply: dict[str, Any]) -> Converted:
    """What a call gave: raised is refused, and so is a number other than 0 that it returned."""
    if reply.get("found") is False:
        raise HarnessError(
            f"state.conversion.generated: {tool} cannot be called: {reply['raised'][0]}: {reply['message']}"
        )
    if "raised" in reply:
        code = str(reply["message"])
        if reply["raised"][0] == "SystemExit":
            return Converted(code not in ("", "0", "None"), code)
        return Converted(True, f"{reply['raised'][0]}: {code}")
    value = reply.get("value")
    return Converted(isinstance(value, int) and not isinstance(value, bool) and value != 0, "")
