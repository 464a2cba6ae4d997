"""Puts the same stimulus to both sides and has the answers compared; also features and health."""

import time
from typing import Any

from godwit.checks import compare_answers, holds
from godwit.plan import Feature, Probe, Race, Recording, Walk
from godwit.session.calibration import Calibrated
from godwit.session.generated import generated
from godwit.session.kept_answers import keep_answers
from godwit.session.racing import raced
from godwit.session.replaying import replayed
from godwit.session.sequences import explored
from godwit.session.walking import walked
from godwit.session.world import World
from godwit.surfaces import exchange
from godwit.verdict import Answer, Finding, Judgement, Outcome, all_of, failed, judged, passed

_POLL_S = 0.05


class Parity:
    """Baseline and candidate, asked alike."""

    def __init__(self, world: World) -> None:
        self._world = world

    def compare(self, probe: Probe) -> Judgement:
        """Exchange a probe with both sides, baseline first, as often as telling noise from a difference takes; compare.

        What they answered first is kept for people to read unless the promise holds.
        """
        if probe.writes:
            self._world.may_write("baseline", "candidate")
        asked = Calibrated(self._world, probe)
        judgement = asked.judgement()
        if judgement.outcome is not Outcome.PASSED:
            keep_answers(self._world, probe.id, *asked.first)
        return judgement

    def replay(self, recording: Recording) -> Judgement:
        """Replay a recording on both sides, baseline first, and compare answer by answer."""
        return replayed(self._world, recording)

    def walked(self, walk: Walk) -> Judgement:
        """Read a list page by page on both sides, twice and around an insert, and judge the walks."""
        return walked(self._world, walk)

    def raced(self, race: Race) -> Judgement:
        """Send requests at once to each side and compare how they ended and what they left."""
        return raced(self._world, race)

    def sequences(self) -> Judgement:
        """Try generated sequences of the plan's operations on both sides."""
        return explored(self._world)

    def generated(self) -> Judgement:
        """Try requests made of the baseline's OpenAPI document on both sides."""
        return generated(self._world)

    def feature(self, feature: Feature) -> Judgement:
        """Ask for something that only one stack has: the last answer must have the status and hold what is expected."""
        url = self._world.stack(feature.on).url
        if any(request.writes for request in feature.requests):
            self._world.may_write(feature.on)
        captured: dict[str, Any] = {}
        exchange(feature.requests[:-1], url, captured=captured)
        ends = time.monotonic() + (feature.within_s or 0.0)
        while True:
            judgement = _held(feature, exchange(feature.requests[-1:], url, captured=captured)[-1])
            if judgement.outcome is Outcome.PASSED or time.monotonic() >= ends:
                return judgement
            time.sleep(_POLL_S)

    def after_restart(self) -> Judgement:
        """Exchange every probe that only reads with the candidate before and after a restart, and compare."""
        candidate = self._world.stack("candidate")
        probes = [probe for probe in self._world.plan.surfaces.http.probes if not probe.writes]
        before = [exchange(probe.requests, candidate.url) for probe in probes]
        candidate.stop()
        candidate.start()
        after = [exchange(probe.requests, candidate.url) for probe in probes]
        headers = self._world.plan.surfaces.http.headers
        triples = zip(probes, before, after, strict=True)
        return all_of(compare_answers(probe.id, one, other, (), (), headers) for probe, one, other in triples)

    def health(self, role: str) -> Judgement:
        """Ask a stack for its health and version."""
        stack = self._world.stack(role)
        health = stack.health()
        if health.healthy:
            return passed(f"{role} answered {health.status} and says version {health.version}")
        return failed(f"{role} is not healthy", [Finding("health", role, candidate=health.detail)])


def _held(feature: Feature, answer: Answer) -> Judgement:
    if answer.status != feature.status:
        shown = answer.error or answer.body[:200].decode(errors="replace")
        return failed(f"{answer.request} answered {answer.status}, not {feature.status}: {shown}")
    if feature.expect is None:
        return passed(f"{answer.request} answered {answer.status}")
    try:
        findings = holds(feature.expect, answer.json())
    except ValueError as error:
        return failed(f"{answer.request} answered no JSON: {error}")
    return judged(findings, 1, "answers")
