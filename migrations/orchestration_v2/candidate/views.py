"""Turns the candidate's state into the documents of the v1 API and back; reads and writes no store."""

import json
from typing import Any

from orchestration_v2.candidate.documents import TEAM_OF_ROLE, TaskCopyDocument, WorkflowDocument
from orchestration_v2.candidate.store import Row

# words of the v1 API and the candidate's own
TASK_STATUS = {"queued": "open", "assigned": "claimed", "completed": "done", "failed": "failed", "cancelled": "dropped"}
WORKFLOW_STATUS = {"active": "running", "paused": "on_hold", "completed": "finished"}
TASK_WORD = {own: word for word, own in TASK_STATUS.items()}
WORKFLOW_WORD = {own: word for word, own in WORKFLOW_STATUS.items()}


def task_view(item: Row) -> dict[str, Any]:
    """A work item of kind task as the v1 API shows it."""
    return {
        "id": item["id"],
        "title": item["title"],
        "agent": item["role"],
        "status": TASK_WORD.get(item["status"], item["status"]),
        "priority": item["priority"],
        "workflow_id": item["parent_id"],
        "created_by": item["owner"],
        "created_at": item["created_at"],
        "estimate": item["estimate"],
        "result": None if item["result"] is None else json.loads(item["result"]),
        "notes": item["notes"],
        "tags": [],
    }


def workflow_head(item: Row) -> dict[str, Any]:
    """A work item of kind workflow as the v1 API lists it."""
    return {
        "id": item["id"],
        "title": item["title"],
        "status": WORKFLOW_WORD.get(item["status"], item["status"]),
        "critical": bool(item["critical"]),
        "owner": item["owner"],
        "created_at": item["created_at"],
    }


def step_view(step: Row) -> dict[str, Any]:
    """A step as the v1 API shows it."""
    return {"seq": step["seq"], "agent": step["role"], "state": step["state"]}


def message_view(message: Row) -> dict[str, Any]:
    """A message as the v1 API shows it."""
    return {name: message[name] for name in ("id", "sender", "recipient", "body", "sent_at")}


def item_from_task(copy: TaskCopyDocument) -> dict[str, Any]:
    """The work item for a task of the other side; a role without team keeps its name and has no team."""
    return {
        "id": copy.id,
        "kind": "task",
        "title": copy.title,
        "team": TEAM_OF_ROLE.get(copy.agent or ""),
        "role": copy.agent,
        "status": TASK_STATUS[copy.status],
        "priority": copy.priority,
        "parent_id": copy.workflow_id,
        "critical": None,
        "owner": copy.created_by,
        "created_at": copy.created_at,
        "estimate": copy.estimate,
        "deleted": copy.deleted,
        "result": stored(copy.result),
        "notes": copy.notes,
    }


def item_from_workflow(copy: WorkflowDocument) -> dict[str, Any]:
    """The work item for a workflow of the other side."""
    blank = dict.fromkeys(("team", "role", "priority", "parent_id", "estimate", "result", "notes"))
    return blank | {
        "id": copy.id,
        "kind": "workflow",
        "title": copy.title,
        "status": WORKFLOW_STATUS[copy.status],
        "critical": copy.critical,
        "owner": copy.owner,
        "created_at": copy.created_at,
        "deleted": False,
    }


def stored(value: object) -> str | None:
    """A JSON value as text; null stays null."""
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
