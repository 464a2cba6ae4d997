"""Whether a v2 state is sound, judged from its rows or its five-key document; it never repairs one."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from orchestration_v2.tools.conversion import (
    STEP_STATES,
    TASK_STATUS,
    TEAM_OF,
    TOTAL,
    VERSION,
    WORKFLOW_STATUS,
    Row,
    State,
)

DOCUMENT_KEYS = ("capacity", "events", "teams", "version", "workflows")
STATUSES = {"task": set(TASK_STATUS.values()), "workflow": set(WORKFLOW_STATUS.values())}


def validate_v2_state(v2: State) -> list[str]:
    """Return all faults of the v2 tables, one line each; none means valid."""
    return [*document_problems(state_document(v2)), *role_problems(v2), *item_problems(v2), *message_problems(v2)]


def state_document(v2: State) -> dict[str, Any]:
    """Return the state as the document with the five keys; a task stands in it as a workflow of one step."""
    version = [row["value"] for row in v2["meta"] if row["key"] == "version"]
    steps: dict[str, list[Row]] = {}
    for row in sorted(v2["work_steps"], key=lambda row: (row["item_id"], row["seq"])):
        step = {"id": f"{row['item_id']}/{row['seq']}", "team": row["team"], "role": row["role"], "state": row["state"]}
        steps.setdefault(row["item_id"], []).append(step)
    return {
        "version": version[0] if version else None,
        "teams": {
            row["team"]: {"members": json.loads(row["members"]), "capacity": row["capacity"]} for row in v2["teams"]
        },
        "workflows": [
            _document_item(row, steps.get(row["id"], [])) for row in sorted(v2["work_items"], key=lambda row: row["id"])
        ],
        "events": [
            {
                "topic": row["topic"],
                "publisher_team": row["publisher_team"],
                "subscriber_teams": json.loads(row["subscriber_teams"]),
                "origin": json.loads(row["origin"]),
            }
            for row in v2["subscriptions"]
        ],
        "capacity": {row["team"]: row["n"] for row in v2["capacity"]},
    }


def _document_item(row: Row, steps: list[Row]) -> dict[str, Any]:
    if row["kind"] == "task":
        steps = [{"id": f"{row['id']}/1", "team": row["team"], "role": row["role"], "state": row["status"]}]
    kept = ("id", "kind", "title", "status", "critical", "owner", "created_at", "parent_id", "deleted")
    return {**{name: row[name] for name in kept}, "steps": steps}


def document_problems(document: object) -> list[str]:
    """Return the faults of a five-key document: foreign or missing keys, version, teams, events, capacity."""
    if not isinstance(document, dict):
        return ["document: is no mapping"]
    if tuple(sorted(document)) != DOCUMENT_KEYS:
        return [
            f"document: has the keys {', '.join(sorted(document))}; it must have exactly {', '.join(DOCUMENT_KEYS)}"
        ]
    try:
        return [
            *version_problems(document),
            *team_problems(document["teams"]),
            *event_problems(document),
            *step_problems(document),
            *capacity_problems(document),
        ]
    except (AttributeError, KeyError, TypeError) as error:
        return [f"document: has not the shape of a v2 state ({type(error).__name__}: {error})"]


def version_problems(document: dict[str, Any]) -> list[str]:
    """Return a line when the version is not the one that these tools write."""
    return [] if document["version"] == VERSION else [f"version: is {document['version']!r}; it must be '{VERSION}'"]


def team_problems(teams: dict[str, Any]) -> Iterator[str]:
    """Yield unknown teams, and members that are missing, in the wrong team or in two."""
    members = Counter(role for team in teams.values() for role in team["members"])
    if not teams:
        yield "teams: there is none"
    for role, times in members.items():
        if times > 1:
            yield f"teams: '{role}' is a member {times} times"
    for team, body in teams.items():
        if team not in TEAM_OF.values():
            yield f"teams: unknown team '{team}'"
        for role in body["members"]:
            if TEAM_OF.get(role) != team:
                yield f"teams: '{role}' is no role of '{team}'"


def event_problems(document: dict[str, Any]) -> Iterator[str]:
    """Yield events without a subscriber, with unknown teams, or that do not follow from their origin."""
    teams = document["teams"]
    for event in document["events"]:
        where = f"events: '{event['topic']}'"
        if not event["subscriber_teams"]:
            yield f"{where} has no subscriber"
        for team in (event["publisher_team"], *event["subscriber_teams"]):
            if team not in teams:
                yield f"{where} names the unknown team '{team}'"
        publishers = {TEAM_OF.get(edge[0]) for edge in event["origin"]}
        subscribers = {TEAM_OF.get(edge[1]) for edge in event["origin"]}
        if publishers != {event["publisher_team"]} or subscribers != set(event["subscriber_teams"]):
            yield f"{where} does not follow from its origin"


def step_problems(document: dict[str, Any]) -> Iterator[str]:
    """Yield steps that name a team which is not there; only a task that nobody has yet may name none."""
    for item in document["workflows"]:
        for step in item["steps"]:
            if step["team"] not in document["teams"] and not (step["team"] is None and item["kind"] == "task"):
                yield f"workflows: step '{step['id']}' names the unknown team '{step['team']}'"


def capacity_problems(document: dict[str, Any]) -> list[str]:
    """Return where the capacities differ from those of the teams, or the total from their sum."""
    expected = {team: body["capacity"] for team, body in document["teams"].items()}
    expected[TOTAL] = sum(expected.values())
    actual = document["capacity"]
    return [
        f"capacity: '{team}' is {actual.get(team)!r}; it must be {expected.get(team)!r}"
        for team in sorted({*expected, *actual})
        if actual.get(team) != expected.get(team)
    ]


def role_problems(v2: State) -> Iterator[str]:
    """Yield teams whose members or capacity do not follow from the kept roles."""
    kept = [row["value"] for row in v2["meta"] if row["key"] == "roles"]
    if not kept:
        yield "meta: has no 'roles'"
        return
    roles = json.loads(kept[0])
    for row in v2["teams"]:
        mine = sorted(role for role in roles if TEAM_OF.get(role) == row["team"])
        if json.loads(row["members"]) != mine:
            yield f"teams: '{row['team']}' has the members {row['members']}; its roles are {', '.join(mine)}"
        if row["capacity"] != sum(roles[role]["capacity"] for role in mine):
            yield f"teams: the capacity of '{row['team']}' is not the sum of its roles"


def item_problems(v2: State) -> Iterator[str]:
    """Yield work items with a wrong status or team, and steps that belong to none."""
    for row in v2["work_items"]:
        if row["status"] not in STATUSES.get(row["kind"], ()):
            yield f"work_items: '{row['id']}' is a {row['kind']} in the status '{row['status']}'"
        if row["role"] is not None and row["team"] != TEAM_OF.get(row["role"]):
            yield f"work_items: '{row['id']}' of '{row['role']}' stands with the team '{row['team']}'"
    workflows = {row["id"] for row in v2["work_items"] if row["kind"] == "workflow"}
    for row in v2["work_steps"]:
        if row["item_id"] not in workflows:
            yield f"work_steps: step {row['seq']} belongs to the missing workflow '{row['item_id']}'"
        if row["state"] not in STEP_STATES or row["team"] != TEAM_OF.get(row["role"]):
            yield f"work_steps: step {row['seq']} of '{row['item_id']}' has a wrong state or team"


def message_problems(v2: State) -> Iterator[str]:
    """Yield messages whose teams are not those of their ends."""
    for row in v2["messages"]:
        for end in ("sender", "recipient"):
            if row[f"{end}_team"] != TEAM_OF.get(row[end]):
                yield f"messages: '{row['id']}' has the wrong team for its {end} '{row[end]}'"


def compare_with_source(v1: State, v2: State) -> list[str]:
    """Return where the converted state does not account for all of its source."""
    kinds = Counter(row["kind"] for row in v2["work_items"])
    total = sum(row["n"] for row in v2["capacity"] if row["team"] == TOTAL)
    pairs = (
        ("tasks", len(v1["tasks"]), kinds["task"]),
        ("workflows", len(v1["workflows"]), kinds["workflow"]),
        ("workflow steps", len(v1["workflow_steps"]), len(v2["work_steps"])),
        ("messages", len(v1["messages"]), len(v2["messages"])),
        ("idempotency keys", len(v1["idempotency"]), len(v2["idempotency"])),
        ("integrations", len(v1["integrations"]), len(v2["integrations"])),
        ("capacity in all", sum(row["capacity"] for row in v1["agents"]), total),
    )
    return [f"{what}: {before} in v1, {after} in v2" for what, before, after in pairs if before != after]
