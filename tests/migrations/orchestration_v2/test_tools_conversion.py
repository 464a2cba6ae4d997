"""Properties of the conversion on small states; it needs no store and no process."""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "migrations"))

from orchestration_v2.tools import conversion, problems, seed, validation

ROLES = sorted(conversion.TEAM_OF)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
OFFSET = st.sampled_from(["Z", "+14:00", "-11:30", "+00:00"])
INSTANT = st.builds(lambda s, o: f"2025-02-03T04:05:{s:02d}{o}", st.integers(0, 59), OFFSET)


@st.composite
def states(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """A v1 state without problems: any agents, edges between them, and work for them."""
    roles = draw(st.lists(st.sampled_from(ROLES), min_size=1, unique=True))
    talks = {role: draw(st.lists(st.sampled_from(roles), unique=True)) for role in roles}
    task = st.fixed_dictionaries(
        {
            "title": TEXT,
            "agent": st.one_of(st.none(), st.sampled_from(roles)),
            "status": st.sampled_from(sorted(conversion.TASK_STATUS)),
            "priority": st.integers(1, 5),
            "workflow_id": st.one_of(st.none(), st.sampled_from(["w0", "w1", "lost"])),
            "created_by": TEXT,
            "created_at": INSTANT,
            "estimate": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
            "deleted": st.booleans(),
            "result": st.one_of(st.none(), st.just('{"a": [1, null]}')),
            "notes": st.one_of(st.none(), TEXT),
        }
    )
    status = st.sampled_from(["paused", "completed"])
    flows = [
        {"id": f"w{n}", "title": draw(TEXT), "critical": draw(st.booleans()), "owner": "ana"}
        | {"status": draw(status), "created_at": draw(INSTANT)}
        for n in range(draw(st.integers(0, 3)))
    ]
    return {
        "agents": [
            {
                "id": role,
                "role": role,
                "capacity": draw(st.integers(0, 99)),
                "talks_to": json.dumps([other for other in talks[role] if other != role]),
            }
            for role in roles
        ],
        "workflows": flows,
        "workflow_steps": [
            {"workflow_id": row["id"], "seq": n, "agent": draw(st.sampled_from(roles)), "state": "pending"}
            for row in flows
            for n in (1, 2)
        ],
        "tasks": [{"id": f"t{n}", **row} for n, row in enumerate(draw(st.lists(task, max_size=6)))],
        "messages": [
            {"id": f"m{n}", "sender": a, "recipient": b, "body": draw(TEXT), "sent_at": draw(INSTANT)}
            for n, (a, b) in enumerate(draw(st.lists(st.tuples(*[st.sampled_from(roles)] * 2), max_size=3)))
        ],
        "idempotency": [{"key": "k", "task_id": "t0"}],
        "integrations": [{"id": "i", "agent": draw(st.sampled_from(roles)), "kind": "chat", "url": "u"}],
    }


@given(states())
def test_every_state_without_problems_converts_to_a_valid_one(state: dict[str, list[dict[str, Any]]]) -> None:
    assert problems.source_problems(state, allow_active=False) == []
    converted = conversion.convert_state(state)
    assert validation.validate_v2_state(converted) == []
    assert validation.compare_with_source(state, converted) == []


@given(states())
def test_conversion_leaves_its_source_alone_and_gives_the_same_twice(state: dict[str, list[dict[str, Any]]]) -> None:
    before = copy.deepcopy(state)
    assert conversion.convert_state(state) == conversion.convert_state(state)
    assert state == before


@given(states())
def test_capacity_is_conserved_in_each_team_and_in_all(state: dict[str, list[dict[str, Any]]]) -> None:
    capacity = {row["team"]: row["n"] for row in conversion.calculate_v2_capacity(state)}
    for team in set(conversion.TEAM_OF.values()) & set(capacity):
        mine = [row["capacity"] for row in state["agents"] if conversion.TEAM_OF[row["role"]] == team]
        assert capacity[team] == sum(mine)
    assert capacity["total"] == sum(row["capacity"] for row in state["agents"])


@given(states())
def test_no_edge_is_lost_on_its_way_to_the_subscriptions(state: dict[str, list[dict[str, Any]]]) -> None:
    edges = sorted([row["id"], other] for row in state["agents"] for other in json.loads(row["talks_to"]))
    events = conversion.extract_event_mappings(state)
    assert sorted(edge for row in events for edge in json.loads(row["origin"])) == edges


@given(states())
def test_texts_figures_and_time_stamps_of_tasks_stay_verbatim(state: dict[str, list[dict[str, Any]]]) -> None:
    kept = ("id", "title", "priority", "created_at", "estimate", "deleted", "result", "notes")
    converted = conversion.convert_tasks(state)
    assert [[row[name] for name in kept] for row in converted] == [
        [row[name] for name in kept] for row in state["tasks"]
    ]


@given(states(), st.sampled_from(["agents", "tasks", "messages", "workflow_steps", "integrations"]), st.data())
def test_an_unknown_role_is_refused_wherever_it_stands(
    state: dict[str, list[dict[str, Any]]], table: str, data: st.DataObject
) -> None:
    if not state[table]:
        return
    column = {"agents": "role", "messages": "recipient"}.get(table, "agent")
    data.draw(st.sampled_from(state[table]))[column] = "prompt-writer"
    found = problems.source_problems(state, allow_active=True)
    assert any("unknown agent role 'prompt-writer'" in line and table in line for line in found)


def spoil_duplicate_edge(state: dict[str, list[dict[str, Any]]]) -> None:
    state["agents"][0]["talks_to"] = '["sre","sre"]'


def spoil_edge_to_nobody(state: dict[str, list[dict[str, Any]]]) -> None:
    state["agents"][0]["talks_to"] = '["intern"]'


def spoil_capacity(state: dict[str, list[dict[str, Any]]]) -> None:
    state["agents"][0]["capacity"] = -1


def spoil_agents(state: dict[str, list[dict[str, Any]]]) -> None:
    state["agents"].clear()


def spoil_presence(state: dict[str, list[dict[str, Any]]]) -> None:
    state["agents"] = [row for row in state["agents"] if row["role"] != "sre"]


def spoil_step(state: dict[str, list[dict[str, Any]]]) -> None:
    state["workflow_steps"][0]["workflow_id"] = "gone"


def spoil_status(state: dict[str, list[dict[str, Any]]]) -> None:
    state["tasks"][0]["status"] = "parked"


def spoil_time(state: dict[str, list[dict[str, Any]]]) -> None:
    state["tasks"][0]["created_at"] = "2025-02-03T04:05:06"


def spoil_id(state: dict[str, list[dict[str, Any]]]) -> None:
    state["tasks"][0]["id"] = state["workflows"][0]["id"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(spoil_duplicate_edge, "duplicate edge 'backend-engineer' -> 'sre'", id="duplicate-edge"),
        pytest.param(spoil_edge_to_nobody, "leads to an agent that is not there", id="edge-to-nobody"),
        pytest.param(spoil_capacity, "it must be a whole number from 0", id="negative-capacity"),
        pytest.param(spoil_agents, "there is none", id="no-agents"),
        pytest.param(spoil_presence, "role 'sre' in", id="work-for-an-absent-role"),
        pytest.param(spoil_step, "belongs to the missing workflow 'gone'", id="step-without-workflow"),
        pytest.param(spoil_status, "status of 'task-000000' is 'parked'", id="unknown-status"),
        pytest.param(spoil_time, "write ISO 8601 with an offset", id="time-without-offset"),
        pytest.param(spoil_id, "is the id of a workflow as well", id="shared-id"),
    ],
)
def test_a_state_that_cannot_be_converted_is_refused_with_its_reason(spoil: Any, says: str) -> None:
    state = seed.seeded_state(5, 1)
    spoil(state)
    assert any(says in line for line in problems.source_problems(state, allow_active=True))


def test_a_seed_gives_the_same_rows_and_another_seed_others() -> None:
    assert seed.seeded_state(50, 3) == seed.seeded_state(50, 3)
    assert seed.seeded_state(50, 3) != seed.seeded_state(50, 4)


def test_seeded_tasks_show_every_ugly_trait() -> None:
    tasks = seed.seeded_state(200, 3)["tasks"]
    flows = {f"workflow-{n:04d}" for n in range(seed.WORKFLOWS)}
    assert any(row["agent"] is None for row in tasks)
    assert any(row["deleted"] for row in tasks)
    assert any(row["workflow_id"] not in flows for row in tasks if row["workflow_id"])
    assert len({row["title"] for row in tasks}) < len(tasks)
    assert {2**53 + 1, -1, 0, None} <= {row["estimate"] for row in tasks}
    assert {"", None} <= {row["notes"] for row in tasks}
    assert {"+14:00", "-11:30"} <= {row["created_at"][-6:] for row in tasks}
    assert any(row["created_at"].endswith("Z") for row in tasks)


DOCUMENT_SPOILS = {
    "missing-key": lambda d: d.pop("events"),
    "extra-key": lambda d: d.update(extra=1),
    "wrong-version": lambda d: d.update(version="2.0.1"),
    "step-with-unknown-team": lambda d: d["workflows"][-1]["steps"].append({"id": "s", "team": "sales", "state": "x"}),
    "event-without-subscriber": lambda d: d["events"][0].update(subscriber_teams=[]),
    "other-total": lambda d: d["capacity"].update(total=1),
}


@pytest.mark.parametrize("spoil", DOCUMENT_SPOILS.values(), ids=DOCUMENT_SPOILS.keys())
def test_a_spoiled_document_is_not_valid(spoil: Any) -> None:
    document = validation.state_document(conversion.convert_state(seed.seeded_state(5, 1)))
    assert validation.document_problems(document) == []
    spoil(document)
    assert validation.document_problems(document) != []
