"""Defects of what the candidate leaves in the store that both versions share; production code knows none."""

import itertools
from typing import Any

from plumbing.defects import DefectTable

DEFECTS = DefectTable()
EVERY = 10


@DEFECTS.defect(
    "result-in-a-new-form", part="candidate", sentence="Results are stored in a form that 1.0.4 does not know."
)
def _result_in_a_new_form() -> None:
    from fleet_1_0_5.candidate.memory import SwarmMemoryManager

    keep, find = SwarmMemoryManager.keep_task, SwarmMemoryManager.task

    def kept(self: SwarmMemoryManager, view: dict[str, Any], selection: dict[str, Any] | None) -> None:
        keep(self, view | {"result": {"form": 2, "content": view["result"]}}, selection)

    def found(self: SwarmMemoryManager, identifier: str) -> dict[str, Any] | None:
        task = find(self, identifier)
        if task is not None and isinstance(task["result"], dict) and task["result"].get("form") == 2:
            task["result"] = task["result"]["content"]
        return task

    SwarmMemoryManager.keep_task = kept  # type: ignore[method-assign]
    SwarmMemoryManager.task = found  # type: ignore[method-assign]


@DEFECTS.defect("keeps-tasks-twice", part="candidate", sentence="Every tenth task is kept again under another id.")
def _keeps_tasks_twice() -> None:
    from fleet_1_0_5.candidate.memory import SwarmMemoryManager

    keep, number = SwarmMemoryManager.keep_task, itertools.count(1)

    def kept(self: SwarmMemoryManager, view: dict[str, Any], selection: dict[str, Any] | None) -> None:
        keep(self, view, selection)
        if next(number) % EVERY == 0:
            keep(self, view | {"id": f"{view['id']}-again"}, selection)

    SwarmMemoryManager.keep_task = kept  # type: ignore[method-assign]
