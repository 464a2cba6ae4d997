"""The gateway's own endpoints: flags, assignments, traffic, status, metrics, feedback."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchestration_v2.gateway.flags import FEEDBACK, FlagError, FlagFile, Flags
from orchestration_v2.gateway.journal import FeedbackBox
from orchestration_v2.gateway.metrics import GatewayMetrics
from orchestration_v2.gateway.selector import UserContext, asked_for_feedback, get_orchestration_runtime, selection
from plumbing.door import TrafficSwitch, json_of, refusal, users_of
from plumbing.journal import Journal
from plumbing.metrics import CONTENT_TYPE
from plumbing.traffic import Traffic

VERSION = "2.0.0"


class Admin:
    """One method per endpoint."""

    def __init__(
        self, flags: FlagFile, traffic: Traffic, metrics: GatewayMetrics, feedback: FeedbackBox, audit: Journal
    ) -> None:
        self._flags = flags
        self._switch = TrafficSwitch(traffic, audit)
        self._metrics = metrics
        self._feedback = feedback

    def routes(self) -> list[Route]:
        """All routes."""
        return [
            Route("/admin/flags", self.get_flags, methods=["GET"]),
            Route("/admin/flags", self.put_flags, methods=["PUT"]),
            Route("/admin/assignments", self.assignments, methods=["POST"]),
            Route("/admin/traffic", self._switch.put, methods=["PUT"]),
            Route("/admin/health", self.health),
            Route("/admin/status", self.status),
            Route("/metrics", self.metrics),
            Route("/feedback-v2", self.post_feedback, methods=["POST"]),
            Route("/feedback-v2", self.get_feedback, methods=["GET"]),
        ]

    async def get_flags(self, _request: Request) -> Response:
        """The four flags."""
        return JSONResponse(self._flags.kept.document())

    async def put_flags(self, request: Request) -> Response:
        """Changes some flags, or none if one of them is wrong."""
        try:
            after = self._flags.change(await json_of(request))
        except FlagError as error:
            return refusal("invalid_flags", str(error), error.names)
        self._metrics.flag_changes.inc()
        return JSONResponse(after.document())

    async def assignments(self, request: Request) -> Response:
        """The side of each of the users, given as pairs of id and team; both may be null.

        With `feedback_percentage` it is who would be asked for feedback at that percentage: true or false.
        """
        body = await json_of(request)
        users = users_of(body)
        if users is None:
            return refusal("invalid_users", "users is a list of [id, team]", ["users"])
        if FEEDBACK in body:
            return self._asked_for_feedback(users, body[FEEDBACK])
        sides = [get_orchestration_runtime(UserContext(user, team)).side for user, team in users]
        return JSONResponse({"assignments": sides})

    def _asked_for_feedback(self, users: list[list[str | None]], percentage: object) -> Response:
        try:
            share = Flags().changed({FEEDBACK: percentage}).feedback_percentage
        except FlagError as error:
            return refusal("invalid_flags", str(error), error.names)
        return JSONResponse({"assignments": [asked_for_feedback(UserContext(*user), share) for user in users]})

    async def health(self, _request: Request) -> Response:
        """Whether the gateway works; says nothing about the sides."""
        return JSONResponse({"status": "healthy", "version": VERSION, "flags": self._flags.kept.document()})

    async def status(self, _request: Request) -> Response:
        """Flags, traffic and sides at one glance."""
        chosen = selection()
        return JSONResponse(
            {
                "version": VERSION,
                "flags": self._flags.kept.document(),
                "dual_write": self._flags.kept.dual_write,
                "traffic": self._switch.document(),
                "baseline": chosen.baseline.url,
                "candidate": chosen.candidate.url,
            }
        )

    async def metrics(self, _request: Request) -> Response:
        """Metrics as Prometheus text."""
        return Response(self._metrics.exposition(), media_type=CONTENT_TYPE)

    async def post_feedback(self, request: Request) -> Response:
        """Keeps what a user says."""
        body = await json_of(request)
        wrong = _wrong_feedback(body)
        if wrong:
            return refusal("invalid_feedback", f"{wrong[0]}: user and text are texts, score is 1 to 5", wrong)
        kept = {name: body[name] for name in ("user", "text", "score")}
        self._feedback.keep(kept)
        return JSONResponse(kept, status_code=201)

    async def get_feedback(self, _request: Request) -> Response:
        """What users have said."""
        return JSONResponse(self._feedback.summary())


def _wrong_feedback(body: Any) -> list[str]:
    given = body if isinstance(body, dict) else {}
    wrong = [name for name in ("user", "text") if not isinstance(given.get(name), str) or not given[name]]
    score = given.get("score")
    fits = isinstance(score, int | float) and not isinstance(score, bool) and 1 <= score <= 5
    return wrong if fits else [*wrong, "score"]
