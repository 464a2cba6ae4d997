"""Commands of the operators, as the documents name them; each calls one module and prints lines."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from fleet_1_0_5.tools.asking import demand
from fleet_1_0_5.tools.cli import tools
from fleet_1_0_5.tools.figures import Figures, figures, scrape
from fleet_1_0_5.tools.refusals import RefusedError

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
FLAGS = ("multiModelRouter", "streaming", "routingEnabled", "streamingEnabled", "costTracking")
HEALTH_S = 30
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@tools.command("backup")
@click.option("--config", type=FILE, required=True)
@click.option("--store", required=True)
@click.option("--output", type=FOLDER, required=True)
def backup(config: Path, store: str, output: Path) -> None:
    """Back up configuration and database with a manifest."""
    from fleet_1_0_5.tools.backup import back_up

    click.echo(str(back_up(config, store, output, datetime.now(UTC))))


@tools.command("restore")
@click.option("--store", required=True)
@click.option("--latest-backup", "folder", type=FOLDER, required=True)
@click.option("--config", type=FILE, help="Where the configuration goes back to; left alone without it.")
def restore(store: str, folder: Path, config: Path | None) -> None:
    """Verify the newest backup and bring it back, by the names in its manifest."""
    from fleet_1_0_5.tools.backup import newest
    from fleet_1_0_5.tools.backup import restore as bring_back

    click.echo(f"restored {', '.join(bring_back(newest(folder), store, config))}")


@tools.command("switch")
@click.option("--url", required=True, help="A candidate.")
@click.option("--on", "on", multiple=True, type=click.Choice(FLAGS))
@click.option("--off", "off", multiple=True, type=click.Choice(FLAGS))
@click.option("--unset", is_flag=True, help="Withdraw every switch first, so that the configuration holds again.")
def switch(url: str, on: tuple[str, ...], off: tuple[str, ...], unset: bool) -> None:
    """Switch features of a running candidate and wait until its health shows them; 1.0.4 has none, which is told."""
    if "features" not in (health := demand("GET", f"{url}/health")):
        click.echo(f"version {health['version']} has no features")
        return
    before = dict.fromkeys(FLAGS) if unset else {}
    demand("PUT", f"{url}/admin/flags", {**before, **dict.fromkeys(on, True), **dict.fromkeys(off, False)})
    wanted = demand("GET", f"{url}/admin/flags")["effective"]
    ends = time.monotonic() + HEALTH_S
    while (shown := demand("GET", f"{url}/health")["features"]) != {name: wanted[name] for name in shown}:
        if time.monotonic() > ends:
            raise RefusedError(f"health shows {shown}, flags are {wanted}")
        time.sleep(0.05)
    click.echo(json.dumps(shown))


@tools.command("compare-canary")
@click.option("--stable", help="URL of the stable side.")
@click.option("--canary", help="URL of the canary.")
@click.option("--figures", "file", type=FILE, help="JSON with `canary` and `stable` instead.")
@click.option("--interval", type=int, default=300, show_default=True, help="Seconds between two looks.")
@click.option("--polls", type=click.IntRange(1), default=1, show_default=True)
@click.option("--simulated", is_flag=True, help="Do not wait between looks, only count the seconds.")
def compare_canary(
    stable: str | None, canary: str | None, file: Path | None, interval: int, polls: int, simulated: bool
) -> None:
    """Compare canary and stable and say promote, hold or abort."""
    from fleet_1_0_5.tools.comparing import compare, decide

    if (file is None) == (stable is None or canary is None):
        raise click.UsageError("name --stable and --canary, or --figures")
    waited = 0
    for number in range(polls):
        if number:
            waited += interval
            _wait(interval, simulated)
        both = json.loads(file.read_text(encoding="utf-8")) if file else _both(str(canary), str(stable))
        rows = compare(both["canary"], both["stable"])
        click.echo("\n".join(str(row) for row in rows))
        click.echo(f"verdict: {decide(rows)}")
    click.echo(f"{polls} looks, {waited} s between the first and the last")


def _both(canary: str, stable: str) -> dict[str, dict[str, float | None]]:
    return {"canary": asdict(_since_start(canary)), "stable": asdict(_since_start(stable))}


def _since_start(url: str) -> Figures:

    now = scrape(url)
    return figures(now, {}, time.time() - now.get("process_start_time_seconds", time.time()))


def _wait(seconds: float, simulated: bool) -> None:
    if not simulated:
        time.sleep(seconds)


@tools.command("monitor-metrics")
@click.option("--url", required=True)
@click.option("--feature", type=click.Choice(["routing", "streaming", "none"]), default="none", show_default=True)
@click.option("--duration", default="48h", show_default=True, help="Such as 600s, 48h, 7d.")
@click.option("--environment", default="dev", show_default=True)
@click.option("--interval", type=int, default=300, show_default=True)
@click.option("--simulated", is_flag=True, help="Do not wait between looks, only count the seconds.")
@click.option("--tasks", type=click.IntRange(0), default=0, help="Tasks before each look, where no users are.")
def monitor_metrics(
    url: str, feature: str, duration: str, environment: str, interval: int, simulated: bool, tasks: int
) -> None:
    """Watch one service for a time and refuse to end well when an alert was called for."""
    watch(Watch(url, feature, seconds_of(duration), environment, interval, simulated, tasks))


@tools.command("monitor-production")
@click.option("--url", required=True)
@click.option("--duration", default="48h", show_default=True)
@click.option("--simulated", is_flag=True)
@click.option("--tasks", type=click.IntRange(0), default=0, help="Tasks before each look, where no users are.")
def monitor_production(url: str, duration: str, simulated: bool, tasks: int) -> None:
    """Watch production; the same with its alerts and an hour between looks."""
    watch(Watch(url, "none", seconds_of(duration), "production", 3600, simulated, tasks))


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, for how many seconds, how often, and how many tasks are done before each look."""

    url: str
    feature: str
    seconds: int
    environment: str
    interval: int
    simulated: bool
    tasks: int


def watch(asked: Watch) -> None:
    """Look every `interval` seconds until the time is over; of a simulated watch the first five looks stand for all."""
    from fleet_1_0_5.tools.alerts import breached

    url, feature, environment = asked.url, asked.feature, asked.environment
    looks = asked.seconds // asked.interval + 1
    for number in range(min(looks, 5) if asked.simulated else looks):
        if number:
            _wait(asked.interval, asked.simulated)
        for place in range(asked.tasks):
            demand("POST", f"{url}/tasks", {"agentType": "quality-gate", "description": f"rehearsal {number} {place}"})
        shown = demand("GET", f"{url}/health")
        if feature != "none" and not shown.get("features", {_FEATURES[feature]: True})[_FEATURES[feature]]:
            raise RefusedError(f"feature {feature} is off: {shown}")
        if called := breached(environment, asdict(_since_start(url))):
            raise RefusedError(f"look {number + 1}: {', '.join(called)}")
    click.echo(f"{looks} looks over {asked.seconds} s, stable")


_FEATURES = {"routing": "multiModelRouter", "streaming": "streaming"}


def seconds_of(text: str) -> int:
    """Seconds of a duration such as 48h; refuses anything else."""
    if not text[:-1].isdecimal() or text[-1] not in SECONDS:
        raise RefusedError(f"{text!r} is no duration; write a whole number and s, m, h or d")
    return int(text[:-1]) * SECONDS[text[-1]]


@tools.command("setup-monitoring")
@click.option("--env", "environment", required=True, type=click.Choice(["dev", "staging", "beta", "production"]))
@click.option("--output", type=FOLDER, required=True)
@click.option("--url", help="A service whose metrics must have every series that the alerts need.")
def setup_monitoring(environment: str, output: Path, url: str | None) -> None:
    """Write the alert rules of an environment."""
    from fleet_1_0_5.tools.alerts import write_rules

    if url:
        demand("GET", f"{url}/tools")  # a service that nobody has asked yet has counted nothing
        series = scrape(url)
        needed = ("fleet_requests_total", "fleet_errors_total", "process_resident_memory_bytes", "fleet_cost_usd_total")
        if lacking := [name for name in needed if name not in series]:
            raise RefusedError(f"{url}/metrics has no {', '.join(lacking)}")
    path = output / f"alerts-{environment}.yaml"
    click.echo(f"{write_rules(environment, path)} alerts in {path}")


@tools.command("analyze-costs")
@click.option("--store", required=True)
@click.option("--period", default="7d", show_default=True)
@click.option("--saving-over", type=float, help="Refuse a saving that is not over so many percent.")
def analyze_costs(store: str, period: str, saving_over: float | None) -> None:
    """Add up the cost records of a period and hold them against their token counts and against a single model."""
    from fleet_1_0_5.tools.backup import file_of
    from fleet_1_0_5.tools.costs import analyse, records

    found = analyse(records(file_of(store)), seconds_of(period) // SECONDS["d"], datetime.now(UTC))
    click.echo(f"{found.records} tasks on {found.days} days: {found.usd:.4f} USD, one model {found.single_usd:.4f} USD")
    click.echo(f"saving: {found.saving_percent:.1f} %")
    if abs(found.usd - found.recomputed_usd) > 1e-6 * max(1.0, found.usd):
        raise RefusedError(f"the ledger says {found.usd:.6f} USD, its tokens come to {found.recomputed_usd:.6f}")
    click.echo("the ledger equals its tokens")
    if saving_over is not None and found.saving_percent <= saving_over:
        raise RefusedError(f"the saving is {found.saving_percent:.1f} %, not over {saving_over:g} %")


@tools.command("generate-report")
@click.option("--type", "kind", type=click.Choice(["performance"]), required=True)
@click.option("--url", required=True)
@click.option("--output", type=FILE, required=True)
def generate_report(kind: str, url: str, output: Path) -> None:
    """Write the six figures of a service as JSON; refuses to write a report with a gap."""
    found = asdict(_since_start(url))
    if gaps := sorted(name for name, value in found.items() if value is None):
        raise RefusedError(f"{url} has no {', '.join(gaps)} yet")
    version = demand("GET", f"{url}/health")["version"]
    output.parent.mkdir(parents=True, exist_ok=True)
    document = {"type": kind, "version": version, "made": datetime.now(UTC).isoformat(), "figures": found}
    output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    click.echo(f"{len(found)} figures of {version} in {output}")


@tools.command("collect-feedback")
@click.option("--file", "path", type=FILE, required=True)
@click.option("--user", required=True)
@click.option("--score", type=click.IntRange(1, 5), required=True)
@click.option("--text", required=True)
def collect_feedback(path: Path, user: str, score: int, text: str) -> None:
    """Keep what a user says as one line of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {"user": user, "score": score, "text": text, "at": datetime.now(UTC).isoformat()}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    click.echo(f"{len(path.read_text(encoding='utf-8').splitlines())} records")


@tools.command("archive")
@click.option("--candidate", required=True)
@click.option("--router", required=True)
@click.option("--store", required=True)
@click.option("--output", type=FOLDER, required=True)
def archive(candidate: str, router: str, store: str, output: Path) -> None:
    """Keep what a rollback must not lose: flags, metrics, costs, and the database, with a manifest."""
    from fleet_1_0_5.tools.backup import MANIFEST, copy_database, file_of, manifest_entries

    output.mkdir(parents=True, exist_ok=True)
    kept: dict[str, Callable[[], str]] = {
        "flags.json": lambda: json.dumps(demand("GET", f"{router}/admin/flags")),
        "features.json": lambda: json.dumps(demand("GET", f"{candidate}/health")),
    }
    for name, text in kept.items():
        (output / name).write_text(text(), encoding="utf-8")
    (output / "fleet.db").unlink(missing_ok=True)
    rows = copy_database(file_of(store), output / "fleet.db")
    entries = manifest_entries(output, {**dict.fromkeys(kept), "fleet.db": rows})
    (output / MANIFEST).write_text(json.dumps({"files": entries}, indent=1), encoding="utf-8")
    click.echo(f"{len(entries)} files kept in {output}")
