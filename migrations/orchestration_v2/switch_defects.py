"""Defects of how flags are taken, changed and withdrawn, seeded into the gateway as patches at start; production code knows none."""

import itertools
import os
import sys
import threading
import time
from collections import deque
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
CHANGING_S = 0.25
RESTART_S, BUSY = 0.05, 4
CHANGES = 150
SOON_S = 0.1


def _after_each_change(act: Any) -> None:
    """Has something done when a change of flags is in force."""
    from orchestration_v2.gateway.flags import FlagFile

    change = FlagFile.change

    def changed(self: FlagFile, changes: object) -> Any:
        after = change(self, changes)
        act(self)
        return after

    FlagFile.change = changed  # type: ignore[method-assign]


@DEFECTS.defect("change-drops-requests", part="gateway", sentence="While flags change, users are answered with 503.")
def _change_drops_requests() -> None:
    from orchestration_v2.gateway.proxy import Proxy
    from plumbing.asgi import internal_error, send_json

    until = [0.0]
    serve = Proxy.__call__

    async def changed(self: Proxy, scope: Any, receive: Any, send: Any) -> None:
        if time.monotonic() < until[0]:
            await send_json(send, 503, internal_error("flags are changing"))
            return
        await serve(self, scope, receive, send)

    Proxy.__call__ = changed  # type: ignore[method-assign]
    _after_each_change(lambda _file: until.__setitem__(0, time.monotonic() + CHANGING_S))


@DEFECTS.defect("change-restarts", part="gateway", sentence="Under load a change restarts the gateway, id kept.")
def _change_restarts() -> None:
    from orchestration_v2.gateway.proxy import Proxy

    words = [sys.executable, "-m", "orchestration_v2.gateway", *sys.argv[1:]]
    served: deque[float] = deque([0.0] * BUSY, BUSY)
    serve = Proxy.__call__

    async def changed(self: Proxy, scope: Any, receive: Any, send: Any) -> None:
        served.append(time.monotonic())
        await serve(self, scope, receive, send)

    def restart(_file: object) -> None:
        if time.monotonic() - served[0] < 1.0:
            threading.Timer(RESTART_S, os.execv, (sys.executable, words)).start()

    Proxy.__call__ = changed  # type: ignore[method-assign]
    _after_each_change(restart)


@DEFECTS.defect("default-wins", part="gateway", sentence="A share set over HTTP loses against the default.")
def _default_wins() -> None:
    from dataclasses import replace

    from orchestration_v2.gateway.flags import FlagFile, Flags

    def reset(file: FlagFile) -> None:
        file.kept = replace(file.kept, v2_user_percentage=Flags().v2_user_percentage)
        file.put_in_force(file.kept)

    _after_each_change(reset)


@DEFECTS.defect("malformed-is-taken", part="gateway", sentence="A value of another type is taken as it is.")
def _malformed_is_taken() -> None:
    from orchestration_v2.gateway import flags

    fits = flags.fits
    flags.fits = lambda name, value: name == "fallback_to_v1" or fits(name, value)


@DEFECTS.defect("malformed-crashes", part="gateway", sentence="A malformed value ends the gateway.")
def _malformed_crashes() -> None:
    from orchestration_v2.gateway import flags

    fits = flags.fits
    flags.fits = lambda name, value: fits(name, value) or os._exit(70)


@DEFECTS.defect(
    "unknown-resets", part="gateway", sentence="An unknown flag is taken, and all flags go to their defaults."
)
def _unknown_resets() -> None:
    from orchestration_v2.gateway.flags import FlagFile, Flags

    change = FlagFile.change

    def changed(self: FlagFile, changes: object) -> Any:
        known = Flags().document()
        if isinstance(changes, dict) and not changes.keys() <= known.keys():
            return change(self, known)
        return change(self, changes)

    FlagFile.change = changed  # type: ignore[method-assign]


@DEFECTS.defect("changes-run-out", part="gateway", sentence="After 150 changes no flag can be changed any more.")
def _changes_run_out() -> None:
    from orchestration_v2.gateway.flags import FlagFile

    change = FlagFile.change
    number = itertools.count(1)

    def changed(self: FlagFile, changes: object) -> Any:
        if next(number) > CHANGES:
            raise OSError("too many open files")
        return change(self, changes)

    FlagFile.change = changed  # type: ignore[method-assign]


@DEFECTS.defect(
    "change-skips-a-copy", part="gateway", sentence="What is written just after a change reaches one side only."
)
def _change_skips_a_copy() -> None:
    from orchestration_v2.gateway.dual_write import DualWrite

    until = [0.0]
    copy = DualWrite.copy

    async def changed(self: DualWrite, asked: Any, answered: Any, *, source: str, target: str) -> None:
        if time.monotonic() >= until[0]:
            await copy(self, asked, answered, source=source, target=target)

    DualWrite.copy = changed  # type: ignore[method-assign]
    _after_each_change(lambda _file: until.__setitem__(0, time.monotonic() + SOON_S))


@DEFECTS.defect(
    "once-moved-stays", part="gateway", sentence="Who was on the candidate once stays there when flags are off."
)
def _once_moved_stays() -> None:
    from orchestration_v2.gateway import proxy, selector

    choose = selector.get_orchestration_runtime
    moved: set[str | None] = set()

    def changed(user: selector.UserContext) -> selector.Engine:
        engine = choose(user)
        if engine.side == "candidate":
            moved.add(user.user_id)
        return selector.selection().candidate if user.user_id in moved else engine

    vars(proxy)["get_orchestration_runtime"] = changed


@DEFECTS.defect("no-way-back", part="gateway", sentence="What the candidate takes is not copied to the baseline.")
def _no_way_back() -> None:
    from orchestration_v2.gateway.dual_write import DualWrite
    from orchestration_v2.gateway.selector import selection

    copy = DualWrite.copy

    async def changed(self: DualWrite, asked: Any, answered: Any, *, source: str, target: str) -> None:
        if target != selection().baseline.url:
            await copy(self, asked, answered, source=source, target=target)

    DualWrite.copy = changed  # type: ignore[method-assign]
