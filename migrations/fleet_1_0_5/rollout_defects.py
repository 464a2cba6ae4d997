"""Defects of tools, ways back and rollout that can be seeded, each as a patch at start; production code knows none."""

import asyncio
import importlib
import os
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
HELD_S, LATE_SHARE = 0.3, 0.1


def _module(name: str) -> Any:
    """A module of the programs, to be patched."""
    return importlib.import_module(name)


# ---------------------------------------------------------------- users' programs, configurations, ways back


@DEFECTS.defect("no-wrapper", part="candidate", sentence="Agents that implement performTask do not run.")
def _no_wrapper() -> None:
    agents = _module("fleet_1_0_5.candidate.agents")

    async def impl(self: Any, task: Any, selection: Any = None) -> Any:
        raise NotImplementedError("performTaskImpl")

    agents._speaks_as_in_1_0_4 = lambda kind: False  # noqa: SLF001
    agents.BaseAgent.performTaskImpl = impl


@DEFECTS.defect("key-dropped", part="tools", sentence="The converter drops the API key.")
def _key_dropped() -> None:
    _after_conversion(lambda old, new: new.pop("providers", None))


@DEFECTS.defect("routing-dropped", part="tools", sentence="A second conversion drops the routing section.")
def _routing_dropped() -> None:
    _after_conversion(lambda old, new: new.pop("routing", None) if "ai" not in old else None)


@DEFECTS.defect("features-survive", part="tools", sentence="The converter leaves features on that were on.")
def _features_survive() -> None:
    _after_conversion(lambda old, new: new["features"].update(old.get("features", {})))


@DEFECTS.defect("budgets-lost", part="tools", sentence="The converter writes the test environment's budgets.")
def _budgets_lost() -> None:
    def change(_: Any, new: Any) -> None:
        if "routing" in new:
            new["routing"]["costTracking"]["budgetLimits"] = {"daily": 10.0, "monthly": 200.0}

    _after_conversion(change)


def _after_conversion(change: Any) -> None:
    cli_configuration = _module("fleet_1_0_5.tools.cli_configuration")

    whole = cli_configuration.convert

    def convert(document: Any) -> Any:
        found = whole(document)
        change(document, found.document)
        return found

    cli_configuration.convert = convert


@DEFECTS.defect("half-a-way-back", part="tools", sentence="The immediate rollback leaves streaming on.")
def _half_a_way_back() -> None:
    rollback = _module("fleet_1_0_5.tools.rollback")

    rollback.FEATURES = ("multiModelRouter",)


@DEFECTS.defect("thin-manifest", part="tools", sentence="The manifest of a backup leaves out the database.")
def _thin_manifest() -> None:
    backup = _module("fleet_1_0_5.tools.backup")

    whole = backup.manifest_entries
    backup.manifest_entries = lambda folder, rows: [
        entry for entry in whole(folder, rows) if entry["name"] != backup.DATABASE
    ]


@DEFECTS.defect(
    "half-restore", part="tools", sentence="The restore brings every second task back and says that all is well."
)
def _half_restore() -> None:
    import sqlite3
    from contextlib import closing

    backup = _module("fleet_1_0_5.tools.backup")

    whole = backup.restore

    def restore(folder: Any, store: str, config: Any) -> Any:
        names = whole(folder, store, config)
        with closing(sqlite3.connect(backup.file_of(store))) as connection:
            connection.execute("delete from tasks where rowid % 2")
            connection.commit()
        return names

    backup.restore = restore


@DEFECTS.defect(
    "promotes-anything", part="tools", sentence="The comparison promotes a canary that it could not measure."
)
def _promotes_anything() -> None:
    comparing = _module("fleet_1_0_5.tools.comparing")

    whole = comparing.decide
    comparing.decide = lambda rows: "promote" if whole(rows) == "hold" else whole(rows)


# ---------------------------------------------------------------- rollout


@DEFECTS.defect("forgets-users", part="router", sentence="After a restart users are spread anew.")
def _forgets_users() -> None:
    selector = _module("fleet_1_0_5.router.selector")

    selector.SALT = os.urandom(8)


@DEFECTS.defect("ten-is-none", part="router", sentence="Ten percent are nobody: the share is cut to whole ones.")
def _ten_is_none() -> None:
    selector = _module("fleet_1_0_5.router.selector")

    selector.is_in_share = lambda user, percent: (
        bool(user) and selector.bucket(str(user)) < int(percent / 100) * selector.BUCKETS
    )


@DEFECTS.defect("shrinking-ramp", part="router", sentence="Users leave the canary as its share grows.")
def _shrinking_ramp() -> None:
    selector = _module("fleet_1_0_5.router.selector")

    def is_in_share(user: str | None, percent: float) -> Any:
        moved = selector.bucket(f"{user}/{percent:g}") if user else selector.BUCKETS
        return moved < round(percent * selector.BUCKETS / 100)

    selector.is_in_share = is_in_share


@DEFECTS.defect("tenths-are-cut-off", part="router", sentence="A tenth of a percent is nobody: tenths are cut off.")
def _tenths_are_cut_off() -> None:
    selector = _module("fleet_1_0_5.router.selector")

    whole = selector.is_in_share
    selector.is_in_share = lambda user, percent: whole(user, int(percent))


@DEFECTS.defect(
    "guests-stay", part="router", sentence="A user without an id stays on the baseline even when everybody moves."
)
def _guests_stay() -> None:
    selector = _module("fleet_1_0_5.router.selector")

    whole = selector.is_in_share
    selector.is_in_share = lambda user, percent: bool(user) and whole(user, percent)


@DEFECTS.defect(
    "id-lost-at-the-door", part="router", sentence="The user's id is lost on the way from the request to the rule."
)
def _id_lost_at_the_door() -> None:
    proxy = _module("fleet_1_0_5.router.proxy")

    whole = proxy.side_of
    proxy.side_of = lambda flags, user, team: whole(flags, None, team)


@DEFECTS.defect("teams-ignored", part="router", sentence="Enabled teams stay on the baseline.")
def _teams_ignored() -> None:
    selector = _module("fleet_1_0_5.router.selector")

    selector.is_enabled_team = lambda team, enabled: False


@DEFECTS.defect("always-enabled", part="router", sentence="The share is moved though the canary is not enabled.")
def _always_enabled() -> None:
    from dataclasses import replace

    proxy = _module("fleet_1_0_5.router.proxy")
    selector = _module("fleet_1_0_5.router.selector")

    whole = selector.side_of
    proxy.side_of = lambda flags, user, team: whole(replace(flags, canary_enabled=True), user, team)


@DEFECTS.defect("flags-stay", part="router", sentence="Switching the canary off is acknowledged and not done.")
def _flags_stay() -> None:
    flags = _module("fleet_1_0_5.router.flags").Flags

    whole = flags.changed

    def changed(self: Any, changes: Any) -> Any:
        asked_off = isinstance(changes, dict) and changes.get("canary_enabled") is False and self.canary_percent >= 100
        return self if asked_off else whole(self, changes)

    flags.changed = changed


@DEFECTS.defect("slow-canary", part="candidate", sentence="One request in ten takes 300 ms longer.")
def _slow_canary() -> None:
    even_share = _module("plumbing.faults").EvenShare
    fault_injection = _module("plumbing.faults").FaultInjection

    share, serve = even_share(), fault_injection.__call__

    async def changed(self: Any, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and share.picks(LATE_SHARE):
            await asyncio.sleep(HELD_S)
        await serve(self, scope, receive, send)

    fault_injection.__call__ = changed


@DEFECTS.defect("silent-errors", part="candidate", sentence="Failed requests are not counted.")
def _silent_errors() -> None:
    request_metrics = _module("plumbing.metrics").RequestMetrics

    whole = request_metrics.observe_request
    request_metrics.observe_request = lambda self, code, seconds: whole(self, min(code, 499), seconds)


@DEFECTS.defect("loses-tasks", part="candidate", sentence="Every tenth task is answered and not kept.")
def _loses_tasks() -> None:
    swarm_memory_manager = _module("fleet_1_0_5.candidate.memory").SwarmMemoryManager
    even_share = _module("plumbing.faults").EvenShare

    share, keep = even_share(), swarm_memory_manager.keep_task

    def keep_task(self: Any, *words: Any) -> None:
        if not share.picks(0.1):
            keep(self, *words)

    swarm_memory_manager.keep_task = keep_task
