"""Defects of the gateway that show under some flags only, or once flags are turned back; production code knows none."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
TASKS = "/api/tasks"


def _replies(holds: Callable[[Any], bool], change: Callable[[Any, Any], Any]) -> None:
    """Lets `change` have what was asked and answered while the flags in force are such."""
    from orchestration_v2.gateway.proxy import Proxy
    from orchestration_v2.gateway.selector import selection

    serve = Proxy.serve

    async def changed(self: Proxy, asked: Any) -> Any:
        engine, answered = await serve(self, asked)
        return engine, change(asked, answered) if holds(selection().flags()) else answered

    Proxy.serve = changed  # type: ignore[method-assign]


def _with_body(answered: Any, document: Any) -> Any:
    return replace(answered, body=json.dumps(document).encode())


def _made(asked: Any, answered: Any) -> str | None:
    """The id of a task that was made, None for everything else."""
    if asked.method != "POST" or asked.path != TASKS or answered.status != 201:
        return None
    return str(json.loads(answered.body)["id"])


@DEFECTS.defect(
    "pair-breaks-agents",
    part="gateway",
    sentence="One agent cannot be asked for once teams are named and nothing falls back.",
)
def _pair_breaks_agents() -> None:
    def change(asked: Any, answered: Any) -> Any:
        return replace(answered, status=500) if asked.path == "/api/agents/sre" else answered

    _replies(lambda flags: "qa" in flags.v2_enabled_teams and not flags.fallback_to_v1, change)


@DEFECTS.defect(
    "triple-forgets-tasks", part="gateway", sentence="An unknown task is gone (410) under three flags together."
)
def _triple_forgets_tasks() -> None:
    def change(asked: Any, answered: Any) -> Any:
        return replace(answered, status=410) if asked.path == f"{TASKS}/no-such-task" else answered

    _replies(
        lambda flags: flags.use_v2_orchestration and flags.v2_user_percentage == 50 and not flags.fallback_to_v1, change
    )


@DEFECTS.defect("everybody-loses-critical", part="gateway", sentence="Workflows lose a field once everybody is on v2.")
def _everybody_loses_critical() -> None:
    def change(asked: Any, answered: Any) -> Any:
        if asked.path != "/api/workflows" or answered.status != 200:
            return answered
        document = json.loads(answered.body)
        for workflow in document["workflows"]:
            del workflow["critical"]
        return _with_body(answered, document)

    _replies(lambda flags: flags.use_v2_orchestration and flags.v2_user_percentage == 100, change)


@DEFECTS.defect("default-adds-charset", part="gateway", sentence="Under default flags a content type gets a charset.")
def _default_adds_charset() -> None:
    from orchestration_v2.gateway.flags import Flags

    def change(_: Any, answered: Any) -> Any:
        headers = (
            (name, f"{value}; charset=utf-8" if name == "content-type" else value) for name, value in answered.headers
        )
        return replace(answered, headers=tuple(headers))

    _replies(lambda flags: flags == Flags(), change)


@DEFECTS.defect(
    "fallback-lies", part="gateway", sentence="The gateway shows the fallback as on when it has been switched off."
)
def _fallback_lies() -> None:
    from orchestration_v2.gateway.flags import Flags

    document = Flags.document

    def changed(self: Flags) -> dict[str, Any]:
        return document(self) | {"fallback_to_v1": True}

    Flags.document = changed  # type: ignore[method-assign]


@DEFECTS.defect(
    "team-case-deletes", part="gateway", sentence="With v2 on for a team, making a task deletes the one made before it."
)
def _team_case_deletes() -> None:
    from orchestration_v2.gateway.proxy import Proxy
    from orchestration_v2.gateway.selector import selection

    serve = Proxy.serve
    last: list[str] = []

    async def changed(self: Proxy, asked: Any) -> Any:
        engine, answered = await serve(self, asked)
        made = _made(asked, answered)
        flags = selection().flags()
        if made and last and flags.use_v2_orchestration and flags.v2_enabled_teams:
            await serve(self, replace(asked, method="DELETE", target=f"{TASKS}/{last[0]}", body=b""))
        last[:] = [made] if made else last
        return engine, answered

    Proxy.serve = changed  # type: ignore[method-assign]


@DEFECTS.defect(
    "everybody-is-not-copied", part="gateway", sentence="What is written once everybody is on v2 is not written to v1."
)
def _everybody_is_not_copied() -> None:
    from orchestration_v2.gateway.dual_write import DualWrite
    from orchestration_v2.gateway.selector import selection

    copy = DualWrite.copy

    async def changed(self: DualWrite, asked: Any, answered: Any, *, source: str, target: str) -> None:
        chosen = selection()
        if not (source == chosen.candidate.url and chosen.flags().v2_user_percentage == 100):
            await copy(self, asked, answered, source=source, target=target)

    DualWrite.copy = changed  # type: ignore[method-assign]


@DEFECTS.defect(
    "notes-of-no-fallback",
    part="gateway",
    sentence="Notes written without a fallback are empty once there is one again.",
)
def _notes_of_no_fallback() -> None:
    written: set[str] = set()

    def remember(asked: Any, answered: Any) -> Any:
        made = _made(asked, answered)
        written.update([made] if made else [])
        return answered

    def forget(asked: Any, answered: Any) -> Any:
        if asked.method != "GET" or asked.path.rpartition("/")[2] not in written or answered.status != 200:
            return answered
        return _with_body(answered, json.loads(answered.body) | {"notes": None})

    _replies(lambda flags: not flags.fallback_to_v1, remember)
    _replies(lambda flags: flags.fallback_to_v1, forget)


@DEFECTS.defect(
    "everybody-ends-the-gateway",
    part="gateway",
    sentence="With everybody moved and no fallback, asking for an agent ends it.",
)
def _everybody_ends_the_gateway() -> None:
    import os

    def change(asked: Any, answered: Any) -> Any:
        if asked.path == "/api/agents/sre":
            os._exit(3)
        return answered

    _replies(lambda flags: flags.v2_user_percentage == 100 and not flags.fallback_to_v1, change)
