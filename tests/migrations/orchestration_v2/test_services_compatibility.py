"""Each defect of compatibility changes something that a client of the v1 API sees, and the plan seeds every one of them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from godwit.plan import load_plan

pytestmark = pytest.mark.slow

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
PLACED = [
    defect.id
    for defect in load_plan(MIGRATIONS / "orchestration_v2/plan.yaml").defects
    if defect.place is not None and "the-candidate-answers-as-the-baseline" in defect.promise
]
"""What shows without any flag; defects that show under some flags only are the gateway's."""
TASK = {"title": "  Grüße " + "x" * 200, "created_by": "u", "role": "sre", "estimate": 2**53 + 3, "notes": "a < b"}
FLOW = {"title": "w", "owner": "o", "critical": True, "steps": [{"agent": "sre"}]}
LOOKS: list[tuple[str, str, Any]] = [
    ("POST", "/api/tasks", TASK),
    ("POST", "/api/tasks", {"title": "t", "created_by": "u"}),
    ("POST", "/api/tasks", {"title": "t", "created_by": "u", "role": "pm", "colour": "red"}),
    ("POST", "/api/tasks", {"title": "", "created_by": "u"}),
    ("POST", "/api/tasks", {"title": "t", "created_by": "u", "priority": "2"}),
    ("POST", "/api/tasks/batch", {"tasks": [TASK], "run": True}),
    ("GET", "/api/tasks?limit=1", None),
    ("POST", "/api/messages", {"sender": "backend-engineer", "recipient": "sre", "body": "1"}),
    ("POST", "/api/messages", {"sender": "backend-engineer", "recipient": "sre", "body": "2"}),
    ("GET", "/api/agents/sre/messages", None),
    ("GET", "/api/agents", None),
    ("GET", "/api/agents/sre", None),
    ("POST", "/api/workflows", FLOW),
    ("GET", "/api/workflows?status=active", None),
    ("GET", "/api/workflows?status=paused", None),
    ("GET", "/api/workflows/none", None),
    ("GET", "/api/tasks/none", None),
    ("GET", "/api/tasks?limit=0", None),
    ("PUT", "/api/agents/sre", {}),
    ("GET", "/api/agents/", None),
]
MADE = re.compile(r"[0-9a-f]{20}|\d{20,}|\d\d:\d\d:\d\d\.\d+|\d{4}-\d\d-\d\d|127\.0\.0\.1:\d+")


def said(answer: Any) -> str:
    """Status, headers and body, without what is made anew each time."""
    shown = {name: answer.headers.get(name) for name in ("content-type", "location", "allow")}
    return MADE.sub("(made)", f"{answer.status_code} {json.dumps(shown)} {answer.text}")


def seen(service: Any) -> list[str]:
    """All that a client sees who makes, asks for, ends and deletes something of each kind."""
    keyed = [service.client.post("/api/tasks", json=TASK, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    task = f"/api/tasks/{keyed[0].json()['id']}"
    ended = [service.client.post(f"{task}/complete", json={"success": True, "result": {"n": None}}) for _ in range(2)]
    deleted = [service.client.delete(task) for _ in range(2)]
    looks = [service.client.request(method, path, json=body) for method, path, body in LOOKS]
    return [said(answer) for answer in (*keyed, *ended, *deleted, *looks)]


@pytest.fixture(scope="module")
def sound(launch: Any) -> list[str]:
    """What is seen without a defect."""
    service = launch("candidate")
    try:
        return seen(service)
    finally:
        service.stop()


def test_without_a_defect_the_same_is_seen_again(launch: Any, sound: list[str]) -> None:
    service = launch("candidate")
    assert seen(service) == sound
    service.stop()


@pytest.mark.parametrize("defect", PLACED)
def test_a_defect_of_compatibility_changes_what_is_seen(launch: Any, sound: list[str], defect: str) -> None:
    service = launch("candidate", defect=defect)
    assert seen(service) != sound
    service.stop()


def test_the_plan_seeds_every_defect_of_compatibility_and_says_where_it_is_found() -> None:
    command = "from orchestration_v2.compatibility_defects import DEFECTS; print(*DEFECTS)"
    words = [sys.executable, "-c", command]
    known = subprocess.run(words, cwd=MIGRATIONS, capture_output=True, text=True, check=True).stdout.split()
    assert len(known) > 30
    assert set(known) <= set(PLACED)
