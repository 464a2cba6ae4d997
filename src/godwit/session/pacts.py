"""Has consumers' Pact files verified against both sides, baseline first; what that means is judged by `checks`."""

from godwit.checks import judge_pact, pact_fault, pact_writes
from godwit.plan import Pact, read_document
from godwit.session.world import World
from godwit.surfaces import verify_pact
from godwit.verdict import Judgement, inconclusive


class Pacts:
    """What consumers wrote down that they expect."""

    def __init__(self, world: World) -> None:
        self._world = world

    def hold(self, pact: Pact) -> Judgement:
        """Whether the candidate meets every expectation of a Pact file that the baseline meets."""
        path = self._world.plan.directory / pact.file
        try:
            content = read_document(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            return inconclusive(f"{path} cannot be read: {error}")
        if fault := pact_fault(content, tuple(pact.states)):
            return inconclusive(f"{path}: {fault}")
        if pact_writes(content) or any(request.writes for requests in pact.states.values() for request in requests):
            self._world.may_write("baseline", "candidate")
        baseline, candidate = (
            verify_pact(path.resolve(), self._world.stack(role).url, pact.states, pact.timeout_s)
            for role in ("baseline", "candidate")
        )
        return judge_pact(baseline, candidate, len(content["interactions"]))
