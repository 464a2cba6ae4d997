"""Asks whoever a plan names which side serves each of many users at a percentage; it compares and judges nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from godwit.checks import Moved
from godwit.plan import Bucketing, Evaluator
from godwit.rollout import RouterControl, Rows, bulk, word
from godwit.session.world import World
from godwit.stacks import fill, ownership
from godwit.surfaces import LostError, Worker, run_command, send
from godwit.verdict import HarnessError

_BYTES_A_USER = 64
_KEEP_AT_LEAST = 1 << 20

Question = Callable[[float, Mapping[str, Any]], list[str]]
"""The words for all users at a percentage, under flags besides those of the plan's bucketing."""


class Asker:
    """One evaluator with the users that it is asked for, in their order; it may be asked for any percentage."""

    def __init__(self, world: World, bucketing: Bucketing, evaluator: Evaluator, rows: Rows) -> None:
        self._world = world
        self._bucketing = bucketing
        self._evaluator = evaluator
        self._rows = rows[: evaluator.sample] if evaluator.kind == "door" else rows
        ways = {
            "http": self._over_http,
            "door": self._at_the_door,
            "command": self._by_command,
            "python": self._in_python,
            "openfeature": self._through_openfeature,
        }
        self._ask = ways[evaluator.kind]()

    @property
    def n(self) -> int:
        """How many of the users it is asked for."""
        return len(self._rows)

    def moved(self, percent: float, flags: Mapping[str, Any] | None = None) -> Moved:
        """Who is on the candidate at this percentage; HarnessError for an answer that is neither side."""
        said = self._ask(percent, {**self._bucketing.flags, **(flags or {})})
        words = self._bucketing.answers
        if strange := set(said) - {words.candidate, words.baseline}:
            known = f"'{words.candidate}' or '{words.baseline}'"
            raise HarnessError(f"{self._named}: it says {min(strange)[:100]!r} where it has to say {known}")
        if len(said) != len(self._rows):
            raise HarnessError(f"{self._named}: {len(said)} answer(s) for {len(self._rows)} users")
        return np.fromiter((each == words.candidate for each in said), bool, len(said))

    @property
    def _named(self) -> str:
        return f"rollout.buckets {self._bucketing.id}, evaluator {self._evaluator.id}"

    def _at_the_door(self) -> Question:
        stack = self._world.again("router") if self._evaluator.again else self._world.stack("router")
        rollout = self._world.plan.rollout
        if rollout is None:
            raise HarnessError(f"{self._named}: the plan has no rollout.router, so there is no door")
        names = {"user": rollout.router.user_header, "team": rollout.router.team_header}
        headers = [names.get(name) for name in self._bucketing.attributes]

        def one(row: Sequence[str | None]) -> str:
            given = {name: text for name, text in zip(headers, row, strict=True) if name and text is not None}
            answer = send("GET", stack.url + rollout.router.ask, headers=given)
            side = self._world.router.served_by(answer)
            if side is None:
                raise HarnessError(f"{self._named}: {answer.request} answered {answer.status} and not who served it")
            words = self._bucketing.answers
            return words.candidate if side == "candidate" else words.baseline

        def answers(percent: float, flags: Mapping[str, Any]) -> list[str]:
            self._set(stack.url, percent, flags)
            with ThreadPoolExecutor(self._evaluator.at_once) as pool:
                return list(pool.map(one, self._rows))

        return answers

    def _over_http(self) -> Question:
        role = str(self._evaluator.on)
        stack = self._world.again(role) if self._evaluator.again else self._world.stack(role)
        ask = bulk(stack.url, self._evaluator, self._rows)

        def answers(percent: float, flags: Mapping[str, Any]) -> list[str]:
            self._set(stack.url, percent, flags)
            return ask(percent)

        return answers

    def _set(self, url: str, percent: float, flags: Mapping[str, Any]) -> None:
        """Set the flags that this evaluator goes by, through the plan's controls; those of a second router are its own."""
        values = dict(flags)
        if self._bucketing.flag is not None:
            value = round(percent * self._bucketing.whole / 100, 6)
            values[self._bucketing.flag] = value if self._bucketing.fractional and value % 1 else round(value)
        rollout, declared = self._world.plan.rollout, self._world.plan.flags
        if not values:
            return
        if self._evaluator.again and self._evaluator.on in ("router", None) and rollout and declared.control:
            RouterControl(url, rollout.router, declared.control).set_flags(values)
        elif any(flag.set_by for flag in declared.flags if flag.name in values):
            self._world.switches.set(values)
        else:
            self._world.router.set_flags(values)

    def _by_command(self) -> Question:
        given = "".join(json.dumps(row) + "\n" for row in self._rows).encode()
        keep = max(_KEEP_AT_LEAST, _BYTES_A_USER * len(self._rows))

        def answers(percent: float, flags: Mapping[str, Any]) -> list[str]:
            extra = {"percent": f"{percent:g}", "flags": json.dumps(dict(flags))}
            places = {**self._world.places.outside, **extra}
            names = self._evaluator.env
            env = {
                **self._world.environ("tools"),
                **ownership(),
                **dict(zip(names, fill(names.values(), places), strict=True)),
            }
            result = run_command(
                fill(self._evaluator.run or (), places),
                cwd=self._world.plan.directory.parent,
                env=env,
                timeout_s=self._evaluator.timeout_s,
                stdin=given,
                keep=keep,
            )
            if result.exit != 0 or result.cut:
                how = "ran out of time" if result.timed_out else f"ended with exit code {result.exit}"
                tail = "\n  ".join((result.stderr or result.stdout[:1000]).splitlines()[-10:])
                raise HarnessError(f"{self._named}: {' '.join(result.words)} {how}\n  {tail}")
            return result.stdout.splitlines()

        return answers

    def _in_python(self) -> Question:
        role = str(self._evaluator.on)
        runtime = self._world.stack(role).runtime()
        if runtime is None:
            raise HarnessError(f"{self._named}: stacks.{role} offers no Python on this machine under this profile")
        log = self._world.out / "logs" / f"{role}-python.log"
        size = self._evaluator.chunk
        parts = [self._rows[start : start + size] for start in range(0, len(self._rows), size)]

        def answers(percent: float, flags: Mapping[str, Any]) -> list[str]:
            self._set("", percent, flags)
            with Worker(runtime.python, runtime.folder, {**runtime.env, **ownership()}, log) as worker:
                worker.hello()
                return [said for part in parts for said in self._mapped(worker, part, percent)]

        return answers

    def _through_openfeature(self) -> Question:
        from godwit.rollout.openfeature import chosen

        named = Path(str(self._evaluator.document))
        try:
            document = json.loads((self._world.plan.directory / named).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise HarnessError(f"{self._named}: {named} cannot be read as JSON: {error}") from None
        users = [
            {name: text for name, text in zip(self._bucketing.attributes, row, strict=True) if text is not None}
            for row in self._rows
        ]
        file = self._world.out.resolve() / "buckets" / f"{self._bucketing.id}-{self._evaluator.id}.flagd.json"
        file.parent.mkdir(exist_ok=True)

        def answers(percent: float, _: Mapping[str, Any]) -> list[str]:
            weight = round(percent * self._bucketing.whole / 100)
            weights = {"{percent}": weight, "{rest}": self._bucketing.whole - weight}
            file.write_text(json.dumps(_weighed(document, weights)), encoding="utf-8")
            return chosen(file, str(self._evaluator.key), users)

        return answers

    def _mapped(self, worker: Worker, part: Rows, percent: float) -> list[str]:
        call, each = self._evaluator.call, self._evaluator.each
        question = {"do": "map", "call": call, "each": each, "rows": [list(row) for row in part], "args": [percent]}
        try:
            reply = worker.ask(question, self._evaluator.timeout_s)
        except LostError as error:
            raise HarnessError(f"{self._named}: {call}: {error}") from None
        if "raised" in reply:
            raise HarnessError(f"{self._named}: {call} raised {reply['raised'][0]}: {reply['message']}")
        return [word(value) for value in reply["value"]]


def _weighed(value: Any, weights: Mapping[str, int]) -> Any:
    """A document with the weights where their names stand."""
    if isinstance(value, dict):
        return {key: _weighed(item, weights) for key, item in value.items()}
    if isinstance(value, list):
        return [_weighed(item, weights) for item in value]
    return weights.get(value, value) if isinstance(value, str) else value
