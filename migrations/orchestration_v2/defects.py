"""Defects that can be seeded into the services, each as a patch that is applied at start; production code knows none."""

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
SLOW_SHARE, SLOW_S = 0.125, 0.3
LEAK_BYTES = 300 * 1024
EVERY = 10
LATE_S = 20.0


def _change_task_view(change: Callable[[dict[str, Any]], object]) -> None:
    from orchestration_v2.candidate import views

    whole = views.task_view

    def changed(item: Any) -> dict[str, Any]:
        view = whole(item)
        change(view)
        return view

    views.task_view = changed


def _before_each_request(act: Callable[[], Any]) -> None:
    from plumbing.asgi import MEASURED
    from plumbing.faults import FaultInjection

    serve = FaultInjection.__call__

    async def changed(self: FaultInjection, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(MEASURED):
            await act()
        await serve(self, scope, receive, send)

    FaultInjection.__call__ = changed  # type: ignore[method-assign]


@DEFECTS.defect("drops-field", part="candidate", sentence="A task is shown without its estimate.")
def _drops_field() -> None:
    _change_task_view(lambda view: view.pop("estimate"))


@DEFECTS.defect("null-for-empty-list", part="candidate", sentence="A task without tags has null instead of [].")
def _null_for_empty_list() -> None:
    _change_task_view(lambda view: view.update(tags=None))


@DEFECTS.defect("priority-as-text", part="candidate", sentence='A task\'s priority is a text, like "3".')
def _priority_as_text() -> None:
    _change_task_view(lambda view: view.update(priority=str(view["priority"])))


@DEFECTS.defect("slow-tail", part="candidate", sentence="One request to /api in eight takes 300 ms longer.")
def _slow_tail() -> None:
    from plumbing.faults import EvenShare

    share = EvenShare()

    async def wait() -> None:
        if share.picks(SLOW_SHARE):
            await asyncio.sleep(SLOW_S)

    _before_each_request(wait)


@DEFECTS.defect("leak", part="candidate", sentence="Every request to /api leaves 300 KB behind.")
def _leak() -> None:
    left: list[bytes] = []

    async def keep() -> None:
        left.append(b"x" * LEAK_BYTES)

    _before_each_request(keep)


@DEFECTS.defect("silent-errors", part="candidate", sentence="Answers with 5xx are not counted.")
def _silent_errors() -> None:
    from plumbing.metrics import RequestMetrics, ServiceMetrics

    observe = ServiceMetrics.observe_request

    def changed(self: RequestMetrics, code: int, seconds: float) -> None:
        if code < 500:
            observe(self, code, seconds)

    ServiceMetrics.observe_request = changed  # type: ignore[method-assign]


@DEFECTS.defect("silent-corruption", part="candidate", sentence="Spoiled rows are not counted.")
def _silent_corruption() -> None:
    from plumbing.metrics import SpoiledRows

    SpoiledRows.found = lambda self, ids: None  # type: ignore[method-assign]


@DEFECTS.defect("events-lost", part="candidate", sentence="The bus drops every tenth event.")
def _events_lost() -> None:
    from orchestration_v2.candidate.service import V2OrchestrationEngine

    process = V2OrchestrationEngine.process
    number = itertools.count(1)

    def changed(self: V2OrchestrationEngine, events: Sequence[Any]) -> None:
        process(self, [event for event in events if next(number) % EVERY])

    V2OrchestrationEngine.process = changed  # type: ignore[method-assign]


@DEFECTS.defect("ignores-capacity", part="candidate", sentence="Tasks are given to roles that are full.")
def _ignores_capacity() -> None:
    from orchestration_v2.candidate.teams import Roster

    Roster.has_room = lambda self, role: role in self.desks  # type: ignore[method-assign]


@DEFECTS.defect("cursor-skips", part="candidate", sentence="Each page after the first lacks its first task.")
def _cursor_skips() -> None:
    from orchestration_v2.candidate.state import State

    tasks_after = State.tasks_after

    def changed(self: State, cursor: str | None, wanted: Any, limit: int) -> Any:
        if cursor is None:
            return tasks_after(self, cursor, wanted, limit)
        return tasks_after(self, cursor, wanted, limit + 1)[1:]

    State.tasks_after = changed  # type: ignore[method-assign]


@DEFECTS.defect("forgets-replicas", part="candidate", sentence="Records of the other side are accepted and not kept.")
def _forgets_replicas() -> None:
    from orchestration_v2.candidate import adoption

    adoption.adopt = lambda state, body: None


@DEFECTS.defect("blind-critical", part="candidate", sentence="Failures of critical workflows are not counted.")
def _blind_critical() -> None:
    from plumbing.metrics import ServiceMetrics

    ServiceMetrics.count_workflow_failure = lambda self, *, critical: None  # type: ignore[method-assign]


@DEFECTS.defect("random-bucket", part="gateway", sentence="A user's bucket is drawn anew for every request.")
def _random_bucket() -> None:
    from orchestration_v2.gateway import selector

    chance = random.SystemRandom()
    selector.bucket = lambda user_id, salt="": chance.randrange(selector.BUCKETS)


@DEFECTS.defect("shrinking-ramp", part="gateway", sentence="A higher percentage sends some users back.")
def _shrinking_ramp() -> None:
    from orchestration_v2.gateway import selector

    def changed(user_id: str | None, percentage: int, salt: str = "") -> bool:
        if user_id is None:
            return percentage == 100
        return selector.bucket(f"{user_id}@{percentage}", salt) * 100 < percentage * selector.BUCKETS

    selector.is_in_share = changed


@DEFECTS.defect("no-fallback", part="gateway", sentence="The baseline never steps in for the candidate.")
def _no_fallback() -> None:
    from orchestration_v2.gateway.proxy import Proxy

    Proxy.should_fall_back = lambda self, engine, answered, user: False  # type: ignore[method-assign]


@DEFECTS.defect("cutover-gap", part="gateway", sentence="Requests are answered with 503 while traffic is held.")
def _cutover_gap() -> None:
    from orchestration_v2.gateway.proxy import Proxy
    from plumbing.asgi import internal_error, send_json

    serve = Proxy.__call__

    async def changed(self: Proxy, scope: Any, receive: Any, send: Any) -> None:
        if self.traffic.state == "hold":
            await send_json(send, 503, internal_error("traffic is held"))
            return
        await serve(self, scope, receive, send)

    Proxy.__call__ = changed  # type: ignore[method-assign]


@DEFECTS.defect("ignores-teams", part="gateway", sentence="The list of teams moves nobody.")
def _ignores_teams() -> None:
    from orchestration_v2.gateway import selector

    selector.is_enabled_team = lambda team, enabled: False


@DEFECTS.defect("late-flags", part="gateway", sentence="A change of flags acts 20 seconds later.")
def _late_flags() -> None:
    from orchestration_v2.gateway.flags import FlagFile

    put_in_force = FlagFile.put_in_force

    def changed(self: FlagFile, flags: Any) -> None:
        asyncio.get_running_loop().call_later(LATE_S, put_in_force, self, flags)

    FlagFile.put_in_force = changed  # type: ignore[method-assign]


@DEFECTS.defect("forgets-flags", part="gateway", sentence="A restart begins with the default flags.")
def _forgets_flags() -> None:
    from orchestration_v2.gateway.flags import FlagFile, Flags

    FlagFile.read = lambda self: Flags()  # type: ignore[method-assign]


@DEFECTS.defect("drops-feedback", part="gateway", sentence="Feedback is accepted and not kept.")
def _drops_feedback() -> None:
    from orchestration_v2.gateway.journal import FeedbackBox

    FeedbackBox.keep = lambda self, feedback: None  # type: ignore[method-assign]
