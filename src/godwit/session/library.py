"""Gives both sides the same Python calls, each in a process of its side's own interpreter, and has the replies compared."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from godwit.checks import compare_calls, judge_api, judge_deprecation, judge_name
from godwit.plan import Allowance, Call, CallRecording, CallScript, CallStep, DrawnCall, PythonName
from godwit.session.drawing import Drawn, drawn_calls
from godwit.session.world import World
from godwit.stacks import ownership
from godwit.surfaces import Worker, claims, read_calls
from godwit.verdict import CallReply, Described, HarnessError, Judgement, inconclusive

ROLES = ("baseline", "candidate")
_EXAMPLE_TIMEOUT_S = 30.0


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

    def api(self, module: str) -> Judgement:
        """Compare the sources of a module, then have both sides' interpreters confirm or refute each claimed break."""
        with self.worker("baseline") as baseline, self.worker("candidate") as candidate:
            one, other = baseline.describe(module), candidate.describe(module)
            if one.kind == "absent":
                return inconclusive(f"the baseline itself has no {module}: {one.reason}")
            if other.kind == "absent":
                return judge_name(module, one, {module: other}, allowed=False)
            found, public = claims(module, baseline.hello()["path"], candidate.hello()["path"])
            names = dict.fromkeys(claim.name for claim in found)
            seen = {name: (baseline.describe(name), candidate.describe(name)) for name in names}
        return judge_api(module, found, seen, public, self._allowances(module))

    def name(self, name: PythonName) -> Judgement:
        """Import a name on both sides, from its old path and from its new one, and compare what takes its calls."""
        paths = dict.fromkeys([name.baseline, name.candidate or name.baseline])
        if self._world.setting.candidate_as_baseline:
            paths = {name.baseline: None}
        baseline = self._described("baseline", name.baseline)
        there = {path: self._described("candidate", path) for path in paths}
        return judge_name(name.baseline, baseline, there, allowed=bool(self._allowances(name.id)))

    def deprecation(self, name: PythonName) -> Judgement:
        """Import a deprecated name on the candidate, call it with its example if it has one, and listen for a warning."""
        with self.worker("candidate") as worker:
            found = worker.describe(name.baseline)
            warned: tuple[tuple[str, str], ...] = ()
            if name.example is not None and found.kind != "absent":
                example = Call(call=name.baseline, args=name.example.args, kwargs=name.example.kwargs)
                warned = worker.call(example.title, question(example, None, ()), _EXAMPLE_TIMEOUT_S).warnings
        return judge_deprecation(name.baseline, found, warned, called=name.example is not None)

    def drawn(self, call: DrawnCall) -> Judgement:
        """Draw arguments, make the call on both sides with each, and tell the smallest on which they part."""
        seed = self._world.plan.migration.seed
        with self._pair(call) as give:
            return drawn_calls(call.draw, call.examples, seed, give)

    @contextmanager
    def _pair(self, call: DrawnCall) -> Iterator[Callable[[Drawn], tuple[Judgement, bool]]]:
        """Makes a call with drawn arguments on both sides; also tells whether it returned on the baseline."""
        with ExitStack() as opened:
            workers: dict[str, Worker] = {}

            def give(drawn: Drawn) -> tuple[Judgement, bool]:
                replies = {}
                for role in ROLES:
                    if role not in workers or not workers[role].is_alive():
                        workers[role] = opened.enter_context(self.worker(role))
                    workers[role].forget()
                    steps = [self.meant(step, role) for step in (*call.before, _with(call.step, drawn))]
                    replies[role] = made(workers[role], steps, call.timeout_s)
                returned = not replies["baseline"][-1].raised
                return self._judged(call.id, replies), returned

            yield give

    def _described(self, role: str, name: str) -> Described:
        with self.worker(role) as worker:
            return worker.describe(name)

    def _allowances(self, name: str) -> list[Allowance]:
        return [item for item in self._world.plan.surfaces.allowances if item.probe == name]

    def _judged(self, name: str, replies: Mapping[str, Sequence[CallReply]]) -> Judgement:
        normalisers = self._world.plan.surfaces.normalisers
        allowances = self._allowances(name)
        return compare_calls(name, replies["baseline"], replies["candidate"], normalisers, allowances)

    def _compared(self, name: str, steps: Sequence[CallStep], timeout_s: float) -> Judgement:
        replies = {}
        for role in ROLES:
            with self.worker(role) as worker:
                replies[role] = made(worker, [self.meant(step, role) for step in steps], timeout_s)
        return self._judged(name, replies)

    def meant(self, step: CallStep, role: str) -> tuple[Call, str | None]:
        """The call that a step means for a role, and the name under which its result is kept."""
        as_candidate = role == "candidate" and not self._world.setting.candidate_as_baseline
        return (step.candidate if as_candidate and step.candidate else step), step.keep


def _with(step: CallStep, drawn: Drawn) -> CallStep:
    """A step with drawn arguments after and beside its own, whatever it is on the candidate."""
    given = {"args": (*step.args, *drawn.args), "kwargs": {**step.kwargs, **drawn.kwargs}}
    other = step.candidate
    if other is not None:
        theirs = {"args": (*other.args, *drawn.args), "kwargs": {**other.kwargs, **drawn.kwargs}}
        other = other.model_copy(update=theirs)
    return step.model_copy(update={**given, "candidate": other})


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
