"""Makes a v1 store's data from a number: the same seed gives the same rows, ugly ones among them on purpose."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from orchestration_v2.tools import tables
from orchestration_v2.tools.conversion import STEP_STATES, Row, compact
from orchestration_v2.tools.refusals import Refused

# Who talks to whom; backend to frontend, the two testers and sre to devops stay within their later team.
TALKS_TO = {
    "backend-engineer": ["devops-engineer", "frontend-engineer", "test-engineer"],
    "devops-engineer": ["backend-engineer", "sre"],
    "frontend-engineer": ["backend-engineer", "ui-designer"],
    "pm": ["backend-engineer", "product-owner", "ux-researcher"],
    "product-owner": ["frontend-engineer", "pm"],
    "qa-specialist": ["backend-engineer", "test-engineer"],
    "sre": ["backend-engineer", "devops-engineer"],
    "test-engineer": ["frontend-engineer", "qa-specialist"],
    "ui-designer": ["frontend-engineer", "ux-researcher"],
    "ux-researcher": ["pm", "ui-designer"],
}
# How many more tasks each role can take. Two are scarce, so that delegation to a colleague really happens.
FREE = {
    "backend-engineer": 4000,
    "devops-engineer": 3500,
    "frontend-engineer": 4000,
    "pm": 2000,
    "product-owner": 1,
    "qa-specialist": 3000,
    "sre": 3,
    "test-engineer": 3000,
    "ui-designer": 2500,
    "ux-researcher": 2500,
}
ROLES = tuple(TALKS_TO)
STATUS_WEIGHTS = {"queued": 10, "assigned": 12, "completed": 60, "failed": 10, "cancelled": 8}
WORKFLOWS = 40
EPOCH = datetime(2025, 1, 6, 8, 0, tzinfo=UTC)
OFFSETS_MIN = (0, 0, 0, 60, -300, 330, 840, -690)
TITLES = (
    "Rebuild the index",
    "Prüfe die Übergabe",
    "Cafe\u0301 menu",
    "مراجعة الطلب",
    "発注を確認する",
    "Ship it 🚀👩‍💻",
    "Quote ' and \" and \\ and ; --",
    "Tab\tand\nnew line",
    "  spaces around  ",
    "0",
)
ESTIMATES = (None, 0, 1, -1, 8, 40, 2**53 + 1, 9_007_199_254_740_993, 2**63 - 1, -(2**63))
NOTES = (None, "", "null", "ok", "שלום", "a\u030a", "line\r\nend")
RESULTS: tuple[Any, ...] = (
    None,
    {},
    [],
    {"output": "done", "artifacts": ["a.txt", "b.txt"]},
    {"deep": {"list": [1, 2.5, None, {"é": "😀"}], "big": 2**53 + 1}},
    "text",
)


def seed(store: str, count: int, number: int) -> dict[str, int]:
    """Replace a v1 store's content by `count` seeded tasks and what belongs to them; returns the rows of each table."""
    if count < 0:
        raise Refused(f"--tasks {count}: must be 0 or more")
    state = seeded_state(count, number)
    tables.write_state(store, "v1", state)
    return {name: len(rows) for name, rows in state.items()}


def seeded_state(count: int, number: int) -> dict[str, list[Row]]:
    """Return all v1 tables for a seed; the first tasks show each ugly trait once, the rest draw them."""
    chance = Random(number)
    tasks = [make_task(index, chance) for index in range(count)]
    load = Counter(task["agent"] for task in tasks if task["status"] == "assigned")
    workflows = [make_workflow(index, chance) for index in range(WORKFLOWS)]
    return {
        "agents": [
            {"id": role, "role": role, "capacity": load[role] + FREE[role], "talks_to": compact(TALKS_TO[role])}
            for role in ROLES
        ],
        "workflows": workflows,
        "workflow_steps": [step for row in workflows for step in make_steps(row, chance)],
        "tasks": tasks,
        "messages": [make_message(index, chance) for index in range(max(20, count // 20))],
        "idempotency": [
            {"key": f"seed-{number}-{task['id']}", "task_id": task["id"]} for task in tasks[::50] if not task["deleted"]
        ],
        "integrations": [make_integration(index, role) for index, role in enumerate(ROLES)],
    }


def make_task(index: int, chance: Random) -> Row:
    """Return one task; its traits are drawn one after the other, so a later change to one leaves the others alone."""
    draw = _picker(index, chance)
    status = chance.choices(tuple(STATUS_WEIGHTS), tuple(STATUS_WEIGHTS.values()))[0]
    agent = None if status == "queued" or (status != "assigned" and chance.random() < 0.05) else chance.choice(ROLES)
    title = draw(TITLES)
    workflow = f"workflow-{chance.randrange(WORKFLOWS):04d}" if chance.random() < 0.4 else None
    if chance.random() < 0.02 or index == 7:
        workflow = f"workflow-lost-{chance.randrange(9)}"
    result = draw(RESULTS) if status in {"completed", "failed"} else None
    return {
        "id": f"task-{index:06d}",
        # Every third title stands more than once.
        "title": title if index % 3 == 0 else f"{title} {index}",
        "agent": agent,
        "status": status,
        "priority": chance.randint(1, 5),
        "workflow_id": workflow,
        "created_by": draw(("ana", "bo", "çelik", "李雷", "user@example.org", "")),
        "created_at": _instant(index, chance),
        "estimate": draw(ESTIMATES),
        # A task that someone is at is never deleted: its weight in the load would be a matter of taste.
        "deleted": status != "assigned" and (chance.random() < 0.03 or index == 11),
        "result": None if result is None else compact(result),
        "notes": draw(NOTES),
    }


def _picker(index: int, chance: Random) -> Callable[[tuple[Any, ...]], Any]:
    """Return how a value is chosen: in order for the first rows, so that few tasks show all of them, then by chance."""

    def pick(values: tuple[Any, ...]) -> Any:
        return values[index] if index < len(values) else chance.choice(values)

    return pick


def _instant(index: int, chance: Random) -> str:
    offset = OFFSETS_MIN[index] if index < len(OFFSETS_MIN) else chance.choice(OFFSETS_MIN)
    moment = EPOCH + timedelta(seconds=37 * index, microseconds=chance.randrange(1_000_000))
    text = moment.astimezone(timezone(timedelta(minutes=offset))).isoformat()
    return text.replace("+00:00", "Z") if offset == 0 and index % 2 == 0 else text


def make_workflow(index: int, chance: Random) -> Row:
    """Return one workflow; all conditions stand among the first, critical ones among each."""
    return {
        "id": f"workflow-{index:04d}",
        "title": f"{TITLES[index % len(TITLES)]} {index // len(TITLES)}",
        "status": ("active", "paused", "completed")[index % 3],
        "critical": index % 4 == 0,
        "owner": chance.choice(("ana", "bo", "çelik", "李雷")),
        "created_at": _instant(index, chance),
    }


def make_steps(workflow: Row, chance: Random) -> list[Row]:
    """Return two to five steps; those of a completed workflow are done, else some of the first are."""
    count = chance.randint(2, 5)
    done = count if workflow["status"] == "completed" else chance.randrange(count)
    pending, _, finished = STEP_STATES
    return [
        {
            "workflow_id": workflow["id"],
            "seq": number,
            "agent": chance.choice(ROLES),
            "state": finished if number <= done else pending,
        }
        for number in range(1, count + 1)
    ]


def make_message(index: int, chance: Random) -> Row:
    """Return one message along an edge."""
    sender = chance.choice(ROLES)
    return {
        "id": f"message-{index:06d}",
        "sender": sender,
        "recipient": chance.choice(TALKS_TO[sender]),
        "body": "" if index % 17 == 0 else f"{chance.choice(TITLES)} ({index})",
        "sent_at": _instant(index, chance),
    }


def make_integration(index: int, role: str) -> Row:
    """Return the integration of one role with a service of its own."""
    kind = ("webhook", "chat", "tracker")[index % 3]
    return {"id": f"integration-{index:02d}", "agent": role, "kind": kind, "url": f"https://{kind}.example.org/{role}"}
