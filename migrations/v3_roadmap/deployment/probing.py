"""Users' traffic while something is changed: asks all the time on threads of its own and keeps what came of each request."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Probed:
    """One request: when it began (monotonic seconds), how long it took, its status (0 is no answer), who served it."""

    at_s: float
    took_s: float
    status: int
    served_by: str


@dataclass(slots=True)
class Traffic:
    """What all requests so far came to; `acknowledged` are the agents whose registration was answered with 200, and their skill."""

    probed: list[Probed] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)

    def failed(self) -> list[Probed]:
        """Requests without a good answer."""
        return [probe for probe in self.probed if probe.status != 200]

    def served(self, since_s: float = 0.0, until_s: float = float("inf")) -> Counter[str]:
        """How many each side served in a span of time."""
        return Counter(probe.served_by for probe in self.probed if since_s <= probe.at_s < until_s)

    def mean_ms(self, side: str) -> float:
        """The mean of what a side took."""
        took = [probe.took_s for probe in self.probed if probe.served_by == side and probe.status == 200]
        return 1000 * sum(took) / len(took) if took else float("nan")


Ask = Callable[[httpx.Client, str, Traffic, int], httpx.Response]


def reading(client: httpx.Client, url: str, _traffic: Traffic, _turn: int) -> httpx.Response:
    """A request that changes nothing."""
    return client.get(f"{url}/status")


def registering(client: httpx.Client, url: str, traffic: Traffic, turn: int) -> httpx.Response:
    """Registers an agent with a skill on every third turn, else reads one that was acknowledged and compares its skill."""
    known = list(traffic.acknowledged.items())
    if turn % 3 and known:
        agent, skill = known[(turn * 7) % len(known)]
        answer = client.post(f"{url}/commands/agent-status", json={"agent": agent})
        if answer.status_code == 200 and answer.json()["result"]["specialization"] != skill:
            traffic.differing.append(f"{agent}: {answer.json()['result']} instead of {skill}")
        return answer
    agent, skill = f"agent-{turn}", f"skill-{turn % 11}"
    words = {"agent": agent, "team": "red", "capacity": 1, "specialization": skill}
    answer = client.post(f"{url}/commands/register-agent", json=words)
    if answer.status_code == 200:
        traffic.acknowledged[agent] = skill
    return answer


@contextmanager
def users(url: str, ask: Ask = reading, threads: int = 2) -> Iterator[Traffic]:
    """Users who ask until the block ends."""
    traffic, stop = Traffic(), threading.Event()
    turns = iter(range(1, 10_000_000))
    workers = [threading.Thread(target=_use, args=(url, ask, traffic, stop, turns)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield traffic
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def _use(url: str, ask: Ask, traffic: Traffic, stop: threading.Event, turns: Iterator[int]) -> None:
    with httpx.Client(timeout=30, trust_env=False) as client:
        while not stop.is_set():
            begun = time.monotonic()
            try:
                answer = ask(client, url, traffic, next(turns))
                status, side = answer.status_code, answer.headers.get("x-served-by", "")
            except httpx.HTTPError:
                status, side = 0, ""
            traffic.probed.append(Probed(begun, time.monotonic() - begun, status, side))
            stop.wait(EVERY_S)
