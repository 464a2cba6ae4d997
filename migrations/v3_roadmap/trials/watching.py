"""Trials of what watches: alert rules on both sides of every limit, dashboards, traces, series, thirty days of history."""

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from plumbing.proof import Proof
from v3_roadmap.infrastructure import alerting, programs
from v3_roadmap.infrastructure.dashboards import DASHBOARDS, dashboard
from v3_roadmap.infrastructure.querying import ask, firing, queried
from v3_roadmap.infrastructure.rendering import rendered
from v3_roadmap.infrastructure.stack import HERE, Stack, scraping, standing

LOAD_LIMIT_S = 3.0
DAY_S = 86_400


def alerts_rules(proof: Proof, folder: Path) -> None:
    """Five alerts, two bands and one for silence in each phase; promtool finds each on the right side of its limit."""
    promtool = programs.installed("promtool", "prometheus")
    for phase in alerting.PHASES:
        shipped = HERE / f"prometheus/alerts-{phase}.yaml"
        rules = YAML(typ="safe").load(shipped)
        proof.same(f"{phase}: the file is what the table says", rules, alerting.rules(phase))
        entries = rules["groups"][0]["rules"]
        documented = [entry for entry in entries if entry["labels"]["origin"] == "document"]
        proof.same(f"{phase}: five alerts of the document", len(documented), 5)
        bands = [entry["alert"] for entry in entries if entry["labels"]["origin"] == "band"]
        proof.same(f"{phase}: a band where an alert leaves a gap", bands, ["ModelBelowTarget", "UptimeBelowTarget"])
        proof.that(f"{phase}: promtool reads it", "SUCCESS" in programs.run([promtool, "check", "rules", shipped]))
        tests = alerting.unit_tests(phase, str(shipped))
        alerting.write_yaml(tests, folder / f"{phase}.yaml")
        said = programs.run([promtool, "test", "rules", folder / f"{phase}.yaml"])
        proof.that(f"{phase}: every limit has both sides", "SUCCESS" in said and len(tests["tests"]) == 13)
        proof.figure(f"tests of {phase}", len(tests["tests"]), "tests")
    limits = [alert.limit for alert in alerting.alerts_of("production")[:2]]
    proof.same("in production the limits are those of the document", limits, [120, 150])
    accepted = [alerting.alerts_of(phase)[0].limit >= alerting.ACCEPTED_MS[phase] for phase in alerting.PHASES]
    proof.that("no phase is warned of what it accepts", all(accepted))
    _wrong_rules_are_noticed(proof, folder, promtool)


def _wrong_rules_are_noticed(proof: Proof, folder: Path, promtool: str) -> None:
    rules = alerting.rules("production")
    rules["groups"][0]["rules"][0]["expr"] = rules["groups"][0]["rules"][0]["expr"].replace("> 120", "> 122")
    alerting.write_yaml(rules, folder / "wrong.yaml")
    alerting.write_yaml(alerting.unit_tests("production", "wrong.yaml"), folder / "tests.yaml")
    proof.refuses(
        "a limit that is 2 ms too high fails the tests",
        programs.NotStartedError,
        programs.run,
        [promtool, "test", "rules", folder / "tests.yaml"],
    )


def alerts_fire(proof: Proof, folder: Path) -> None:
    """A Prometheus server fires each alert for what is over its limit, and none for what is just under it."""
    rules = alerting.rules("production", window="10s", holds="0s")
    sides = {"under": Figures(119, 999.5, 79e6), "slow": Figures(121, 991, 81e6), "over": Figures(151, 989, 81e6)}
    with programs_of(sides) as urls:
        gone = f"http://{programs.LOCAL}:{programs.free_port()}"
        config = scraping(folder, {"app": " ".join([*urls.values(), gone])}, rules)
        with programs.prometheus(folder, config) as server:
            names = {url.removeprefix("http://"): name for name, url in (urls | {"gone": gone}).items()}
            seen = _settled(lambda: {(alert, names.get(place, place)) for alert, place in firing(server)}, _due())
    for name, instance in sorted(_due()):
        proof.that(f"{name} fires for {instance}", (name, instance) in seen)
    proof.same("nothing else fires", sorted(seen - _due()), [])
    proof.that("nothing fires for what is just under", not any(instance == "under" for _, instance in seen))
    proof.figure("alerts fired", len(seen), "alerts")


def _due() -> set[tuple[str, str]]:
    return {
        ("ResponseSlow", "slow"),
        ("ModelBelowTarget", "slow"),
        ("MemoryHigh", "slow"),
        ("ResponseSlow", "over"),
        ("ResponseVerySlow", "over"),
        ("ModelFailing", "over"),
        ("ModelBelowTarget", "over"),
        ("MemoryHigh", "over"),
        ("UptimeLow", "gone"),
        ("UptimeBelowTarget", "gone"),
    }


def _settled(
    look: Callable[[], set[tuple[str, str]]], due: set[tuple[str, str]], limit_s: float = 60
) -> set[tuple[str, str]]:
    """What is seen once all that is due is there, and three evaluations later; or at the limit."""
    ends = time.monotonic() + limit_s
    while not due <= look() and time.monotonic() < ends:
        time.sleep(0.3)
    time.sleep(3)
    return look()


class Figures:
    """The metrics of an application whose mean response, model calls that succeed of 1000, and memory are set."""

    def __init__(self, response_ms: float, model_good: float, memory_bytes: float) -> None:
        self._set = (response_ms, model_good, memory_bytes)
        self._asked = 0

    def exposition(self) -> str:
        """The text of /metrics; its counters grow each time."""
        self._asked += 1
        response_ms, good, memory = self._set
        lines = {
            "coordination_request_seconds_count": 1000 * self._asked,
            "coordination_request_seconds_sum": response_ms * self._asked,
            'coordination_model_calls_total{result="ok"}': good * self._asked,
            'coordination_model_calls_total{result="failed"}': (1000 - good) * self._asked,
            "process_resident_memory_bytes": memory,
        }
        return "".join(f"{name} {value!r}\n" for name, value in lines.items())


@contextmanager
def programs_of(sides: dict[str, Figures]) -> Iterator[dict[str, str]]:
    """An application for each name that only shows its figures; their URLs."""
    servers = {name: _server(figures) for name, figures in sides.items()}
    try:
        yield {name: f"http://{programs.LOCAL}:{server.server_address[1]}" for name, server in servers.items()}
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()


def _server(figures: Figures) -> ThreadingHTTPServer:
    class Shown(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the standard library's name
            content = figures.exposition().encode()
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((programs.LOCAL, 0), Shown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def dashboards(proof: Proof, folder: Path) -> None:
    """Each dashboard is as Grafana wants it, and each of its queries gives values on the running stack, in under three seconds."""
    schema = Draft202012Validator(json.loads((HERE / "schemas/dashboard.schema.json").read_bytes()))
    for name in DASHBOARDS:
        shipped = json.loads((HERE / f"grafana/dashboards/{name}.json").read_bytes())
        proof.same(f"{name} is what the table says", shipped, dashboard(name))
        proof.same(f"{name} is as its schema says", [error.message for error in schema.iter_errors(shipped)], [])
        broken = shipped | {"panels": [shipped["panels"][0] | {"targets": []}]}
        proof.that(f"a panel of {name} without a query is refused", list(schema.iter_errors(broken)))
    sources = YAML(typ="safe").load(HERE / "grafana/provisioning/datasources/prometheus.yaml")["datasources"]
    known = {source["uid"]: source["url"] for source in sources}
    proof.same("the source of the panels is Prometheus", known["prometheus"], "http://prometheus:9090")
    provided = YAML(typ="safe").load(HERE / "grafana/provisioning/dashboards/coordination.yaml")["providers"]
    mounts = [volume.split(":")[1] for volume in rendered("production")["services"]["grafana"]["volumes"]]
    proof.that("the dashboards are mounted where they are looked for", provided[0]["options"]["path"] in mounts)
    with standing(folder) as stack:
        _work(stack, folder)
        for name, (_, panels) in DASHBOARDS.items():
            empty = _settled_panels(stack, [panel.expression for panel in panels])
            proof.same(f"every panel of {name} shows values", empty, [])
            begun = time.monotonic()
            for panel in panels:
                queried(stack["prometheus"], panel.expression)
            took = time.monotonic() - begun
            proof.that(f"{name} is drawn in under three seconds", took < LOAD_LIMIT_S)
            proof.figure(f"queries of {name}", round(took, 3), "s")


def _settled_panels(stack: Stack, expressions: list[str], limit_s: float = 30) -> list[str]:
    ends = time.monotonic() + limit_s
    while True:
        empty = [text for text in expressions if not _values(stack, text)]
        if not empty or time.monotonic() > ends:
            return empty
        time.sleep(0.5)
        _work(stack, None)


def _values(stack: Stack, expression: str) -> list[float]:
    found = [float(series["value"][1]) for series in queried(stack["prometheus"], expression)]
    return [value for value in found if not math.isnan(value)]


def _work(stack: Stack, folder: Path | None) -> None:
    """Something of everything that is counted."""
    if folder:
        entries = ({"event": "deployed", "result": result} for result in ("ok", "ok", "failed"))
        (folder / "deployments.jsonl").write_text("".join(json.dumps(e) + "\n" for e in entries), encoding="utf-8")
        ask(f"{stack['app']}/commands/register-agent", {"agent": "one", "team": "red", "capacity": 5})
    url = f"{stack['app']}/commands"
    ask(f"{url}/add-work", {"type": "build", "description": "d", "team": "red"})
    work = ask(f"{url}/claim-work", {"agent": "one"})[1]["result"]["work"]
    if work:
        ask(f"{url}/complete-work", {"agent": "one", "work": work["id"], "outcome": "success"})
    ask(f"{stack['app']}/models/ask", {"prompt": "which"})


def series(proof: Proof, folder: Path) -> None:
    """System, application, business and own figures are all collected, and none is older than a scrape or two."""
    kinds = {
        "system": (
            "system_cpu_seconds_total",
            "system_memory_used_bytes",
            "system_disk_used_bytes",
            "system_network_bytes_total",
        ),
        "application": (
            "coordination_request_seconds_count",
            "coordination_requests_total",
            "coordination_errors_total",
        ),
        "business": ("coordination_agent_tasks_total", "coordination_operations_total"),
        "own": ("coordination_model_calls_total", "coordination_deployments_total"),
    }
    with standing(folder) as stack:
        _work(stack, folder)
        names = [name for some in kinds.values() for name in some]
        missing = _settled_panels(stack, names)
        for kind, some in kinds.items():
            proof.same(f"every series of the {kind} is there", [name for name in some if name in missing], [])
        ages = [time.time() - float(found["value"][1]) for found in queried(stack["prometheus"], "timestamp(up)")]
        proof.that("both targets were asked", len(ages) >= 2)
        # A scrape is every second; the machine may be busy.
        proof.that("what is shown is not older than a few scrapes", ages and max(ages) < 10)
        proof.figure("oldest", round(max(ages), 2), "s")


def traces(proof: Proof, folder: Path) -> None:
    """A request is followed from the door through the application to what it asks, in one tree of spans."""
    sampling = json.loads((HERE / "jaeger/sampling.json").read_bytes())
    schema = Draft202012Validator(json.loads((HERE / "schemas/sampling.schema.json").read_bytes()))
    proof.same(
        "the sampling of Jaeger is as its schema says", [error.message for error in schema.iter_errors(sampling)], []
    )
    wrong = {"default_strategy": {"type": "probabilistic", "param": 2}}
    proof.that("a share of 200 % is refused", list(schema.iter_errors(wrong)))
    command = rendered("production")["services"]["app"]["command"]
    proof.that("the application of the stack sends to Jaeger", "--traces=http://jaeger:4318" in command)
    asked = {f"{number:032x}": f"{number + 7:016x}" for number in range(1, 11)}
    with programs.service("v3_roadmap.infrastructure.collector", folder=folder, name="collector") as collector:
        words = ("--store", f"sqlite:///{folder}/v3.db", "--cache", "memory", "--traces", collector)
        with programs.service("v3_roadmap.candidate", *words, folder=folder, name="app") as app:
            for trace, span in asked.items():
                agent = {"agent": f"agent-{trace[-2:]}", "team": "red", "capacity": 1}
                ask(f"{app}/commands/register-agent", agent, traceparent=f"00-{trace}-{span}-01")
            found = _spans(collector, set(asked))
    _trees(proof, asked, found)


def _spans(collector: str, wanted: set[str], limit_s: float = 30) -> list[dict[str, str]]:
    ends = time.monotonic() + limit_s
    while True:
        spans: list[dict[str, str]] = ask(f"{collector}/spans")[1]["spans"]
        if wanted <= {span["trace"] for span in spans} or time.monotonic() > ends:
            return spans
        time.sleep(0.2)


def _trees(proof: Proof, asked: dict[str, str], found: list[dict[str, str]]) -> None:
    whole = 0
    for trace, door in asked.items():
        spans = [span for span in found if span["trace"] == trace]
        ids = {span["id"] for span in spans}
        hung = all(span["parent"] in ids | {door} for span in spans)
        whole += bool(spans and hung and any(span["parent"] == door for span in spans))
    proof.same("every request has its whole tree", whole, len(asked))
    proof.that("spans end after they begin", all(int(span["ended"]) >= int(span["begun"]) for span in found))
    proof.figure("spans", len(found), "spans")


def retention(proof: Proof, folder: Path) -> None:
    """Samples of 29 days ago are still answered with the stack's own retention, and gone with a shorter one."""
    promtool = programs.installed("promtool", "prometheus")
    command = rendered("production")["services"]["prometheus"]["command"]
    option = next(word for word in command if word.startswith("--storage.tsdb.retention.time="))
    days = int(option.partition("=")[2].removesuffix("d"))
    proof.that("30 days or more are kept", days >= 30)
    now = int(time.time())
    old = now - 29 * DAY_S
    text = "# TYPE kept gauge\n" + "".join(f"kept {n} {old + 60 * n}\n" for n in range(5)) + "# EOF\n"
    (folder / "old.txt").write_text(text, encoding="utf-8")
    config = scraping(folder, {})
    for name, words, wanted in (("stack", option, True), ("short", "--storage.tsdb.retention.time=7d", False)):
        place = folder / name
        place.mkdir()
        programs.run([promtool, "tsdb", "create-blocks-from", "openmetrics", folder / "old.txt", place / "tsdb"])
        # A block stays until a newer one lets it go beyond the limit.
        recent = "# TYPE recent gauge\n" + "".join(f"recent {n} {now - 3600 + 60 * n}\n" for n in range(5)) + "# EOF\n"
        (place / "recent.txt").write_text(recent, encoding="utf-8")
        programs.run([promtool, "tsdb", "create-blocks-from", "openmetrics", place / "recent.txt", place / "tsdb"])
        with programs.prometheus(place, config, words) as server:
            status, said = ask(f"{server}/api/v1/query?query=kept&time={old + 240}")
            proof.same(
                f"{name}: the old samples are answered", bool(said["data"]["result"]) if status == 200 else None, wanted
            )
    proof.figure("kept", days, "days")
