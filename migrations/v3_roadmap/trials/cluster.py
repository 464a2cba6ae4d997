"""Trials of the cluster: it forms, balances, keeps one state, and goes on without whichever part is lost."""

import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plumbing.proof import Proof
from v3_roadmap.cluster.certificates import write_certificates
from v3_roadmap.cluster.local import LocalCluster, LocalNode, ask

_ROOM = "v3_roadmap.trials.cluster"
TRIALS = {
    f"cluster-{name}": f"{_ROOM}:{name.replace('-', '_')}"
    for name in ("forms", "balance", "node-loss", "balancer", "consistent", "messages", "partition", "join", "tls")
} | {"cluster-audit": f"{_ROOM}:audit", "cluster-health": f"{_ROOM}:health"}
AGENTS = 120
PATIENCE_S = 60.0
SETTLES_S = 20.0
FORMS_S = 30.0
TOLERANCE = 1.25


@dataclass(slots=True)
class Users:
    """Users who write through balancers all the time, and go to the next balancer where one is silent."""

    doors: list[str]
    done: int = 0
    failed: list[Any] = field(default_factory=list)
    longest_s: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self, name: str) -> None:
        """One user."""
        number = 0
        while not self._ended.is_set():
            number += 1
            begun = time.monotonic()
            answers = (ask("PUT", f"{door}/state/{name}", _doing(str(number)), 20) for door in self.doors)
            status, said = next((answer for answer in answers if answer[0] == 200), (0, "no balancer answers"))
            self.longest_s = max(self.longest_s, time.monotonic() - begun)
            self.done += status == 200
            if status != 200:
                self.failed.append(said)

    def end(self) -> None:
        """Lets all users go."""
        self._ended.set()


@contextmanager
def using(cluster: LocalCluster) -> Iterator[Users]:
    """Three users while a block runs."""
    users = Users([door.url for door in cluster.doors])
    with ThreadPoolExecutor(3) as crowd:
        running = [crowd.submit(users.run, f"user-{number}") for number in range(3)]
        try:
            yield users
        finally:
            users.end()
    for one in running:
        one.result()


def forms(proof: Proof, folder: Path) -> None:
    """Three primaries and five workers find each other."""
    with LocalCluster(folder, primaries=3, workers=5) as cluster:
        seconds = cluster.wait(PATIENCE_S)
        views = [ask("GET", f"{node.url}/cluster")[1] for node in cluster.nodes.values()]
        roles = [member["role"] for member in views[0]["members"]]
        proof.figure("formation_s", round(seconds, 2), "s")
        proof.that(f"the cluster forms in under {FORMS_S:g} s", seconds < FORMS_S)
        proof.same("every node has found all eight", {len(view["members"]) for view in views}, {8})
        proof.same("three are primaries, five are workers", (roles.count("primary"), roles.count("worker")), (3, 5))
        proof.same("all follow one leader", len({view["leader"] for view in views}), 1)
        proof.that("the leader is a primary", views[0]["leader"] in {"n1", "n2", "n3"})


def balance(proof: Proof, folder: Path) -> None:
    """More than a hundred agents work, spread over all nodes."""
    with LocalCluster(folder, primaries=3, workers=2, balancers=1) as cluster:
        cluster.wait(PATIENCE_S)
        door = cluster.doors[0].url
        with ThreadPoolExecutor(4) as crowd:
            ended = list(crowd.map(lambda number: _life(door, f"agent-{number:03}"), range(AGENTS)))
        agents = ask("GET", f"{door}/state?consistent=1")[1]["agents"]
        nodes = [agent["node"] for agent in agents.values()]
        counts = [nodes.count(node) for node in cluster.nodes]
        served = [node["served"] for node in ask("GET", f"{door}/balancer/nodes")[1]["nodes"]]
        waited = sorted(second for life in ended for second in life)
        proof.figure("agents", len(agents), "agents")
        proof.figure("mean_ms", round(1000 * sum(waited) / len(waited), 2), "ms")
        proof.figure("p95_ms", round(1000 * waited[int(len(waited) * 0.95)], 2), "ms")
        proof.same(f"all {AGENTS} agents end their work", _with(agents, "done"), AGENTS)
        proof.that("every node looks after agents", min(counts) > 0)
        proof.that(
            "the fullest node has at most 1.25 of the mean", max(counts) <= TOLERANCE * sum(counts) / len(counts)
        )
        proof.that("every node answers requests", min(served) > 0)
        proof.that("the busiest answers at most 1.25 of the mean", max(served) <= TOLERANCE * sum(served) / len(served))
        proof.that("the mean response is under 100 ms", sum(waited) / len(waited) < 0.1)


def node_loss(proof: Proof, folder: Path) -> None:
    """Each node is killed in turn while users write, the leader among them."""
    with LocalCluster(folder, primaries=3, workers=1, balancers=1) as cluster:
        cluster.wait(PATIENCE_S)
        before = set(_settled(cluster))
        with using(cluster) as users:
            for node in cluster.nodes:
                cluster.kill(node)
                cluster.wait(PATIENCE_S)
                after = ask("GET", f"{cluster.doors[0].url}/state?consistent=1")[1]["agents"].values()
                proof.that(f"nobody is left with {node} once it is lost", node not in {one["node"] for one in after})
                cluster.start(node)
                cluster.wait(PATIENCE_S)
        proof.figure("requests", users.done, "requests")
        proof.figure("longest_s", round(users.longest_s, 2), "s")
        proof.same("no request has failed", users.failed, [])
        proof.that("users have written all the time", users.done > 50)
        proof.same("all nodes hold the same in the end", len(_settled(cluster)), 1)
        proof.that("and it is not what it was", before.isdisjoint(_settled(cluster)))


def balancer(proof: Proof, folder: Path) -> None:
    """A balancer is lost, and the one beside it takes over."""
    with LocalCluster(folder, primaries=3, balancers=2) as cluster:
        cluster.wait(PATIENCE_S)
        _until(lambda: all(ask("GET", f"{door.url}/balancer/health")[0] == 200 for door in cluster.doors))
        with using(cluster) as users:
            _until(lambda: users.done > 20)
            cluster.end(cluster.doors[0])
            at = users.done
            _until(lambda: users.done > at + 20)
        proof.that("users go on through the standby", users.done > at + 20)
        proof.same("no request has failed", users.failed, [])
        proof.same("the first is gone", ask("GET", f"{cluster.doors[0].url}/balancer/health")[0], 0)


def consistent(proof: Proof, folder: Path) -> None:
    """Writers compete for one version, on all nodes at once."""
    with LocalCluster(folder, primaries=3, workers=1) as cluster:
        cluster.wait(PATIENCE_S)
        urls = [node.url for node in cluster.nodes.values()]
        ask("PUT", f"{urls[0]}/state/shared", _doing("0"))

        def compete(number: int) -> tuple[int, bool]:
            url = urls[number % len(urls)]
            version = ask("GET", f"{url}/state/shared?consistent=1")[1]["version"]
            status, said = ask("PUT", f"{url}/state/shared", _doing(str(number)) | {"expect": version})
            return status, status == 409 or (status == 200 and said["version"] == version + 1)

        with ThreadPoolExecutor(8) as crowd:
            ended = list(crowd.map(compete, range(120)))
        seen = [status for status, _ in ended]
        version = ask("GET", f"{urls[0]}/state/shared?consistent=1")[1]["version"]
        proof.figure("won", seen.count(200), "writes")
        proof.that("a write follows the version that it expects, or is refused", all(right for _, right in ended))
        proof.that("some came too late", seen.count(409) > 0)
        proof.same("as many versions as writes that were taken", version, 1 + seen.count(200))
        proof.same("all nodes hold the same", len(_settled(cluster)), 1)
        stale = 0
        for number in range(60):
            ask("PUT", f"{urls[number % 4]}/state/shared", _doing(f"last {number}"))
            found = ask("GET", f"{urls[(number + 1) % 4]}/state/shared?consistent=1")[1]
            stale += found["task"] != f"last {number}"
        proof.same("a consistent read on another node sees the last write, every time", stale, 0)


def messages(proof: Proof, folder: Path) -> None:
    """Messages reach the agent they are for, from any node to any other."""
    with LocalCluster(folder, primaries=3, workers=1) as cluster:
        cluster.wait(PATIENCE_S)
        urls = [node.url for node in cluster.nodes.values()]
        agents = [f"agent-{number}" for number in range(8)]
        for agent in agents:
            ask("PUT", f"{urls[0]}/state/{agent}", _doing("wait"))
        delays = []
        for number in range(40):
            agent, sender, reader = agents[number % 8], urls[number % 4], urls[(number + 1) % 4]
            begun = time.monotonic()
            ask("POST", f"{sender}/messages", {"to": agent, "body": str(number)})
            _until(lambda a=agent, r=reader, n=str(number): n in _bodies(r, a))  # type: ignore[misc]
            delays.append(time.monotonic() - begun)
        wanted = {
            agent: [str(number) for number in range(40) if number % 8 == place] for place, agent in enumerate(agents)
        }
        proof.figure("longest_s", round(max(delays), 3), "s")
        proof.same(
            "every agent has its messages in order, and no other", {a: _bodies(urls[0], a) for a in agents}, wanted
        )
        proof.that("each arrives in under a second", max(delays) < 1)


def partition(proof: Proof, folder: Path) -> None:
    """A node is cut off, first a follower and then the leader; the others serve, it does not, and all agree afterwards."""
    with LocalCluster(folder, primaries=3, workers=1, balancers=1) as cluster:
        cluster.wait(PATIENCE_S)
        door = cluster.doors[0].url
        for whom in ("follower", "leader"):
            leader = ask("GET", f"{door}/cluster")[1]["leader"]
            node = leader if whom == "leader" else next(n for n in ("n1", "n2", "n3") if n != leader)
            alone = cluster.nodes[node].url
            cluster.cut_off(node, [peer for peer in cluster.nodes if peer != node])
            _until(lambda a=alone: ask("GET", f"{a}/health")[0] == 503)  # type: ignore[misc]
            refused = ask("PUT", f"{alone}/state/split-{whom}", _doing("alone"))
            taken = ask("PUT", f"{door}/state/split-{whom}", _doing("together"), 20)
            old = ask("GET", f"{alone}/state")[0]
            cluster.cut_off(node, [])
            cluster.wait(PATIENCE_S)
            proof.same(f"the {whom} that is cut off refuses changes", refused[0], 503)
            proof.same(f"the {whom} that is cut off still tells what it knew", old, 200)
            proof.same(f"without the {whom} the others serve", taken[0], 200)
            proof.same("all agree once it is back", len(_settled(cluster)), 1)
            task = ask("GET", f"{alone}/state/split-{whom}?consistent=1")[1]["task"]
            proof.same("what the majority wrote is what counts", task, "together")


def join(proof: Proof, folder: Path) -> None:
    """A node joins while users write."""
    with LocalCluster(folder, primaries=3, balancers=1) as cluster:
        cluster.wait(PATIENCE_S)
        for number in range(20):
            ask("PUT", f"{cluster.doors[0].url}/state/agent-{number}", _doing("wait"))
        before = _processes(cluster)
        with using(cluster) as users:
            cluster.add("n4")
            seconds = cluster.wait(PATIENCE_S)
            at = users.done
            _until(lambda: users.done > at + 20)
        mine = [
            one for one in ask("GET", f"{cluster.nodes['n4'].url}/state")[1]["agents"].values() if one["node"] == "n4"
        ]
        proof.figure("joined_s", round(seconds, 2), "s")
        proof.same("no request has failed", users.failed, [])
        proof.same("the new node holds what all hold", len(_settled(cluster)), 1)
        proof.that("it looks after its share of the agents", 5 <= len(mine) <= 7)
        proof.same("nobody was started again", {one: _processes(cluster).get(one) for one in before}, before)


def tls(proof: Proof, folder: Path) -> None:
    """Nodes speak to each other under TLS 1.3 with certificates on both sides, or not at all."""
    with LocalCluster(folder, primaries=3) as cluster:
        cluster.wait(PATIENCE_S)
        write_certificates(folder / "tls", ["n7"])
        write_certificates(folder / "strange", ["n7"])
        leader = ask("GET", f"{cluster.nodes['n1'].url}/cluster")[1]["leader"]
        for node in cluster.nodes:
            address = _peer_address(cluster, node)
            proof.that(f"{node} says nothing to who speaks without TLS", _plain(address)[:1] in {b"", b"\x15"})
            proof.same(f"{node} says nothing to who has no certificate", _word(folder, None, node, address), b"")
            strange = _word(folder, folder / "strange", node, address)
            proof.same(f"{node} says nothing to a certificate of another authority", strange, b"")
        own = _word(folder, folder / "tls", leader, _peer_address(cluster, leader))
        proof.that("the leader does speak to a node of the cluster", len(own) == 1)


def audit(proof: Proof, folder: Path) -> None:
    """Every change is on the trail of every node."""
    with LocalCluster(folder, primaries=3, workers=1, balancers=1) as cluster:
        cluster.wait(PATIENCE_S)
        door = cluster.doors[0].url
        taken = [ask("PUT", f"{door}/state/agent-{number % 10}", _doing(str(number)))[0] for number in range(60)]
        dropped = [ask("DELETE", f"{door}/state/agent-{number}")[0] for number in range(5)]
        proof.same("all nodes hold the same", len(_settled(cluster)), 1)
        trails = [ask("GET", f"{node.url}/audit?since=0")[1]["changes"] for node in cluster.nodes.values()]
        counts = {what: sum(one["operation"] == what for one in trails[0]) for what in ("put", "drop")}
        proof.same("each operation is on record once", counts, {"put": taken.count(200), "drop": dropped.count(204)})
        proof.that("operations were taken", taken.count(200) == 60 and dropped.count(204) == 5)
        proof.that("the trail is the same on every node", all(trail == trails[0] for trail in trails))
        proof.that("it has no gap", [one["index"] for one in trails[0]] == list(range(1, len(trails[0]) + 1)))
        proof.that(
            "each entry says when and by whom", all(one["at"] and one["by"] in cluster.nodes for one in trails[0])
        )


def health(proof: Proof, folder: Path) -> None:
    """Monitoring shows a lost node and its return."""
    with LocalCluster(folder, primaries=3) as cluster:
        cluster.wait(PATIENCE_S)
        others = [cluster.nodes["n1"], cluster.nodes["n2"]]
        proof.same("three are shown alive", {_series(node, "v3_cluster_alive") for node in others}, {3.0})
        proof.same("one is shown to lead", sum(_series(n, "v3_cluster_is_leader") for n in cluster.nodes.values()), 1.0)
        begun = time.monotonic()
        cluster.kill("n3")
        _until(lambda: {_series(node, "v3_cluster_alive") for node in others} == {2.0})
        seconds = time.monotonic() - begun
        proof.figure("noticed_s", round(seconds, 2), "s")
        proof.that("a lost node shows within a scrape interval of 15 s", seconds < 15)
        cluster.start("n3")
        _until(lambda: {_series(node, "v3_cluster_alive") for node in others} == {3.0})
        proof.same("its return shows, too", {_series(node, "v3_cluster_has_quorum") for node in others}, {1.0})


def _processes(cluster: LocalCluster) -> dict[str, int]:
    """The process of each node that runs."""
    return {one.id: one.process.pid for one in cluster.nodes.values() if one.process and one.process.poll() is None}


def _doing(task: str, status: str = "busy") -> dict[str, Any]:
    return {"task": task, "status": status}


def _life(door: str, agent: str) -> list[float]:
    seconds = []
    for status in ("busy", "reviewing", "done"):
        begun = time.monotonic()
        ask("PUT", f"{door}/state/{agent}", _doing("work", status))
        seconds.append(time.monotonic() - begun)
    return seconds


def _with(agents: dict[str, Any], status: str) -> int:
    return sum(agent["status"] == status for agent in agents.values())


def _settled(cluster: LocalCluster) -> list[str]:
    """What the nodes hold, each different state once, as soon as it is one and the same or patience has ended."""

    def states() -> set[tuple[int, str]]:
        found = [ask("GET", f"{node.url}/state")[1] for node in cluster.nodes.values() if node.process]
        return {(one["applied"], one["digest"]) for one in found}

    ends = time.monotonic() + SETTLES_S
    while len(found := states()) > 1 and time.monotonic() < ends:
        time.sleep(0.05)
    return [digest for _, digest in found]


def _bodies(url: str, agent: str) -> list[str]:
    return [message["body"] for message in ask("GET", f"{url}/messages/{agent}")[1]["messages"]]


def _series(node: LocalNode, name: str) -> float:
    with urllib.request.urlopen(f"{node.url}/metrics", timeout=10) as answer:  # noqa: S310 - loopback
        lines = answer.read().decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > ends:
            raise TimeoutError(f"it has not come about in {PATIENCE_S:g} s")
        time.sleep(0.02)


def _peer_address(cluster: LocalCluster, node: str) -> tuple[str, int]:
    words = cluster.nodes[node].words
    places = dict(place.split("=") for place in words[words.index("--primaries") + 1].split(","))
    host, _, port = places[node].rpartition(":")
    return host, int(port)


def _plain(address: tuple[str, int]) -> bytes:
    with socket.create_connection(address, 10) as connection:
        connection.sendall(b"\0\0\0\1x")
        try:
            return connection.recv(100)
        except OSError:
            return b""


def _word(folder: Path, own: Path | None, node: str, address: tuple[str, int]) -> bytes:
    """The first word of a node to who shows that certificate, or what else is wrong; none if it hangs up."""
    context = ssl.create_default_context(cafile=str(folder / "tls" / "ca.pem"))
    if own is not None:
        context.load_cert_chain(own / "n7.pem", own / "n7.key")
    try:
        with (
            socket.create_connection(address, 3) as raw,
            context.wrap_socket(raw, server_hostname=node) as peer,
        ):
            return (peer.version() or "").encode() if peer.version() != "TLSv1.3" else peer.recv(1)
    except TimeoutError:
        return b"it waits"
    except OSError:
        return b""
