"""Uses MessageOrchestrator: dicts in, dicts out, and no exception for a bad message."""

import json

from app.core.message_orchestrator import MessageOrchestrator

MESSAGES = [
    {"op": "register", "agent": "ada", "capabilities": ["python"], "id": 1},
    {"op": "register", "agent": "ada"},
    {"op": "register", "agent": "bob", "capabilities": ["python", "sql"]},
    {"op": "register"},
    {"op": "delegate", "task": "t1", "requires": ["python"]},
    {"op": "delegate", "task": "t2", "requires": ["python"]},
    {"op": "delegate", "task": "t3", "requires": ["cobol"], "id": "seven"},
    {"op": "delegate", "task": "t1", "requires": ["sql"]},
    {"op": "complete", "task": "t1", "result": {"n": None}},
    {"op": "complete", "task": "t1"},
    {"op": "complete", "task": "never"},
    {"op": "status", "id": None},
    {"op": "dance"},
    {},
]


def main() -> None:
    """Send them all."""
    desk = MessageOrchestrator(slots=1)
    for message in MESSAGES:
        print(json.dumps(desk.handle(message), sort_keys=True))
    print(json.dumps(MESSAGES[0], sort_keys=True), desk.agents, desk.tasks)
    try:
        desk.handle("status")
    except TypeError as error:
        print(error)


if __name__ == "__main__":
    main()
