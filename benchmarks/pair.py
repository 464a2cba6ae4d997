"""What fetching and comparing a pair of answers costs, as a ratio to fetching it bare with aiohttp on uvloop; it judges nothing.

The server is a process of its own. Each figure is the least CPU time of this process over several interleaved rounds.
"""

import asyncio
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
import uvloop

from godwit.checks import compare_answers
from godwit.plan import Request
from godwit.pytest_plugin.setup import collect_less
from godwit.surfaces import exchange_pairs
from godwit.verdict import Outcome

PAIRS, ROUNDS, AT_ONCE, SIZE = 1000, 9, 8, 2000


def document(size: int) -> dict[str, Any]:
    """A list of tasks whose JSON has about `size` bytes, the same in every run."""
    chance = random.Random(size)
    items: list[dict[str, Any]] = []
    while len(json.dumps({"items": items})) < size:
        item = {
            "id": f"task-{len(items)}",
            "title": f"title {chance.randrange(10**6)}",
            "priority": chance.randrange(5),
        }
        items.append({**item, "owner": None, "done": False, "tags": ["alpha", "beta"]})
    return {"items": items}


class Served(asyncio.Protocol):
    """One connection of the little server: below `/baseline` one body, elsewhere the other."""

    replies: dict[bool, bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection to answer on it."""
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer one request; clients here never send two at once."""
        self.transport.write(self.replies[data.startswith(b"GET /baseline")])


def serve(told: Connection) -> None:
    """Run the server and tell its port."""
    one = document(SIZE)
    other = json.loads(json.dumps(one))
    other["items"][-1]["priority"] += 1
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    bodies = {True: json.dumps(one).encode(), False: json.dumps(other).encode()}
    Served.replies = {side: head.format(len(body)).encode() + body for side, body in bodies.items()}

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Served, "127.0.0.1", 0)
        told.send((server.sockets[0].getsockname()[1], len(bodies[True])))
        await server.serve_forever()

    uvloop.run(run())


async def bare(url: str) -> None:
    """Fetch every pair and keep nothing."""
    waiting = iter(range(PAIRS))

    async def worker(session: aiohttp.ClientSession) -> None:
        for _ in waiting:
            for side in ("baseline", "candidate"):
                async with session.get(f"{url}/{side}/tasks") as response:
                    await response.read()

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(worker(session) for _ in range(AT_ONCE)))


def fetched(url: str) -> list[Any]:
    """Fetch every pair as godwit does."""
    requests = [[Request(path="/tasks")]] * PAIRS
    return exchange_pairs(requests, f"{url}/baseline", f"{url}/candidate", at_once=AT_ONCE)


def compared(url: str) -> None:
    """Fetch and compare every pair; each has one difference."""
    for one, other in fetched(url):
        judgement = compare_answers("pair", one, other, (), (), ("content-type",))
        if judgement.outcome is not Outcome.FAILED or len(judgement.findings) != 1:
            raise SystemExit(f"the one difference was not found: {judgement.reason}")


def cpu_us(deed: Callable[[], object]) -> float:
    """CPU microseconds of this process for each pair."""
    started = time.process_time_ns()
    deed()
    return (time.process_time_ns() - started) / PAIRS / 1000


def measured(url: str) -> dict[str, float]:
    """The least cost of each way over all rounds."""
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    deeds: dict[str, Callable[[], object]] = {
        "bare aiohttp on uvloop": lambda: runner.run(bare(url)),
        "fetched by godwit": lambda: fetched(url),
        "fetched and compared by godwit": lambda: compared(url),
    }
    collect_less()  # as in every run of godwit
    with runner:
        rounds = [{name: cpu_us(deed) for name, deed in deeds.items()} for _ in range(ROUNDS)]
    return {name: min(costs[name] for costs in rounds) for name in deeds}


def main() -> None:
    """Print the figures as a table, or as JSON with `--json`."""
    context = multiprocessing.get_context("spawn")
    told, tells = context.Pipe(duplex=False)
    server = context.Process(target=serve, args=(tells,), daemon=True)
    server.start()
    port, size = told.recv()
    costs = measured(f"http://127.0.0.1:{port}")
    server.terminate()
    base = costs["bare aiohttp on uvloop"]
    rows = {name: {"us": round(us, 1), "of_bare": round(us / base, 2)} for name, us in costs.items()}
    if "--json" in sys.argv:
        print(json.dumps({"bytes": size, "pairs": PAIRS, "rows": rows}, indent=2))
        return
    print(f"| a pair of {size:,} bytes, one difference | µs | of bare |\n|---|---|---|")
    for name, row in rows.items():
        print(f"| {name} | {row['us']} | {row['of_bare']} |")


if __name__ == "__main__":
    main()
