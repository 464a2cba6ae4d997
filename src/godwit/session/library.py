"""Gives both sides the same Python calls, each in a process of its side's own interpreter, and has the replies compared."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from godwit.checks import compare_calls
from godwit.plan import Call, CallRecording, CallScript, CallStep
from godwit.session.world import World
from godwit.stacks import ownership
from godwit.surfaces import Worker, read_calls
from godwit.verdict import CallReply, HarnessError, Judgement, inconclusive

ROLES = ("baseline", "candidate")


class Library:
    """Baseline and candidate as Python."""

    def __init__(self, world: World) -> None:
        self._world = world

    @contextmanager
    def worker(self, role: str) -> Iterator[Worker]:
        """A process in which the role's code can be called; HarnessError where its stack has none on this machine."""
        runtime = self._world.stack(role).runtime()
        if runtime is None:
            raise HarnessError(
                f"stacks.{role} offers no Python on this machine under the {self._world.setting.profile} profile; "
                "Python calls need a process or a library"
            )
        log = self._world.out / "logs" / f"{role}-python.log"
        with Worker(runtime.python, runtime.folder, {**runtime.env, **ownership()}, log) as worker:
            worker.hello()
            yield worker

    def calls(self, script: CallScript) -> Judgement:
        """Make the calls of a script on both sides, baseline first, and compare call by call."""
        return self._compared(script.id, script.steps, script.timeout_s)

    def recorded(self, recording: CallRecording) -> Judgement:
        """Repeat recorded calls on both sides, baseline first, and compare call by call."""
        steps = read_calls(self._world.plan.directory / recording.file)
        if not steps:
            return inconclusive(f"{recording.file} holds no call")
        return self._compared(recording.id, steps, recording.timeout_s)

    def _compared(self, name: str, steps: Sequence[CallStep], timeout_s: float) -> Judgement:
        replies = {}
        for role in ROLES:
            with self.worker(role) as worker:
                replies[role] = made(worker, [self.meant(step, role) for step in steps], timeout_s)
        surfaces = self._world.plan.surfaces
        allowances = [item for item in surfaces.allowances if item.probe == name]
        return compare_calls(name, replies["baseline"], replies["candidate"], surfaces.normalisers, allowances)

    def meant(self, step: CallStep, role: str) -> tuple[Call, str | None]:
        """The call that a step means for a role, and the name under which its result is kept."""
        as_candidate = role == "candidate" and not self._world.setting.candidate_as_baseline
        return (step.candidate if as_candidate and step.candidate else step), step.keep


def made(worker: Worker, calls: Sequence[tuple[Call, str | None]], timeout_s: float) -> list[CallReply]:
    """The replies to these calls in their order, up to the first one that got none."""
    replies: list[CallReply] = []
    kept: set[str] = set()
    for call, keep in calls:
        replies.append(worker.call(call.title, question(call, keep, kept), timeout_s))
        if replies[-1].error:
            break
        if keep:
            kept.add(keep)
    return replies


def question(call: Call, keep: str | None, kept: Collection[str]) -> dict[str, Any]:
    """A call in the worker's words, kept objects put in their places."""
    asked = call.model_dump(include={"call", "on", "method", "get"}, exclude_none=True)
    arguments = {"args": _filled(list(call.args), kept), "kwargs": _filled(call.kwargs, kept)}
    return {**asked, **arguments, **({"keep": keep} if keep else {})}


def _filled(value: Any, kept: Collection[str]) -> Any:
    """A value with every string that is nothing but `{name}` of something kept standing for that."""
    if isinstance(value, str):
        return {"!kept": value[1:-1]} if value[:1] == "{" and value[-1:] == "}" and value[1:-1] in kept else value
    if isinstance(value, dict):
        return {key: _filled(item, kept) for key, item in value.items()}
    return [_filled(item, kept) for item in value] if isinstance(value, list | tuple) else value
