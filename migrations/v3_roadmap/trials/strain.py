"""Trials under strain: overload, a day of cycles, whoever means harm, and the cache."""

import ast
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from plumbing.proof import Proof
from v3_roadmap.trials.serving import Served, v3

AT_ONCE, EACH = 48, 25
CYCLES, EVERY_S = 720, 120
MEMORY_MB = 12.0
HOME = Path(__file__).resolve().parents[1]
CALLS = frozenset({"eval", "exec", "compile", "__import__"})
MODULES = frozenset({"pickle", "marshal", "shelve", "telnetlib"})
DANGEROUS = ("eval(text)", "os.system(text)", "run(text, shell=True)", "import pickle", "from pickle import loads")
HARM = (
    "'; DROP TABLE work; --",
    '" OR 1=1',
    "../../etc/passwd",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "%s%n",
    "a\r\nX: y",
)


def overload(proof: Proof, folder: Path) -> None:
    """Far more at once than it can do: nothing that was acknowledged is lost, nothing breaks, and it is well again."""
    with v3(folder) as new:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = [one for some in pool.map(lambda number: _burst(new, number), range(AT_ONCE)) for one in some]
        kept = {name for name, status in answers if status == 200}
        odd = sorted({status for _, status in answers} - {200, 429, 503})
        proof.same("every answer is success or shedding", odd, [])
        proof.that("some were acknowledged", len(kept) > AT_ONCE)
        there = _all_agents(new)
        proof.same("what was acknowledged is there", sorted(kept - there), [])
        proof.same("what was not is not", sorted(there - kept), [])
        proof.same("it is well again", new.client.get("/health").status_code, 200)
        proof.same("and takes on more", new.do("register-agent", agent="after", team="team").status_code, 200)
    proof.figure("requests", len(answers), "requests")
    proof.figure("acknowledged", len(kept), "requests")


def endurance(proof: Proof, folder: Path) -> None:
    """A day of cycles, one every two minutes of it, run through in seconds: no memory, file or thread stays behind."""
    with v3(folder) as new:
        for number in range(CYCLES // 4):
            _cycle(new, number)
        before = _held(new.pid)
        for number in range(CYCLES // 4, CYCLES):
            _cycle(new, number)
        after = _held(new.pid)
        proof.same("every cycle succeeded", new.result("team-report", team="cycle")["done"], CYCLES)
        proof.that(f"memory grew by under {MEMORY_MB:g} MB", after[0] - before[0] < MEMORY_MB)
        proof.that("no file stays open", after[1] <= before[1] + 2)
        proof.that("no thread stays", after[2] <= before[2] + 1)
        proof.same("it is well", new.client.get("/health").status_code, 200)
    proof.figure("stands for", CYCLES * EVERY_S / 3600, "h")
    proof.figure("cycles", CYCLES, "cycles")
    proof.figure("memory after", round(after[0], 1), "MB")
    proof.figure("growth", round(after[0] - before[0], 1), "MB")


def security(proof: Proof, folder: Path) -> None:
    """No critical finding: none in the source, and whoever means harm from outside gets an answer and nothing more."""
    proof.same("a dangerous call would be noticed", [text for text in DANGEROUS if not _found(text)], [])
    proof.same("the source has none", _dangerous(), [])
    with v3(folder) as new:
        new.result("register-agent", agent="kept", team="team")
        for text in HARM:
            answer = new.do("add-work", type=text, description=text, team=text)
            stored = answer.json().get("result", {}).get("work", {}).get("description")
            proof.that(f"{text!r} is kept as it is or refused", stored == text or answer.status_code == 422)
        for path in ("/../../etc/passwd", "/dashboard/../../x", "/commands/%2e%2e%2fx", "/static/x", "/.git/config"):
            code = new.client.request("GET", path).status_code
            proof.that(f"{path} gives nothing away", code in (404, 405))
        for said, body in _bad_bodies().items():
            answer = new.client.post("/commands/add-work", content=body, headers={"content-type": "application/json"})
            proof.that(f"{said} is refused", 400 <= answer.status_code < 500)
            proof.that(
                f"and no inside is shown for {said}", "Traceback" not in answer.text and "File " not in answer.text
            )
        proof.same("everybody is still there", "kept" in _all_agents(new), True)
        proof.same("the service is well", new.client.get("/health").status_code, 200)


def cache(proof: Proof, folder: Path) -> None:
    """A repeated read comes from the cache, a read after a write never does."""
    hits = 'coordination_cache_total{result="hit"}'
    with v3(folder) as new:
        new.result("register-agent", agent="one", team="team")
        first = new.result("list-agents", team="team")
        before = new.metric(hits)
        again = [new.result("list-agents", team="team") for _ in range(20)]
        hit = new.metric(hits) - before
        proof.same("repeated reads come from the cache", hit, 20.0)
        proof.that("and are the same", all(one == first for one in again))
        for number in range(10):
            new.result("register-agent", agent=f"next-{number}", team="team")
            seen = {one["agent"] for one in new.result("list-agents", team="team")["agents"]}
            proof.that(f"after write {number} the answer is new", f"next-{number}" in seen)
    proof.figure("hit ratio of repeated reads", 100 * hit / len(again), "%")


def _burst(new: Served, number: int) -> list[tuple[str, int]]:
    found = []
    with httpx.Client(base_url=new.url, timeout=60.0) as client:
        for place in range(EACH):
            name = f"burst-{number}-{place}"
            try:
                answer = client.post("/commands/register-agent", json={"agent": name, "team": "burst"})
                found.append((name, answer.status_code))
            except httpx.TransportError:
                found.append((name, 0))
    return found


def _all_agents(new: Served) -> set[str]:
    return {one["agent"] for one in new.result("list-agents")["agents"]}


def _cycle(new: Served, number: int) -> None:
    agent = f"cycle-{number}"
    new.result("register-agent", agent=agent, team="cycle")
    new.result("add-work", type="cycle", description="d", team="cycle")
    work = new.result("claim-work", agent=agent)["work"]["id"]
    new.result("complete-work", agent=agent, work=work, outcome="success")
    new.result("deregister-agent", agent=agent)


def _held(pid: int) -> tuple[float, int, int]:
    """Memory of its own in MB, open files, threads."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    private = sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))
    return private / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())), len(list(Path(f"/proc/{pid}/task").iterdir()))


def _dangerous() -> list[str]:
    """What runs what comes from outside, in the source of the candidate and of the model API's stub."""
    sources = sorted([*(HOME / "candidate").rglob("*.py"), *(HOME / "models").rglob("*.py")])
    return [f"{path.name}:{found}" for path in sources for found in _found(path.read_text(encoding="utf-8"))]


def _found(source: str) -> list[str]:
    return [f"{node.lineno}: {word}" for node in ast.walk(ast.parse(source)) for word in _words(node)]  # type: ignore[attr-defined]


def _words(node: ast.AST) -> Iterator[str]:
    """Calls that run a text, and imports of modules that do."""
    if isinstance(node, ast.Import):
        yield from MODULES & {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
        yield from MODULES & {node.module}
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        is_builtin = isinstance(node.func, ast.Name) and name in CALLS
        if is_builtin or name in ("system", "popen") or any(word.arg == "shell" for word in node.keywords):
            yield name


def _bad_bodies() -> dict[str, bytes]:
    deep = b"[" * 20_000 + b"]" * 20_000
    large = json.dumps({"type": "t", "team": "t", "description": "x" * 5_000_000}).encode()
    return {
        "nothing": b"",
        "half of a text": b'{"type": "',
        "a list": b"[]",
        "depth": deep,
        "size": large,
        "bytes": b"\xff\xfe",
    }
