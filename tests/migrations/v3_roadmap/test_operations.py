"""The stack's files, the alerts' limits, the router's shares: what holds without the whole stack, and what is noticed."""

import json
import os
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from plumbing.journal import Journal
from plumbing.proof import NotTriedError, Proof
from v3_roadmap.deployment.probing import Probed
from v3_roadmap.deployment.router import routing
from v3_roadmap.infrastructure import alerting, programs
from v3_roadmap.infrastructure.collector import spans_of
from v3_roadmap.infrastructure.exporter import Deployments
from v3_roadmap.infrastructure.querying import ask
from v3_roadmap.infrastructure.rendering import HERE, differing, rendered
from v3_roadmap.tools import cli
from v3_roadmap.tools.refusals import RefusedError
from v3_roadmap.trials import stack, watching
from v3_roadmap.trials.changing import outages_s


@pytest.mark.parametrize(
    "trial", [pytest.param(stack.pins, id="pins"), pytest.param(watching.alerts_rules, id="alerts")]
)
def test_what_is_shipped_holds(trial, tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("not run: promtool is not installed (Debian: prometheus)")
    proof = Proof()
    trial(proof, tmp_path)
    assert proof.ended() == 0


def test_a_version_that_floats_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoiled = rendered("production")
    spoiled["services"]["redis"]["image"] = "redis:latest"
    monkeypatch.setattr(stack, "rendered", lambda _: spoiled)
    proof = Proof()
    stack.pins(proof, tmp_path)
    assert proof.ended() == 1


def test_a_name_without_a_value_is_refused(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "compose.yaml").write_text("services: {app: {image: '${IMAGE}'}}\n")
    (tmp_path / "environments/staging.env").write_text("OTHER=1\n")
    with pytest.raises(RefusedError, match="IMAGE has no value"):
        rendered("staging", tmp_path)


def test_documents_differ_where_they_do() -> None:
    assert differing({"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 4}]}) == ["/a/1/b", "/c"]


@pytest.mark.parametrize("phase", alerting.PHASES)
def test_the_rules_shipped_are_what_the_table_says(phase: str, tmp_path: Path) -> None:
    alerting.write_yaml(alerting.rules(phase), tmp_path / "rules.yaml")
    assert (HERE / f"prometheus/alerts-{phase}.yaml").read_text() == (tmp_path / "rules.yaml").read_text()


def test_deployments_are_counted_by_how_they_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "d.jsonl")
    for result in ("ok", "failed", "ok"):
        journal.append({"event": "deployed", "result": result})
    registry = CollectorRegistry()
    registry.register(Deployments(tmp_path / "d.jsonl"))
    said = generate_latest(registry).decode()
    assert 'coordination_deployments_total{result="ok"} 2.0' in said
    assert 'coordination_deployments_total{result="failed"} 1.0' in said


@pytest.mark.parametrize(
    ("trace", "ok"), [pytest.param("0" * 31 + "1", True, id="whole"), pytest.param("12", False, id="short")]
)
def test_a_span_needs_whole_ids(trace: str, *, ok: bool) -> None:
    span = {"traceId": trace, "spanId": "0" * 15 + "2", "name": "n", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "s"}}]}
    document = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    if ok:
        assert spans_of(document)[0]["parent"] == ""
    else:
        with pytest.raises(ValueError, match="no id of 32"):
            spans_of(document)


def test_an_outage_lasts_until_a_streak_of_good_answers() -> None:
    codes = [200, 0, 200, 503, 200, 200, 200, 0]
    probed = [Probed(float(at), 0.5, code, "") for at, code in enumerate(codes)]
    assert outages_s(probed, streak=2) == (4 - 1) + (7.5 - 7)


def test_a_program_that_is_not_there_is_named_with_its_package() -> None:
    with pytest.raises(NotTriedError, match=r"no-such-program is not installed \(Debian: some-package\)"):
        programs.installed("no-such-program", "some-package")


class _Named(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = json.dumps({"port": self.server.server_address[1]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def test_the_router_splits_by_the_share_and_goes_back(tmp_path: Path) -> None:
    if shutil.which("haproxy", path="/usr/sbin:/usr/bin") is None:
        pytest.skip("not run: haproxy is not installed (Debian: haproxy)")
    servers = {slot: ThreadingHTTPServer(("127.0.0.1", 0), _Named) for slot in ("blue", "green")}
    for server in servers.values():
        Thread(target=server.serve_forever, daemon=True).start()
    shares = []
    with routing(tmp_path) as router:
        for slot, server in servers.items():
            router.attach(slot, f"http://127.0.0.1:{server.server_address[1]}")
        for percent in (10, 50, 100, 0):
            router.split(percent)
            ports = [ask(f"{router.url}/")[1]["port"] for _ in range(100)]
            shares.append(ports.count(servers["green"].server_address[1]))
        router.detach("green")
        assert router.served("green").answered == sum(shares)
    for server in servers.values():
        server.shutdown()
        server.server_close()
    assert shares == [10, 50, 100, 0]


@pytest.mark.parametrize(
    ("defect", "trial"),
    [
        pytest.param("ci-before-container", "portability-detection", id="detection"),
        pytest.param("links-absolute", "portability-paths", id="links"),
        pytest.param("redis-floats", "stack-pins", id="pins"),
        pytest.param("open-is-met", "report", id="report"),
    ],
)
def test_a_seeded_defect_is_noticed_by_its_trial(defect: str, trial: str) -> None:
    words = [sys.executable, "-m", "v3_roadmap.tools", "try", trial]
    environ = os.environ | {"ORCHESTRATION_DEFECT": defect}
    done = subprocess.run(
        words, cwd=programs.MIGRATIONS, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert "does not hold" in done.stderr


def test_a_trial_without_its_program_is_not_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(programs, "POSTGRESQL", ())
    monkeypatch.setenv("PATH", "/nowhere")
    code = cli.tried("v3_roadmap.trials.changing:disaster_recovery")
    said = capsys.readouterr()
    assert (code, said.out) == (3, "")
    assert said.err == "not tried: initdb is not installed (Debian: postgresql-15)\n"


def test_a_trial_that_states_nothing_has_not_held(capsys: pytest.CaptureFixture[str]) -> None:
    assert Proof().ended() == 1
    assert capsys.readouterr().out == "0 of 0 hold\n"


@pytest.mark.parametrize("trial", ["portability-detection", "portability-config", "portability-rollback", "report"])
def test_what_needs_no_program_of_the_stack_holds(trial: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.tried(cli.trials()[trial]) == 0, capsys.readouterr().err
