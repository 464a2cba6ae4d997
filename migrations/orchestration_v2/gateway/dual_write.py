"""Copies what one side wrote to the other, before the user hears of it; best effort, every failure is counted."""

import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from orchestration_v2.gateway.metrics import GatewayMetrics
from plumbing.upstream import Answered, Asked, Upstream, UpstreamError

TIMEOUT_S = 1.0
# After a side kept us waiting in vain, it is left alone for a while, so that users do not wait for it again and again.
SLOW_S, REST_S = 0.9, 2.0
TASK = re.compile(r"/api/tasks/([^/]+)")
WORKFLOW = re.compile(r"/api/workflows(/[^/]+/[^/]+)?")
TASK_RESULT = re.compile(r"/api/tasks(/[^/]+/complete)?")


@dataclass(frozen=True, slots=True)
class Written:
    """What a request wrote: whole records, or ids whose records have to be fetched first."""

    kind: str
    records: tuple[dict[str, Any], ...] = ()
    ids: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many records there are."""
        return len(self.records) + len(self.ids)


def written_by(asked: Asked, answered: Answered) -> Written | None:
    """What a successful request wrote, None for one that wrote nothing."""
    if asked.method not in {"POST", "DELETE"} or not 200 <= answered.status < 300:
        return None
    path = asked.path
    if asked.method == "DELETE":
        task = TASK.fullmatch(path)
        return Written("task", ({"id": task[1], "deleted": True},)) if task else None
    if path == "/api/tasks/batch":
        return Written("task", ids=tuple(json.loads(answered.body)["ids"]))
    if path == "/api/messages":
        return Written("message", ids=(json.loads(answered.body)["id"],))
    if TASK_RESULT.fullmatch(path):
        record = json.loads(answered.body)
        key = asked.header("idempotency-key") if path == "/api/tasks" else None
        return Written("task", (record | ({"idempotency_key": key} if key else {}),))
    return Written("workflow", (json.loads(answered.body),)) if WORKFLOW.fullmatch(path) else None


@dataclass(slots=True)
class DualWrite:
    """Copies records between two sides."""

    upstream: Upstream
    metrics: GatewayMetrics
    clock: Callable[[], float] = time.monotonic
    _resting_until: dict[str, float] = field(default_factory=dict)

    async def copy(self, asked: Asked, answered: Answered, *, source: str, target: str) -> None:
        """Copies what the request wrote at `source` to `target` (URLs); never raises for a side that fails."""
        written = written_by(asked, answered)
        if written is None or not written.size:
            return
        if self.clock() < self._resting_until.get(target, 0.0):
            self.metrics.replication_failures.inc(written.size)
            return
        begun = self.clock()
        try:
            records = list(written.records) or await self._fetch(source, written)
            body = {"kind": written.kind, "records": records}
            await self.upstream.post(f"{target}/internal/replicate", body, TIMEOUT_S)
        except UpstreamError as error:
            print(f"not copied: {error}", file=sys.stderr, flush=True)
            self.metrics.replication_failures.inc(written.size)
            if self.clock() - begun >= SLOW_S:
                self._resting_until[target] = self.clock() + REST_S
        else:
            self.metrics.replicated.inc(written.size)

    async def _fetch(self, source: str, written: Written) -> list[dict[str, Any]]:
        body = {"kind": written.kind, "ids": list(written.ids)}
        answer = await self.upstream.post(f"{source}/internal/records", body, TIMEOUT_S)
        return list(answer["records"])
