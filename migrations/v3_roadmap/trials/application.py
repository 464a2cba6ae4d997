"""Trials of the one application: that it does what three did, shows what happens, and that its workflows succeed."""

import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from plumbing.proof import Proof
from v3_roadmap.clients.commands import Client, story
from v3_roadmap.trials.serving import Served, v2, v3

STATES = ("open", "claimed", "done", "failed")
SEEN_WITHIN_S = 1.0
CHANGES = 20


def one_application(proof: Proof, folder: Path) -> None:
    """V2 is three applications behind a door; V3 is one process, the stub of the model API aside."""
    with v2(folder) as old, v3(folder) as new:
        proof.same("V2 has three applications", len(old.client.get("/health").json()["apps"]), 3)
        proof.that("and a process for each", len(_children(old.pid)) >= 3)
        others = [words for words in _children(new.pid) if "v3_roadmap.models" not in words]
        proof.same("V3 has no process but its own", others, [])
        names = {command["name"] for command in new.client.get("/commands").json()["commands"]}
        listed = old.client.get("/commands").json()["commands"]
        proof.same("it has the commands of all three", names, {one["name"] for one in listed if one["present"]})
        proof.same("which are of three applications", len({one["app"] for one in listed if one["present"]}), 3)


def features(proof: Proof, folder: Path) -> None:
    """Every command and route that V2 has answers alike on V3, in a story that needs all of them."""
    with v2(folder) as old, v3(folder) as new:
        told = [story(Client(side.url)) for side in (old, new)]
        proof.same("both tell the same steps", [name for name, _ in told[1]], [name for name, _ in told[0]])
        proof.same("all 15 commands have a part in it", len({name for name, _ in told[1]}), 15)
        for place, ((name, before), (_, after)) in enumerate(zip(*told, strict=True), 1):
            proof.same(f"step {place}, {name}, has the same result", _plain(after), _plain(before))
        for path in ("/agents", "/work", "/status"):
            sides = [_plain(side.client.get(path).json()) for side in (old, new)]
            proof.same(f"{path} answers alike", sides[1], sides[0])
        for path in ("/dashboard", "/audit", "/metrics", "/health"):
            proof.same(f"{path} is there", new.client.get(path).status_code, 200)


def score(proof: Proof, folder: Path) -> None:
    """The health score stays within 0 and 100 whatever happens, where V2's does not."""
    chance = random.Random(105)
    with v2(folder) as old, v3(folder) as new:
        proof.same("V2's best is over its most", old.result("health-score")["score"], 105.8)
        seen = [new.result("health-score")["score"]]
        for step in range(60):
            _disturb(new, chance, step)
            seen.append(new.result("health-score")["score"])
        proof.same("V3's best is 100", seen[0], 100.0)
        proof.that("it never leaves 0 to 100", all(0 <= one <= 100 for one in seen))
        proof.that("and it moves", len(set(seen)) > 10)
    proof.figure("lowest", min(seen), "of 100")
    proof.figure("highest", max(seen), "of 100")


def dashboard(proof: Proof, folder: Path) -> None:
    """The page renders what the status says and asks anew whenever an event comes; nothing of it lies elsewhere."""
    with v3(folder) as new:
        page = new.client.get("/dashboard")
        proof.same("the page is there", page.status_code, 200)
        proof.that("it is a page", page.headers["content-type"].startswith("text/html"))
        proof.same("nothing of it lies elsewhere", re.findall(r"(?:src|href)=|https?://", page.text), [])
        proof.that("it hears of events", 'EventSource("/events")' in page.text)
        proof.that("and then asks for the status", 'fetch("/status")' in page.text)
        shown = re.search(r"const rows = \{(.*?)\}", page.text)
        wanted = re.findall(r"status\.(\w+)", shown[1]) if shown else []
        status = new.client.get("/status").json()
        proof.that("every figure that it shows is in the status", wanted and set(wanted) <= status.keys())
        new.result("register-agent", agent="seen", team="team")
        proof.same("a change is in the status", new.client.get("/status").json()["agents"], status["agents"] + 1)


def realtime(proof: Proof, folder: Path) -> None:
    """Who listens hears of every change within a second, in order, and of those that came while nobody listened."""
    heard: list[tuple[float, str]] = []
    with v3(folder) as new:
        new.result("register-agent", agent="before", team="team")
        listening = threading.Event()
        ear = threading.Thread(target=_listen, args=(new, "", CHANGES, heard, listening), daemon=True)
        ear.start()
        listening.wait(20)
        made = []
        for number in range(CHANGES):
            made.append((time.monotonic(), f"live-{number}"))
            new.result("register-agent", agent=f"live-{number}", team="team")
        ear.join(20)
        missed: list[tuple[float, str]] = []
        _listen(new, "?since=0", CHANGES + 1, missed, threading.Event())
    proof.same("every change is heard, in order", [name for _, name in heard], [name for _, name in made])
    delays = [at - begun for (at, _), (begun, _) in zip(heard, made, strict=False)]
    proof.that("each within a second", delays and max(delays) < SEEN_WITHIN_S)
    proof.same("what came before can be had, too", [name for _, name in missed][:2], ["before", "live-0"])
    proof.figure("longest delay", round(1000 * max(delays, default=0.0)), "ms")


def workflows(proof: Proof, folder: Path) -> None:
    """Work goes from its making to its end in every way that there is, and in none that there is not."""
    with v3(folder) as new:
        for name in ("first", "second"):
            new.result("register-agent", agent=name, team="flow", capacity=2)
        _by_priority(proof, new)
        _handed_on(proof, new)
        _within_capacity(proof, new)
        report = new.result("team-report", team="flow")
        counted = {state: report[state] for state in STATES}
        listed = [one["status"] for one in new.result("list-work", team="flow")["work"]]
        proof.same("the report counts what is listed", counted, {state: listed.count(state) for state in STATES})
        kinds = [entry["kind"] for entry in new.client.get("/audit").json()["events"]]
        used = {"register-agent", "add-work", "claim-work", "progress-work", "complete-work", "release-work"}
        proof.that("every operation is in the trail", used <= set(kinds))


def agents(proof: Proof, folder: Path) -> None:
    """20 and 100 agents share out their work and end all of it, each piece once, in under 100 ms an operation."""
    with v3(folder) as new:
        for crowd in (20, 100):
            team = f"crowd-{crowd}"
            for number in range(crowd):
                new.result("register-agent", agent=f"{team}-{number}", team=team)
            work = {
                new.result("add-work", type="t", description="d", team=team)["work"]["id"] for _ in range(3 * crowd)
            }
            with ThreadPoolExecutor(8) as pool:
                done = list(pool.map(lambda number, of=team: _work_off(new, f"{of}-{number}"), range(crowd)))
            ended = [one for mine in done for one in mine]
            proof.same(f"{crowd} agents end every piece of work once", sorted(ended), sorted(work))
            proof.that(f"all {crowd} had a part in it", all(done))
            report = new.result("team-report", team=team)
            proof.same("nothing is left", (report["open"], report["claimed"], report["done"]), (0, 0, 3 * crowd))
        took, n = (new.metric(f"coordination_request_seconds_{part}") for part in ("sum", "count"))
        quick = new.metric('coordination_request_seconds_bucket{le="0.1"}')
        proof.that("an operation takes under 100 ms on average", n > 0 and took / n < 0.1)
        proof.that("and 95 % of them do", quick >= 0.95 * n)
    proof.figure("operations", n, "operations")
    proof.figure("mean", round(1000 * took / n, 2), "ms")


def _work_off(new: Served, agent: str) -> list[str]:
    """Three pieces at most, so that everybody gets some."""
    done: list[str] = []
    while len(done) < 3 and (found := new.result("claim-work", agent=agent)["work"]):
        new.result("complete-work", agent=agent, work=found["id"], outcome="success")
        done.append(found["id"])
    return done


def _by_priority(proof: Proof, new: Served) -> None:
    made = [_added(new, priority) for priority in (3, 1, 5, 1)]
    claimed = [new.result("claim-work", agent=agent)["work"]["id"] for agent in ("first", "first", "second", "second")]
    proof.same(
        "the most urgent comes first, the oldest of equals before", claimed, [made[1], made[3], made[0], made[2]]
    )
    for agent, work in zip(("first", "first", "second", "second"), claimed, strict=True):
        new.result("progress-work", agent=agent, work=work, percent=50)
        ended = new.result("complete-work", agent=agent, work=work, outcome="success")["work"]
        proof.same("it ends", (ended["status"], ended["percent"]), ("done", 100))


def _handed_on(proof: Proof, new: Served) -> None:
    work = _added(new, 1)
    new.result("claim-work", agent="first")
    new.result("release-work", agent="first", work=work)
    again = new.result("claim-work", agent="second")["work"]
    proof.same("what is released goes to another", (again["id"], again["agent"]), (work, "second"))
    proof.same(
        "who released it cannot end it", _code(new, "complete-work", agent="first", work=work, outcome="success"), 409
    )
    failed = new.result("complete-work", agent="second", work=work, outcome="failure")["work"]
    proof.same("it can fail", failed["status"], "failed")
    proof.same("and not end twice", _code(new, "complete-work", agent="second", work=work, outcome="success"), 409)


def _within_capacity(proof: Proof, new: Served) -> None:
    held = [_added(new, 2) for _ in range(3)]
    for _ in range(2):
        new.result("claim-work", agent="first")
    proof.same("nobody claims more than fits", _code(new, "claim-work", agent="first"), 409)
    proof.same("who has claims cannot leave", _code(new, "deregister-agent", agent="first"), 409)
    for work in held[:2]:
        new.result("complete-work", agent="first", work=work, outcome="success")
    new.result("deregister-agent", agent="first")
    proof.same("who has left is not there", _code(new, "agent-status", agent="first"), 404)
    new.result("claim-work", agent="second")
    proof.same(
        "the others go on",
        new.result("complete-work", agent="second", work=held[2], outcome="success")["work"]["status"],
        "done",
    )


def _added(new: Served, priority: int) -> str:
    return str(new.result("add-work", type="flow", description="d", team="flow", priority=priority)["work"]["id"])


def _code(new: Served, command: str, **given: Any) -> int:
    return new.do(command, **given).status_code


def _disturb(new: Served, chance: random.Random, step: int) -> None:
    """One change at random: an agent, work, or its end."""
    if step % 10 == 0:
        new.result("register-agent", agent=f"agent-{step}", team="team", capacity=2)
    for _ in range(chance.randint(0, 5)):
        new.result("add-work", type="t", description="d", team="team")
    agent = f"agent-{chance.randrange(0, step + 1, 10)}"
    found = new.do("claim-work", agent=agent).json().get("result", {}).get("work")
    if found and chance.random() < 0.7:
        outcome = chance.choice(("success", "failure"))
        new.result("complete-work", agent=agent, work=found["id"], outcome=outcome)


def _listen(new: Served, query: str, until: int, heard: list[tuple[float, str]], listening: threading.Event) -> None:
    """Notes when each event came and of whom it tells, until there are so many."""
    with new.client.stream("GET", f"/events{query}", timeout=20.0) as stream:
        listening.set()
        for line in stream.iter_lines():
            named = re.search(r'"agent": ?"([^"]+)"', line) if line.startswith("data:") else None
            if named:
                heard.append((time.monotonic(), named[1]))
            if len(heard) >= until:
                return


def _children(pid: int) -> list[str]:
    """The command lines of the processes that one has started."""
    ids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode() for child in ids]


def _plain(value: Any) -> Any:
    """What must be the same on both sides: without ids, times and scores."""
    if isinstance(value, dict):
        left = {"id", "createdAt", "updatedAt", "seenAt", "score"}
        return {key: _plain(item) for key, item in value.items() if key not in left}
    return [_plain(item) for item in value] if isinstance(value, list) else value
