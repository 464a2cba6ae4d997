"""Coordination nodes as processes: one state on all of them, over the loss of nodes, partitions, and late joiners."""

import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.migrations.v3_roadmap.conftest import run
from v3_roadmap.cluster.certificates import write_certificates
from v3_roadmap.cluster.local import LocalCluster, ask
from v3_roadmap.cluster.state import CoordinationState

AT = {"at": "2025-06-16T00:00:00+00:00", "by": "n1"}
FORMS_S = 60


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Three primaries, a worker and a balancer."""
    with LocalCluster(tmp_path_factory.mktemp("cluster"), primaries=3, workers=1, balancers=1) as running:
        running.wait(FORMS_S)
        yield running


@pytest.fixture(autouse=True)
def whole(request: pytest.FixtureRequest) -> None:
    """The cluster is whole again before each test that has it."""
    if "cluster" in request.fixturenames:
        request.getfixturevalue("cluster").wait(FORMS_S)


def put(url: str, agent: str, **given: Any) -> tuple[int, Any]:
    """The answer to what an agent does."""
    return ask("PUT", f"{url}/state/{agent}", {"task": "t", "status": "busy"} | given, timeout_s=40)


def until(holds: Callable[[], bool]) -> None:
    """Waits until it holds."""
    ends = time.monotonic() + FORMS_S
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


def states(cluster: LocalCluster) -> set[tuple[int, str]]:
    """How far each running node is, and what it holds."""
    answers = [ask("GET", f"{node.url}/state")[1] for node in cluster.nodes.values() if node.process]
    return {(answer["applied"], answer["digest"]) for answer in answers}


def test_agents_spread_evenly_and_every_node_holds_the_same(cluster: LocalCluster) -> None:
    door = cluster.doors[0].url
    with ThreadPoolExecutor(4) as crowd:
        seen = list(crowd.map(lambda n: put(door, f"agent-{n}")[0], range(100)))
    until(lambda: len(states(cluster)) == 1)
    agents = ask("GET", f"{door}/state?consistent=1")[1]["agents"]
    nodes = [agent["node"] for agent in agents.values()]
    served = [node["served"] for node in ask("GET", f"{door}/balancer/nodes")[1]["nodes"]]
    assert (set(seen), len(agents)) == ({200}, 100)
    assert {nodes.count(node) for node in cluster.nodes} == {25}
    assert min(served) > 0


def test_a_change_that_expects_another_version_is_refused(cluster: LocalCluster) -> None:
    door = cluster.doors[0].url
    first = put(door, "versioned", expect=0)
    seen = [put(door, "versioned", expect=expect)[0] for expect in (0, first[1]["version"])]
    assert (first[0], seen) == (200, [409, 200])


def test_a_leader_is_lost_without_a_lost_request(cluster: LocalCluster) -> None:
    door = cluster.doors[0].url
    leader = ask("GET", f"{door}/cluster")[1]["leader"]
    with ThreadPoolExecutor(4) as crowd:
        asked = [crowd.submit(put, door, f"during-{n}", task=str(n)) for n in range(20)]
        cluster.kill(leader)
        asked += [crowd.submit(put, door, f"during-{n}", task=str(n)) for n in range(20, 40)]
        seen = {one.result()[0] for one in asked}
    cluster.wait(FORMS_S)
    agents = ask("GET", f"{door}/state?consistent=1")[1]["agents"]
    cluster.start(leader)
    cluster.wait(FORMS_S)
    assert seen == {200}
    assert {f"during-{n}" for n in range(40)} <= set(agents)
    assert leader not in {agent["node"] for agent in agents.values()}
    until(lambda: len(states(cluster)) == 1)


def test_a_minority_changes_nothing_and_catches_up(cluster: LocalCluster) -> None:
    door, others = cluster.doors[0].url, [node for node in cluster.nodes if node != "n3"]
    cluster.cut_off("n3", others)
    alone = cluster.nodes["n3"].url
    until(lambda: ask("GET", f"{alone}/health")[0] == 503)
    refused, taken = put(alone, "split", task="minority"), put(door, "split", task="majority")
    cluster.cut_off("n3", [])
    cluster.wait(FORMS_S)
    until(lambda: len(states(cluster)) == 1)
    assert (refused[0], refused[1]["error"]["code"], taken[0]) == (503, "no_quorum", 200)
    assert ask("GET", f"{alone}/state/split")[1]["task"] == "majority"


def test_a_node_joins_while_others_serve_and_knows_all(cluster: LocalCluster) -> None:
    put(cluster.doors[0].url, "before-it-came")
    cluster.add("n9")
    cluster.wait(FORMS_S)
    until(lambda: len(states(cluster)) == 1)
    assert ask("GET", f"{cluster.nodes['n9'].url}/state/before-it-came")[0] == 200
    assert put(cluster.nodes["n9"].url, "through-it")[0] == 200


def test_messages_reach_their_agent_from_any_node(cluster: LocalCluster) -> None:
    put(cluster.nodes["n1"].url, "reader")
    sent = [
        ask("POST", f"{node.url}/messages", {"to": "reader", "body": node.id})[0] for node in cluster.nodes.values()
    ]
    read = f"{cluster.nodes['n4'].url}/messages/reader"
    until(lambda: len(ask("GET", read)[1]["messages"]) == len(sent))
    assert set(sent) == {201}
    assert ask("POST", f"{cluster.doors[0].url}/messages", {"to": "nobody", "body": "b"})[0] == 404


def test_every_change_is_on_the_trail_of_every_node(cluster: LocalCluster) -> None:
    put(cluster.doors[0].url, "on-record")
    until(lambda: len(states(cluster)) == 1)
    trails = [ask("GET", f"{node.url}/audit?since=0")[1]["changes"] for node in cluster.nodes.values()]
    assert all(trail == trails[0] for trail in trails)
    assert [entry["index"] for entry in trails[0]] == list(range(1, len(trails[0]) + 1))
    assert ("put", "on-record") in {(entry["operation"], entry["agent"]) for entry in trails[0]}


def test_without_a_certificate_of_the_authority_nobody_is_a_peer(cluster: LocalCluster, tmp_path: Path) -> None:
    word = cluster.nodes["n1"].words[cluster.nodes["n1"].words.index("--primaries") + 1]
    leader = ask("GET", f"{cluster.doors[0].url}/cluster")[1]["leader"]
    host, _, port = dict(place.split("=") for place in word.split(","))[leader].partition(":")
    write_certificates(tmp_path, ["n7"])
    own, strange = cluster.folder / "tls", tmp_path
    write_certificates(own, ["n7"])
    assert said_to(leader, host, int(port), own, own)
    assert said_to(leader, host, int(port), own, strange) == b""
    with socket.create_connection((host, int(port)), 10) as plain:
        plain.sendall(b"\0\0\0\1x")
        assert plain.recv(100)[:1] in {b"", b"\x15"}  # nothing, or an alert of TLS


def said_to(name: str, host: str, port: int, authority: Path, own: Path) -> bytes:
    """The first word that a node says to a worker with that certificate; none where it hangs up."""
    context = ssl.create_default_context(cafile=str(authority / "ca.pem"))
    context.load_cert_chain(own / "n7.pem", own / "n7.key")
    try:
        with socket.create_connection((host, port), 10) as raw, context.wrap_socket(raw, server_hostname=name) as peer:
            return peer.recv(1)
    except TimeoutError:
        return b"it waits"
    except OSError:
        return b""


def test_metrics_tell_how_the_cluster_is(cluster: LocalCluster) -> None:
    def alive() -> set[str]:
        texts = [metrics_of(node.url) for node in cluster.nodes.values()]
        return {line for text in texts for line in text if line.startswith("v3_cluster_alive")}

    assert alive() == {f"v3_cluster_alive {len(cluster.nodes)}.0"}


def metrics_of(url: str) -> list[str]:
    """Lines of a node's metrics."""
    return httpx.get(f"{url}/metrics").text.splitlines()


def test_the_same_changes_make_the_same_state_and_no_operation_counts_twice() -> None:
    chance, states_ = random.Random(6), [CoordinationState(), CoordinationState()]
    for node in ("n1", "n2", "n3"):
        for state in states_:
            state.join(**(AT | {"by": node}), role="primary", url=node)
    for _ in range(300):
        agent, operation = f"a{chance.randrange(12)}", f"o{chance.randrange(40)}"
        lost, alive = f"n{chance.randrange(2, 4)}", chance.random() < 0.6
        for state in states_:
            given = {"agent": agent, "task": "t", "status": "s", "expect": None, "operation": operation}
            assert state.put(**AT, **given) == state.put(**AT, **given)
            state.see(**AT, node=lost, alive=alive)
            load = state.load().values()
            assert max(load) - min(load) <= 1
    assert states_[0] == states_[1]


def test_an_operation_that_is_asked_for_twice_happens_once() -> None:
    state = CoordinationState()
    state.join(**AT, role="primary", url="n1")
    state.put(**AT, agent="a", task="t", status="s", expect=None, operation="put")
    message = {"to": "a", "body": "b", "sent_at": 0.0, "operation": "send"}
    sent = [state.send(**AT, **message), state.send(**AT, **message)]
    inbox = list(state.inboxes["a"])
    dropped = [state.drop(**AT, agent="a", operation="drop") for _ in range(2)]
    assert (sent[0] == sent[1], len(inbox), dropped) == (True, 1, [{"dropped": True}] * 2)


REFUSED = {
    "stranger": (["--id", "n8", "--role", "primary"], "a primary stands in --primaries"),
    "certificate": (["--id", "n8", "--role", "worker"], "is missing; write it by"),
    "places": (["--id", "n8", "--role", "worker", "--primaries", "n1"], "'n1' is not ID=host:port"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_node_says_in_one_line_why_it_does_not_start(tmp_path: Path, case: str) -> None:
    words, said = REFUSED[case]
    plain = ["--host", "127.0.0.1", "--port", "1", "--tls", tmp_path, "--data", tmp_path, "--primaries", "n1=h:1"]
    ended = run("v3_roadmap.cluster.node", *plain, *words)
    assert (ended.returncode, said in ended.stderr, len(ended.stderr.splitlines())) == (2, True, 1)
