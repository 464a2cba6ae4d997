"""Trials of the stack: what is pinned, that it comes up and its services reach each other, less of it, and twice the same."""

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator

from plumbing.journal import Journal
from plumbing.proof import Proof
from v3_roadmap.infrastructure.querying import ask, queried
from v3_roadmap.infrastructure.rendering import ENVIRONMENTS, differing, rendered
from v3_roadmap.infrastructure.stack import Stack, standing

PINS = {
    "postgres": "postgres:15.5",
    "redis": "redis:7.2.4",
    "prometheus": "prom/prometheus:v2.48.1",
    "grafana": "grafana/grafana:10.2.3",
    "jaeger": "jaegertracing/all-in-one:1.51",
}
TALK = {("app", "postgres"), ("app", "redis"), ("app", "jaeger"), ("prometheus", "app"), ("grafana", "prometheus")}
NO_TALK = {("grafana", "postgres"), ("grafana", "redis")}
START_LIMIT_S = 300


def pins(proof: Proof, _folder: Path) -> None:
    """compose.yaml is a Compose file, pins what the roadmap names, and every service has a health check and limits."""
    compose = rendered("production")
    errors = [
        error.message for error in Draft7Validator(get_builtin_schema("vendor.compose-spec")).iter_errors(compose)
    ]
    proof.same("compose.yaml is as the Compose specification says", errors, [])
    services = compose["services"]
    for name, image in PINS.items():
        proof.same(f"{name} is pinned", services[name]["image"], image)
    proof.that("the application is one of them", "app" in services)
    proof.same("every service says when it is healthy", [n for n, s in services.items() if "healthcheck" not in s], [])
    limited = [name for name, s in services.items() if {"cpus", "memory"} <= s["deploy"]["resources"]["limits"].keys()]
    proof.same("every service has limits", sorted(limited), sorted(services))
    floating = [name for name, s in services.items() if s["image"].rpartition(":")[2] in {"", "latest"}]
    proof.same("no version floats", floating, [])
    waits = services["app"]["depends_on"]
    proof.same("the application waits for database and cache", set(waits), {"postgres", "redis"})
    proof.that("until they are healthy", all(how == {"condition": "service_healthy"} for how in waits.values()))
    proof.that("no password is written in it", "POSTGRES_PASSWORD:" not in json.dumps(compose))


def up(proof: Proof, folder: Path) -> None:
    """The stack is healthy in under five minutes, started one by one, and stays within its limits and up while it is probed."""
    begun = time.monotonic()
    with standing(folder) as stack:
        took = time.monotonic() - begun
        proof.that("all are healthy in under five minutes", took < START_LIMIT_S)
        proof.figure("start", round(took, 1), "s")
        for name, seconds in stack.seconds.items():
            proof.figure(f"start of {name}", round(seconds, 2), "s")
        order = [entry["service"] for entry in Journal(folder / "journal.jsonl").entries()]
        wanted = ["postgres", "redis", "jaeger", "app", "exporter", "prometheus"]
        proof.same("each was checked before the next began", order, wanted)
        health = ask(f"{stack['app']}/health")[1]
        proof.same("the application is on the database", health["store"]["kind"], "postgresql")
        proof.same("and on the cache", health["cache"]["kind"], "redis")
        limits = {name: _bytes(s["deploy"]["resources"]["limits"]["memory"]) for name, s in _services().items()}
        used = _used_bytes(stack)
        for name, bytes_used in used.items():
            proof.figure(f"memory of {name}", round(bytes_used / 1e6, 1), "MB")
        proof.same("all services' processes are found", sorted(used), sorted(stack.urls))
        proof.same("none is over its limit", [name for name in used if used[name] > limits[name]], [])
        asked = [ask(f"{stack['app']}/health")[0] for _ in range(200)]
        proof.same("200 probes of 200 are answered", asked.count(200), 200)


def pairs(proof: Proof, folder: Path) -> None:
    """Every service reaches those that it needs: on a network of its own in compose.yaml, and really where the programs run."""
    networks = {name: set(service.get("networks", ())) for name, service in _services().items()}
    for one, other in sorted(TALK):
        proof.that(f"{one} and {other} share a network", networks[one] & networks[other])
    for one, other in sorted(NO_TALK):
        proof.that(f"{one} and {other} do not", not networks[one] & networks[other])
    with standing(folder) as stack:
        url = stack["app"]
        done = ask(f"{url}/commands/register-agent", {"agent": "pair", "team": "red", "capacity": 2})
        proof.same("an agent registers", done[0], 200)
        with psycopg.connect(stack["postgres"].replace("+psycopg", "")) as database:
            rows = database.execute("select capacity from agents where id = 'pair'").fetchall()
        proof.same("application to database: its row is there", rows, [(2,)])
        for _ in range(3):
            ask(f"{url}/commands/list-agents", {})
            ask(f"{url}/status")
        proof.that(
            "application to collector: spans arrived", _soon(lambda: ask(f"{stack['jaeger']}/spans")[1]["spans"])
        )
        proof.that("application to cache: there are keys", _soon(lambda: _keys(stack["redis"])))
        for job in ("app", "exporter"):
            seen = _soon(partial(queried, stack["prometheus"], f'up{{job="{job}"}} == 1'))
            proof.that(f"Prometheus to {job}: it is up", seen)


def reduced(proof: Proof, folder: Path) -> None:
    """Without Grafana, Jaeger and Prometheus the application works: the simplified deployment."""
    with standing(folder, observed=False) as stack:
        proof.same("only database, cache and application run", sorted(stack.urls), ["app", "postgres", "redis"])
        url = stack["app"]
        proof.same("an agent registers", ask(f"{url}/commands/register-agent", _agent("one"))[0], 200)
        work = {"type": "build", "description": "d", "team": "red"}
        proof.same("work is added", ask(f"{url}/commands/add-work", work)[0], 200)
        claimed = ask(f"{url}/commands/claim-work", {"agent": "one"})
        proof.that("and claimed", claimed[0] == 200 and claimed[1]["result"]["work"])


def identical(proof: Proof, folder: Path) -> None:
    """Two deployments of an environment are the same, and staging is production but for its name."""
    for environment in ENVIRONMENTS:
        proof.same(f"{environment} is the same twice", differing(rendered(environment), rendered(environment)), [])
    apart = differing(rendered("staging"), rendered("production"))
    proof.same("staging is production but for its name", apart, ["/services/app/environment/COORDINATION_ENVIRONMENT"])
    schemas = []
    for name in ("one", "two"):
        with standing(folder / name, observed=False) as stack:
            schemas.append(_schema(stack["postgres"]))
    proof.that("two deployments make a schema", schemas[0])
    proof.same("and the same one", schemas[0], schemas[1])


def _services() -> dict[str, Any]:
    services: dict[str, Any] = rendered("production")["services"]
    return services


def _agent(name: str) -> dict[str, object]:
    return {"agent": name, "team": "red", "capacity": 3}


def _bytes(text: str) -> int:
    return int(text.removesuffix("M")) * 1024 * 1024


def _used_bytes(stack: Stack) -> dict[str, int]:
    """Resident memory of what listens on each service's port, children included."""
    ports = {int(url.split("@")[-1].split(":")[-1].split("/")[0]): name for name, url in stack.urls.items()}
    used = {}
    for connection in psutil.net_connections("tcp"):
        address: Any = connection.laddr
        name = ports.get(address[1]) if connection.status == psutil.CONN_LISTEN else None
        if name and connection.pid:
            parent = psutil.Process(connection.pid)
            used[name] = sum(_own_bytes(each) for each in (parent, *parent.children(recursive=True)))
    return used


def _own_bytes(each: psutil.Process) -> int:
    try:
        return int(each.memory_full_info().uss)
    except psutil.Error:
        return 0


def _keys(url: str) -> int:
    import redis

    with redis.Redis.from_url(url) as client:
        return int(client.dbsize())


def _soon(seen: Any, limit_s: float = 20) -> Any:
    ends = time.monotonic() + limit_s
    while not (found := seen()) and time.monotonic() < ends:
        time.sleep(0.1)
    return found


def _schema(url: str) -> list[tuple[Any, ...]]:
    query = (
        "select table_name, column_name, data_type, is_nullable from information_schema.columns"
        " where table_schema = 'public' order by 1, 2"
    )
    with psycopg.connect(url.replace("+psycopg", "")) as database:
        return database.execute(query).fetchall()
