"""Serves user requests: from the side that the flags choose, from the baseline if that fails and the flags allow it."""

import json
import time

from starlette.types import Receive, Scope, Send

from orchestration_v2.gateway.dual_write import DualWrite
from orchestration_v2.gateway.flags import FlagFile
from orchestration_v2.gateway.metrics import GatewayMetrics
from orchestration_v2.gateway.selector import (
    Engine,
    UserContext,
    asked_for_feedback,
    feature_flag,
    get_orchestration_runtime,
    selection,
)
from plumbing.asgi import internal_error
from plumbing.forwarding import asked_from, send_answer
from plumbing.traffic import Traffic
from plumbing.upstream import Answered, Asked, Upstream, UpstreamError

FALLBACK_HEADER = ("x-fallback", "1")
FEEDBACK_HEADER = ("x-feedback", "/feedback-v2")


class Proxy:
    """The ASGI application for everything that is not the gateway's own."""

    def __init__(self, upstream: Upstream, flags: FlagFile, traffic: Traffic, metrics: GatewayMetrics) -> None:
        self._upstream = upstream
        self._flags = flags
        self.traffic = traffic
        self._metrics = metrics
        self._dual_write = DualWrite(upstream, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        begun = time.perf_counter()
        asked = await asked_from(scope, receive)
        async with self.traffic.request():
            engine, answered = await self.serve(asked)
            if self._flags.in_force.dual_write:
                await self._copy(asked, answered, engine)
        self._metrics.requests.labels(engine.label, str(answered.status)).inc()
        self._metrics.seconds.observe(time.perf_counter() - begun)
        await send_answer(send, answered)

    async def serve(self, asked: Asked) -> tuple[Engine, Answered]:
        """Which engine served the request, and its answer; 502 when nobody did."""
        user = UserContext(asked.header("x-user-id"), asked.header("x-user-team"))
        engine = get_orchestration_runtime(user)
        answered = await self._ask(engine, asked)
        if not self.should_fall_back(engine, answered, user):
            return engine, self._asking(engine, answered, user)
        self._metrics.fallbacks.inc()
        instead = selection().baseline
        rescued = await self._ask(instead, asked)
        return instead, Answered(rescued.status, (*rescued.headers, FALLBACK_HEADER), rescued.body)

    def should_fall_back(self, engine: Engine, answered: Answered, user: UserContext) -> bool:
        """Whether the baseline is to serve what the candidate could not."""
        failed = engine.side == "candidate" and answered.status >= 500
        return failed and feature_flag("fallback_to_v1", user)

    def _asking(self, engine: Engine, answered: Answered, user: UserContext) -> Answered:
        """The candidate's answer with the place for feedback, for the share of users who are asked for it."""
        percentage = self._flags.in_force.feedback_percentage
        if engine.side != "candidate" or not percentage or not asked_for_feedback(user, percentage):
            return answered
        return Answered(answered.status, (*answered.headers, FEEDBACK_HEADER), answered.body)

    async def _ask(self, engine: Engine, asked: Asked) -> Answered:
        try:
            return await self._upstream.ask(engine.url, asked)
        except UpstreamError as error:
            return _unreachable(engine, error)

    async def _copy(self, asked: Asked, answered: Answered, source: Engine) -> None:
        chosen = selection()
        target = chosen.baseline if source.side == "candidate" else chosen.candidate
        await self._dual_write.copy(asked, answered, source=source.url, target=target.url)


def _unreachable(engine: Engine, error: UpstreamError) -> Answered:
    headers = (("content-type", "application/json"), ("x-served-by", engine.label))
    return Answered(502, headers, json.dumps(internal_error(str(error))).encode())
