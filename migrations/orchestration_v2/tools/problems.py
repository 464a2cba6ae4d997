"""What stands against converting a v1 state, one line each; an empty list is the only permission to convert."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from orchestration_v2.tools.conversion import STEP_STATES, TASK_STATUS, TEAM_OF, WORKFLOW_STATUS, Row, State


def source_problems(v1: State, *, allow_active: bool) -> list[str]:
    """Return all reasons why `v1` cannot be converted, in the order of its tables."""
    found = [*agent_problems(v1), *unknown_agents(v1), *absent_agents(v1), *reference_problems(v1), *value_problems(v1)]
    if not allow_active:
        found += active_workflows(v1)
    return found


def agent_problems(v1: State) -> Iterator[str]:
    """Yield what is wrong with the agents themselves and the edges between them."""
    if not v1["agents"]:
        yield "agents: there is none; seed or restore the source first"
    known = {row["id"] for row in v1["agents"]}
    for row in v1["agents"]:
        if row["id"] != row["role"]:
            yield f"agents: '{row['id']}' has the role '{row['role']}'; id and role must be equal"
        if not isinstance(row["capacity"], int) or row["capacity"] < 0:
            yield f"agents: '{row['id']}' has the capacity {row['capacity']!r}; it must be a whole number from 0"
        yield from _edge_problems(row, known)


def _edge_problems(agent: Row, known: set[str]) -> Iterator[str]:
    try:
        others = json.loads(agent["talks_to"])
    except (TypeError, ValueError):
        others = None
    if not isinstance(others, list) or not all(isinstance(other, str) for other in others):
        yield f"agents: talks_to of '{agent['id']}' is no JSON list of agent ids"
        return
    for other, times in Counter(others).items():
        if times > 1:
            yield f"agents: duplicate edge '{agent['id']}' -> '{other}' ({times} times)"
        if other == agent["id"]:
            yield f"agents: '{other}' talks to itself"
        if other not in known:
            yield f"agents: edge '{agent['id']}' -> '{other}' leads to an agent that is not there"


# Where a row names a role, and by what the row is known; a task that nobody has names none.
PLACES = (
    ("agents", "role", "id"),
    ("workflow_steps", "agent", "workflow_id"),
    ("tasks", "agent", "id"),
    ("messages", "sender", "id"),
    ("messages", "recipient", "id"),
    ("integrations", "agent", "id"),
)


def named_roles(v1: State) -> Iterator[tuple[str, str]]:
    """Yield each role that a row names, and where it does."""
    for table, column, key in PLACES:
        for row in v1[table]:
            if row[column] is not None or table != "tasks":
                yield row[column], f"{column} of '{row[key]}' in {table}"


def unknown_agents(v1: State) -> list[str]:
    """Return a line for each row that names a role outside the consolidation table."""
    known = ", ".join(sorted(TEAM_OF))
    return [
        f"unknown agent role '{role}' in {where}; known: {known}"
        for role, where in named_roles(v1)
        if role not in TEAM_OF
    ]


def absent_agents(v1: State) -> list[str]:
    """Return a line for each row that names a known role which no agent of the source has: its team would be missing."""
    there = {row["role"] for row in v1["agents"]}
    return [
        f"role '{role}' in {where} has no agent"
        for role, where in named_roles(v1)
        if role in TEAM_OF and role not in there
    ]


def reference_problems(v1: State) -> Iterator[str]:
    """Yield steps without a workflow, and ids that a task and a workflow share; orphaned tasks are kept."""
    workflows = {row["id"] for row in v1["workflows"]}
    for row in v1["workflow_steps"]:
        if row["workflow_id"] not in workflows:
            yield f"workflow_steps: step {row['seq']} belongs to the missing workflow '{row['workflow_id']}'"
    for row in v1["tasks"]:
        if row["id"] in workflows:
            yield f"tasks: '{row['id']}' is the id of a workflow as well"


def value_problems(v1: State) -> Iterator[str]:
    """Yield states outside their lists and time stamps that are not ISO 8601 with an offset."""
    allowed = (
        ("workflows", "status", "id", tuple(WORKFLOW_STATUS)),
        ("workflow_steps", "state", "workflow_id", STEP_STATES),
        ("tasks", "status", "id", tuple(TASK_STATUS)),
    )
    for table, column, key, values in allowed:
        for row in v1[table]:
            if row[column] not in values:
                yield f"{table}: {column} of '{row[key]}' is {row[column]!r}; allowed: {', '.join(values)}"
    for table in ("workflows", "tasks"):
        for row in v1[table]:
            if not _is_instant(row["created_at"]):
                yield f"{table}: created_at of '{row['id']}' is {row['created_at']!r}; write ISO 8601 with an offset"


def active_workflows(v1: State) -> list[str]:
    """Return a line for each workflow that is neither completed nor paused."""
    return [
        f"workflows: '{row['id']}' is active; pause or complete it first, or pass --allow-active"
        for row in v1["workflows"]
        if row["status"] == "active"
    ]


def _is_instant(text: object) -> bool:
    try:
        return datetime.fromisoformat(str(text)).tzinfo is not None
    except ValueError:
        return False
