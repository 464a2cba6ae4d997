"""Listens to the same stream on both sides while the same stimulus runs on each, and has what was heard compared."""

from godwit.checks import compare_streams
from godwit.plan import EventStream
from godwit.session.world import World
from godwit.surfaces import exchange, listen
from godwit.verdict import Heard, Judgement


class Streams:
    """Streams of events of both sides."""

    def __init__(self, world: World) -> None:
        self._world = world

    def alike(self, stream: EventStream) -> Judgement:
        """Listen to the baseline, then to the candidate, and compare what came."""
        if any(request.writes for request in stream.stimulus):
            self._world.may_write("baseline", "candidate")
        baseline, candidate = (self._heard(stream, role) for role in ("baseline", "candidate"))
        return compare_streams(stream, baseline, candidate, self._world.plan.surfaces.normalisers)

    def _heard(self, stream: EventStream, role: str) -> Heard:
        url = self._world.stack(role).url

        def stimulus() -> None:
            exchange(stream.stimulus, url)

        return listen(
            url.rstrip("/") + stream.path,
            stimulus,
            headers=stream.headers,
            quiet_s=stream.quiet_s if stream.stimulus else stream.within_s,
            within_s=stream.within_s,
        )
