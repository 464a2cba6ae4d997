"""V2 and V3 as their users meet them: the same commands with the same answers, but for what V3 is meant to change."""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.migrations.v3_roadmap.conftest import command, run
from v3_roadmap.baseline.delays import Delays

SIDES = ("baseline", "candidate")
CHANGING = re.compile(r"work-[0-9a-f]{20}|\d{4}-\d\d-\d\dT[0-9:.+]+")
Sides = dict[str, httpx.Client]
AGENT = {"agent": "a-1", "team": "ops", "capacity": 1}
WRONG: list[tuple[str, Any]] = [
    ("register-agent", {"agent": "", "team": "x" * 201, "capacity": 0}),
    ("register-agent", {"agent": "a\0", "team": "t", "specialization": 7}),
    ("register-agent", {"agent": "a", "team": "t", "capacity": True, "colour": "red"}),
    ("add-work", {}),
    ("add-work", {"type": "t", "description": "d", "team": "t", "priority": 6}),
    ("progress-work", {"agent": "a", "work": "w", "percent": 1.0}),
    ("complete-work", {"agent": "a", "work": "w", "outcome": "maybe"}),
    ("list-work", {"status": "lost"}),
    ("dashboard", {"team": "t"}),
    ("heartbeat", ["a"]),
    ("heartbeat", {"agent": "nobody"}),
    ("deregister-agent", {"agent": "nobody"}),
    ("claim-work", {"agent": "nobody"}),
    ("complete-work", {"agent": "a", "work": "work-0", "outcome": "success"}),
    ("kanban-board", {}),
    ("no-such-command", {}),
]


def steady(text: str) -> str:
    """Without what differs from run to run."""
    return CHANGING.sub("-", text)


def refusal(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """What clients rely on."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("fields", [])


def test_the_story_of_all_commands_is_told_the_same_by_both(sides: Sides) -> None:
    scores = [command(sides[side], "health-score")["score"] for side in SIDES]
    told = {side: run("v3_roadmap.clients.commands", "--url", api.base_url, "--all") for side, api in sides.items()}
    texts = {re.sub(r'"score": [0-9.]+', "", steady(said.stdout)) for said in told.values()}
    assert [said.returncode for said in told.values()] == [0, 0]
    assert (len(texts), scores) == (1, [105.8, 100.0])


@pytest.mark.parametrize(("name", "given"), WRONG, ids=[f"{i}-{name}" for i, (name, _) in enumerate(WRONG)])
def test_both_refuse_alike(sides: Sides, name: str, given: Any) -> None:
    seen = [refusal(sides[side].post(f"/commands/{name}", json=given)) for side in SIDES]
    assert seen[0] == seen[1]
    assert seen[0][0] in {404, 422}


@pytest.mark.parametrize("side", SIDES)
def test_an_agent_that_is_busy_cannot_leave_nor_take_more(sides: Sides, side: str) -> None:
    api = sides[side]
    command(api, "register-agent", agent="busy", team="full")
    command(api, "add-work", type="t", description="d", team="full")
    command(api, "claim-work", agent="busy")
    tried = [("claim-work", {"agent": "busy"}), ("deregister-agent", {"agent": "busy"})]
    tried.append(("register-agent", {"agent": "busy", "team": "full"}))
    assert {refusal(api.post(f"/commands/{name}", json=given))[:2] for name, given in tried} == {(409, "conflict")}


@pytest.mark.parametrize("side", SIDES)
def test_work_is_claimed_by_urgency_and_never_twice(sides: Sides, side: str) -> None:
    api, team = sides[side], "race"
    for number in range(8):
        command(api, "register-agent", agent=f"racer-{number}", team=team, capacity=2)
    wanted = [command(api, "add-work", type="t", description="d", team=team, priority=p) for p in (3, 5, 1, 3) * 2]
    with ThreadPoolExecutor(8) as crowd:
        claims = list(crowd.map(lambda n: command(api, "claim-work", agent=f"racer-{n % 8}")["work"]["id"], range(8)))
    assert sorted(claims) == sorted(one["work"]["id"] for one in wanted)
    assert command(api, "claim-work", agent="racer-0")["work"] is None


@pytest.mark.parametrize("path", ["/agents", "/work", "/status"])
def test_the_overlapping_routes_have_one_answer_on_v3(sides: Sides, path: str) -> None:
    seen = [list(sides[side].get(path).json()) for side in SIDES]
    assert seen[0] == seen[1]
    assert sides["baseline"].get(f"/apps/registry{path}").status_code == 200


def test_v2_documents_forty_commands_and_has_fifteen(sides: Sides) -> None:
    found = {side: api.get("/commands").json() for side, api in sides.items()}
    present = {side: {one["name"] for one in told["commands"] if one["present"]} for side, told in found.items()}
    assert (found["baseline"]["documented"], found["candidate"]["documented"]) == (40, 15)
    assert present["baseline"] == present["candidate"]


def test_v2_never_gets_an_answer_of_the_model(sides: Sides) -> None:
    seen = [sides["baseline"].post("/models/ask", json={"prompt": f"p{n}"}).status_code for n in range(3)]
    assert seen == [502, 502, 502]


def test_v2_takes_its_time() -> None:
    delays, chance = Delays(250, 100, 1), random.Random(5)
    seen = [delays.next_s(chance) for _ in range(1000)]
    assert (min(seen) >= 0.15, max(seen) <= 0.35, abs(sum(seen) / 1000 - 0.25) < 0.01) == (True, True, True)


def test_a_store_or_cache_for_want_of_a_better_is_declared(sides: Sides) -> None:
    health = sides["candidate"].get("/health").json()
    metrics = sides["candidate"].get("/metrics").text
    assert health["store"] == {"kind": "sqlite", "fallback": True}
    assert health["cache"] == {"kind": "memory", "fallback": True, "up": True}
    assert 'coordination_fallback{part="store"} 1.0' in metrics


def test_every_change_is_on_the_trail_and_told_at_once(sides: Sides) -> None:
    api = sides["candidate"]
    with api.stream("GET", "/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        command(api, "register-agent", agent="told", team="told")
        seen = next(line for line in lines if line.startswith("data: "))
    trail = api.get("/audit", params={"since": 0}).json()["events"]
    assert '"kind": "register-agent"' in seen
    assert '"agent": "told"' in seen
    assert [entry["seq"] for entry in trail] == list(range(1, len(trail) + 1))


def test_the_dashboard_needs_nothing_from_elsewhere(sides: Sides) -> None:
    page = sides["candidate"].get("/dashboard")
    assert "text/html" in page.headers["content-type"]
    assert "://" not in page.text


@pytest.mark.parametrize("side", SIDES)
def test_faults_act_on_users_and_not_on_health(sides: Sides, side: str) -> None:
    api = sides[side]
    api.put("/internal/faults", json={"error_rate": 1.0})
    seen = [api.get(path).status_code for path in ("/agents", "/health")]
    api.delete("/internal/faults")
    assert (seen, api.get("/agents").status_code) == ([500, 200], 200)


REFUSED = {
    "store": (["--store", "mysql://x", "--cache", "memory"], {}, "store 'mysql://x' cannot be used"),
    "folder": (["--store", "sqlite:////no/such/folder/x.db", "--cache", "memory"], {}, "unable to open"),
    "cache": (["--store", "sqlite:////tmp/x.db", "--cache", "disk"], {}, "write redis://host:port/0, or memory"),
    "schema": (["--store", "sqlite:////tmp/x.db", "--cache", "memory"], {"V3_SCHEMA": "9"}, "1, 2, 3 are known"),
    "silent": (["--store", "postgresql://u@127.0.0.1:1/x", "--cache", "memory"], {}, "PostgreSQL does not answer"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_v3_says_in_one_line_why_it_does_not_start(case: str) -> None:
    words, environment, said = REFUSED[case]
    ended = run("v3_roadmap.candidate", "--host", "127.0.0.1", "--port", "0", *words, **environment)
    assert (ended.returncode, ended.stdout, said in ended.stderr) == (2, "", True)
    assert len(ended.stderr.splitlines()) == 1


CLIENT = {
    "refused": (["heartbeat", "agent=nobody"], 1, "agent_not_found"),
    "misused": (["heartbeat", "nobody"], 2, "is not key=value"),
    "silent": (["--url", "http://127.0.0.1:1", "dashboard"], 3, "nobody answers"),
}


@pytest.mark.parametrize("case", CLIENT)
def test_the_command_client_says_what_is_wrong(sides: Sides, case: str) -> None:
    words, code, said = CLIENT[case]
    ended = run("v3_roadmap.clients.commands", *words, V3_URL=str(sides["candidate"].base_url))
    assert (ended.returncode, said in ended.stderr) == (code, True)
