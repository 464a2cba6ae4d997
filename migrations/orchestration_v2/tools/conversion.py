"""How v1 state becomes v2 state, as pure functions over rows; it touches no store and repairs nothing."""

import json
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]
State = Mapping[str, list[Row]]

VERSION = "2.0.0"
TEAM_OF = {
    "backend-engineer": "engineering-fullstack",
    "frontend-engineer": "engineering-fullstack",
    "ui-designer": "engineering-ux",
    "ux-researcher": "engineering-ux",
    "test-engineer": "qa-analyst",
    "qa-specialist": "qa-analyst",
    "devops-engineer": "devops-infrastructure",
    "sre": "devops-infrastructure",
    "pm": "product-manager",
    "product-owner": "product-manager",
}
TASK_STATUS = {"queued": "open", "assigned": "claimed", "completed": "done", "failed": "failed", "cancelled": "dropped"}
WORKFLOW_STATUS = {"active": "running", "paused": "on_hold", "completed": "finished"}
STEP_STATES = ("pending", "running", "done")
TOTAL = "total"


def compact(value: object) -> str:
    """Return `value` as canonical JSON: sorted keys, no spaces, text as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def team_of(role: str | None) -> str | None:
    """Return the team that takes over a role; no role has no team."""
    return None if role is None else TEAM_OF[role]


def convert_state(v1: State) -> dict[str, list[Row]]:
    """Return all v2 tables for a v1 state without problems (see `problems.source_problems`); `v1` stays as it is."""
    return {
        "meta": convert_meta(v1),
        "teams": convert_team_structure(v1),
        "work_items": migrate_workflow_definitions(v1) + convert_tasks(v1),
        "work_steps": convert_steps(v1),
        "subscriptions": extract_event_mappings(v1),
        "capacity": calculate_v2_capacity(v1),
        "messages": convert_messages(v1),
        "idempotency": [{"key": row["key"], "item_id": row["task_id"]} for row in v1["idempotency"]],
        "integrations": [{**row, "team": team_of(row["agent"])} for row in v1["integrations"]],
        "event_log": [],
    }


def convert_meta(v1: State) -> list[Row]:
    """Return the version and, in `roles`, what the v1 API must still be able to answer for each role."""
    roles = {
        row["role"]: {"capacity": row["capacity"], "talks_to": json.loads(row["talks_to"])}
        for row in sorted(v1["agents"], key=lambda row: str(row["id"]))
    }
    return [{"key": "roles", "value": compact(roles)}, {"key": "version", "value": VERSION}]


def convert_team_structure(v1: State) -> list[Row]:
    """Return a row for each team that has members: their roles, sorted, and the sum of their capacities."""
    teams: dict[str, Row] = {}
    for agent in sorted(v1["agents"], key=lambda row: str(row["role"])):
        team = TEAM_OF[agent["role"]]
        row = teams.setdefault(team, {"team": team, "members": [], "capacity": 0})
        row["members"].append(agent["role"])
        row["capacity"] += agent["capacity"]
    return [{**teams[team], "members": compact(teams[team]["members"])} for team in sorted(teams)]


def migrate_workflow_definitions(v1: State) -> list[Row]:
    """Return a work item of kind `workflow` for each v1 workflow."""
    return [
        {
            "id": row["id"],
            "kind": "workflow",
            "title": row["title"],
            "team": None,
            "role": None,
            "status": WORKFLOW_STATUS[row["status"]],
            "priority": None,
            "parent_id": None,
            "critical": row["critical"],
            "owner": row["owner"],
            "created_at": row["created_at"],
            "estimate": None,
            "deleted": False,
            "result": None,
            "notes": None,
        }
        for row in v1["workflows"]
    ]


def convert_tasks(v1: State) -> list[Row]:
    """Return a work item of kind `task` for each v1 task; texts, figures and time stamps stay as they are."""
    return [
        {
            "id": row["id"],
            "kind": "task",
            "title": row["title"],
            "team": team_of(row["agent"]),
            "role": row["agent"],
            "status": TASK_STATUS[row["status"]],
            "priority": row["priority"],
            "parent_id": row["workflow_id"],
            "critical": None,
            "owner": row["created_by"],
            "created_at": row["created_at"],
            "estimate": row["estimate"],
            "deleted": row["deleted"],
            "result": row["result"],
            "notes": row["notes"],
        }
        for row in v1["tasks"]
    ]


def convert_steps(v1: State) -> list[Row]:
    """Return the steps of all workflows with their role and its team."""
    return [
        {
            "item_id": row["workflow_id"],
            "seq": row["seq"],
            "team": team_of(row["agent"]),
            "role": row["agent"],
            "state": row["state"],
        }
        for row in v1["workflow_steps"]
    ]


def extract_event_mappings(v1: State) -> list[Row]:
    """Return one topic for each publishing team: an edge A to B makes B's team a subscriber, its own one included."""
    origins: dict[str, list[list[str]]] = {}
    for agent in v1["agents"]:
        for other in json.loads(agent["talks_to"]):
            origins.setdefault(TEAM_OF[agent["role"]], []).append([agent["id"], other])
    return [
        {
            "topic": f"{team}.messages",
            "publisher_team": team,
            "subscriber_teams": compact(sorted({TEAM_OF[other] for _, other in edges})),
            "origin": compact(sorted(edges)),
        }
        for team, edges in sorted(origins.items())
    ]


def calculate_v2_capacity(v1: State) -> list[Row]:
    """Return the capacity of each team and of all of them under `total`."""
    rows = [{"team": row["team"], "n": row["capacity"]} for row in convert_team_structure(v1)]
    return [*rows, {"team": TOTAL, "n": sum(row["n"] for row in rows)}]


def convert_messages(v1: State) -> list[Row]:
    """Return the messages with the teams of both ends."""
    return [
        {**row, "sender_team": team_of(row["sender"]), "recipient_team": team_of(row["recipient"])}
        for row in v1["messages"]
    ]
