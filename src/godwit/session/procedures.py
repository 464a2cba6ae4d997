"""Runs the tools that the plan names, and looks at how the steps of a phase went."""

from godwit.plan import Step, Tool
from godwit.session.walk import Walk
from godwit.session.world import World
from godwit.verdict import Finding, Judgement, failed, inconclusive, judged, passed


class Procedures:
    """Commands and steps, held to what the plan says of them."""

    def __init__(self, world: World, walk: Walk) -> None:
        self._world = world
        self._walk = walk

    def tool(self, tool: Tool) -> Judgement:
        """Run a tool: its exit code must be the stated one and its output hold the stated words."""
        result = self._world.command(tool.run, tool.timeout_s)
        if result.timed_out:
            return failed(f"{tool.id} did not end within {tool.timeout_s:g} s")
        if result.exit != tool.exit:
            said = (result.stderr or result.stdout).strip()
            if result.exit == tool.not_tried:
                return inconclusive(f"{tool.id} could not be tried: {said[-300:]}")
            ended = Finding("exit code", tool.id, f"{tool.exit}", f"{result.exit}", said[-1000:])
            return failed(f"{tool.id} ended with exit code {result.exit}, not {tool.exit}: {said[-300:]}", [ended])
        asked = [("stdout", word, result.stdout) for word in tool.stdout_has]
        asked += [("stderr", word, result.stderr) for word in tool.stderr_has]
        missing = [Finding(f"{word!r} is not in {where}", tool.id) for where, word, text in asked if word not in text]
        return judged(missing, 1 + len(asked), "things about the tool")

    def step(self, step: Step) -> Judgement:
        """Look how a step of the present phase went: it must be done, and within its time."""
        phase = self._walk.phase
        record = self._walk.steps.get(f"{phase.id}/{step.id}") if phase else None
        if record is None:
            return inconclusive(f"step {step.id} was not carried out in this run")
        if record.outcome != "done":
            return failed(f"step {step.id} was {record.outcome} after {record.seconds:.2f} s: {record.detail}")
        return passed(f"done in {record.seconds:.2f} s of {step.timeout_s:g} s")
