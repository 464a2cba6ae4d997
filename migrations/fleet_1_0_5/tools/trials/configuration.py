"""Trials of configuration: every environment's file, the variables of the test environment, and the converter from 1.0.4."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fleet_1_0_5.tools.trials.sentences import Sentences
from fleet_1_0_5.tools.trials.standing import CONFIGS, HOME, changed, read_config, standing, write_config

MODEL_ENTRIES = {
    "claude-opus-4": ("claude-opus-4-20250514", (15.0, 75.0), (0.7, 1.0)),
    "claude-sonnet-4.5": ("claude-sonnet-4-5-20250929", (3.0, 15.0), (0.3, 0.8)),
    "claude-haiku-4": ("claude-haiku-4-20250110", (0.8, 4.0), (0.0, 0.4)),
}
WEIGHTS = {"tokenWeighting": 0.4, "structureWeighting": 0.3, "contextWeighting": 0.3}
STREAMING = {"bufferSize": 1024, "backpressureThreshold": 0.8, "timeoutMs": 30000}
RETRIES = {"maxRetries": 3, "backoffMs": 1000, "backoffMultiplier": 2}
TEST_ENV = {
    "FEATURE_MULTI_MODEL_ROUTER": "false",
    "FEATURE_STREAMING": "false",
    "ROUTING_ENABLED": "false",
    "ROUTING_DEFAULT_MODEL": "claude-sonnet-4.5",
    "COST_TRACKING_ENABLED": "true",
    "BUDGET_LIMIT_DAILY": "10.00",
    "BUDGET_LIMIT_MONTHLY": "200.00",
    "STREAMING_ENABLED": "false",
    "STREAMING_BUFFER_SIZE": "1024",
    "STREAMING_BACKPRESSURE_THRESHOLD": "0.8",
    "STREAMING_TIMEOUT_MS": "30000",
}
CARRIED = ("fleet", "agents", "database", "logging", "api", "security")


def environments(say: Sentences, _: Path) -> None:
    """Each environment's configuration says what the documents ask, and starts."""
    variables = dict(line.split("=", 1) for line in (CONFIGS / "env.test").read_text().splitlines() if line)
    for name, value in TEST_ENV.items():
        say.same(f"{name} is {value} in the test environment", variables.get(name), value)
    say.same("no API key is committed", variables.get("ANTHROPIC_API_KEY"), "${ANTHROPIC_API_KEY}")
    example, test = ((CONFIGS / f"fleet.{name}.yaml").read_bytes() for name in ("example", "test"))
    say.same("the test configuration is a copy of the example", test, example)
    config = read_config(CONFIGS / "fleet.test.yaml")
    say.same("the test fleet is test-fleet", config["fleet"], {"id": "test-fleet", "name": "Test Fleet"})
    say.same("both features are off by default", config["features"], {"multiModelRouter": False, "streaming": False})
    inner = (config["routing"]["enabled"], config["streaming"]["enabled"])
    say.same("and so are their inner switches", inner, (False, False))
    say.same("the default model is Sonnet", config["routing"]["defaultModel"], "claude-sonnet-4.5")
    models(say, config["routing"]["models"])
    say.same("the weights are 0.4, 0.3, 0.3", config["routing"]["complexity"], WEIGHTS)
    say.same("streaming has its figures", {name: config["streaming"][name] for name in STREAMING}, STREAMING)
    say.same("and its retries", config["streaming"]["retryConfig"], RETRIES)
    dev = read_config(CONFIGS / "fleet.dev.yaml")["features"]
    say.same("development keeps both features off", dev, {"multiModelRouter": False, "streaming": False})
    beta, prod = (read_config(CONFIGS / f"fleet.{name}.yaml") for name in ("beta", "prod"))
    for name, each in (("beta", beta), ("production", prod)):
        switches = [*each["features"].values(), each["routing"]["enabled"], each["streaming"]["enabled"]]
        say.same(f"{name} has both features and both inner switches on", switches, [True] * 4)
    say.same("beta's time-out is 15000 ms", beta["streaming"]["timeoutMs"], 15000)
    say.same("beta retries twice", beta["streaming"]["retryConfig"]["maxRetries"], 2)
    tracked = [each["routing"]["costTracking"]["enabled"] for each in (beta, prod)]
    say.same("costs are tracked in both", tracked, [True, True])


def models(say: Sentences, entries: list[dict[str, Any]]) -> None:
    """The three models are as listed."""
    say.same("there are three models", sorted(each["name"] for each in entries), sorted(MODEL_ENTRIES))
    for each in entries:
        identity, costs, span = MODEL_ENTRIES[each["name"]]
        listed = (each["provider"], each["model"], each["enabled"])
        say.same(f"{each['name']} has its provider and id, and is enabled", listed, ("anthropic", identity, True))
        can = each["capabilities"]
        figures = (can["maxTokens"], can["supportsStreaming"])
        say.same(f"{each['name']} takes 200000 tokens and streams", figures, (200_000, True))
        price = (can["costPer1kTokens"]["input"], can["costPer1kTokens"]["output"])
        say.same(f"{each['name']} costs {costs}", price, costs)
        found = (each["complexityRange"]["min"], each["complexityRange"]["max"])
        say.same(f"{each['name']} is for complexity {span}", found, span)


def started(say: Sentences, folder: Path) -> None:
    """The candidate runs on each environment's file, one after another, and under the test environment's variables."""
    with standing("candidate", folder, config="fleet.test.yaml") as fleet:
        for name, both in (("test", False), ("dev", False), ("beta", True), ("prod", True)):
            fleet.take(f"fleet.{name}.yaml", {})
            health = fleet.get("/health")
            wanted = {"status": "healthy", "version": "1.0.5"}
            say.same(f"{name} is healthy, version 1.0.5", {key: health[key] for key in wanted}, wanted)
            wanted_features = {"multiModelRouter": both, "streaming": both}
            say.same(f"{name} shows both features {'on' if both else 'off'}", health["features"], wanted_features)
            say.same(f"{name} does a task", fleet.ask("POST", "/tasks", ORDER).status, 201)
            say.same(f"{name} has nothing to complain of", fleet.get("/admin/flags")["problems"], [])
    with standing("candidate", folder, config="fleet.beta.yaml", env=TEST_ENV) as fleet:
        found = fleet.get("/health")["features"]
        say.same("the environment's false stands above the file's true", set(found.values()), {False})
        budgets = fleet.get("/admin/costs")["budgets"]
        limits = (budgets["daily"]["limit"], budgets["monthly"]["limit"])
        say.same("and its budgets above the file's", limits, (10.0, 200.0))


ORDER = {"agentType": "test-generator", "description": "Write tests"}


def converter(say: Sentences, folder: Path) -> None:
    """The converter makes of a configuration of 1.0.4 what the documents say, loses nothing, and twice is once."""
    old, new, again = folder / "fleet.yaml", folder / "fleet.v1.0.5.yaml", folder / "again.yaml"
    old.write_bytes((CONFIGS / "fleet.yaml").read_bytes())
    before = hashlib.sha256(old.read_bytes()).hexdigest()
    ended = migrate(old, new)
    say.same("migrate-config takes two paths and ends with 0", ended.returncode, 0)
    say.say("it says that the features are disabled", "disabled" in ended.stdout.lower(), ended.stdout)
    say.same("the old file is left alone", hashlib.sha256(old.read_bytes()).hexdigest(), before)
    source, made = read_config(old), read_config(new)
    for name in CARRIED:
        say.same(f"section {name} is carried over", made.get(name), source.get(name))
    say.same("both features are off", made["features"], {"multiModelRouter": False, "streaming": False})
    routing = made["routing"]
    say.same(
        "routing is off, with the old model as default",
        (routing["enabled"], routing["defaultModel"]),
        (False, source["ai"]["model"]),
    )
    models(say, routing["models"])
    say.same("the weights come to one", sum(routing["complexity"].values()), 1.0)
    tracking = routing["costTracking"]
    say.same("cost tracking is off", tracking["enabled"], False)
    say.same("the budgets are 100 and 2000", tracking["budgetLimits"], {"daily": 100, "monthly": 2000})
    say.same("the thresholds are 80 and 90", tracking["alertThresholds"], {"dailyPercent": 80, "monthlyPercent": 90})
    wanted = {"enabled": False, **STREAMING, "retryConfig": RETRIES}
    say.same("streaming is off, with its figures", made["streaming"], wanted)
    say.say("section ai is gone", "ai" not in made, list(made))
    say.say("its key is not lost", source["ai"]["apiKey"] in new.read_text(encoding="utf-8"), made)
    lines = new.read_text(encoding="utf-8").splitlines()
    indents = {len(line) - len(line.lstrip()) for line in lines if line.strip()}
    say.say("the indent is two spaces", indents and all(each % 2 == 0 for each in indents), indents)
    touched = {name for name in {*source, *made} if source.get(name) != made.get(name)}
    allowed = {"ai", "features", "routing", "streaming", "providers"}
    say.say("nothing else has changed", touched <= allowed, touched)
    say.same("a second run ends with 0", migrate(new, again).returncode, 0)
    say.same("and changes nothing", read_config(again), made)
    say.same("validate-config accepts it", validate(new).returncode, 0)
    with standing("candidate", folder) as fleet:
        shown = {"status": "healthy", "version": "1.0.5", "features": {"multiModelRouter": False, "streaming": False}}
        say.same("the candidate runs on the old file as it is, features off", fleet.get("/health"), shown)


def conversions(say: Sentences, folder: Path) -> None:
    """Configurations that the documents do not think of are converted without loss or refused."""
    without = write(folder / "without.yaml", {"ai": None})
    made = converted(say, without, "without ai")
    say.say("without ai.model there is no routing section", "routing" not in made, list(made))
    say.say("but streaming all the same", "streaming" in made, list(made))
    features = write(folder / "features.yaml", {"features": {"multiModelRouter": True, "streaming": True, "other": 1}})
    made = converted(say, features, "with features of its own")
    known = {name: made["features"].get(name) for name in ("multiModelRouter", "streaming")}
    say.same("features that were there already are off", known, {"multiModelRouter": False, "streaming": False})
    long = write(folder / "long.yaml", {"fleet.name": "word " * 60})
    converted(say, long, "with a long line")
    text = (folder / "long.yaml.new").read_text(encoding="utf-8")
    say.say("a long line is not folded", ("word " * 60).strip() in text, text[:200])
    missing = migrate(folder / "nothing.yaml", folder / "none.yaml")
    say.same("a file that is not there ends with 1", missing.returncode, 1)
    (folder / "broken.yaml").write_text("fleet: [1, 2\n", encoding="utf-8")
    broken = migrate(folder / "broken.yaml", folder / "none.yaml")
    say.same("a malformed file ends with 1", broken.returncode, 1)
    say.say("and no traceback", "Traceback" not in broken.stderr, broken.stderr)
    say.say("nothing is left behind", not (folder / "none.yaml").exists())
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config/fleet.yaml").write_bytes((CONFIGS / "fleet.yaml").read_bytes())
    ended = run(["migrate-config"], cwd=folder)
    made_it = (folder / "config/fleet.v1.0.5.yaml").is_file()
    say.say("without paths it takes config/fleet.yaml and makes config/fleet.v1.0.5.yaml", made_it, ended.stderr)
    wrong = write(folder / "wrong.yaml", {"routing": {"enabled": True, "models": []}})
    say.say("validate-config refuses a routing section without models", validate(wrong).returncode == 1)


def converted(say: Sentences, path: Path, name: str) -> dict[str, Any]:
    """What the converter makes of a file that it has to take."""
    target = path.with_name(f"{path.name}.new")
    ended = migrate(path, target)
    say.same(f"a configuration {name} is converted", (ended.returncode, ended.stderr), (0, ended.stderr))
    return read_config(target) if target.exists() else {}


def write(path: Path, changes: dict[str, Any]) -> Path:
    """The old configuration with changes."""
    write_config(path, changed(read_config(CONFIGS / "fleet.yaml"), changes))
    return path


def migrate(old: Path, new: Path) -> "subprocess.CompletedProcess[str]":
    """Run the converter."""
    return run(["migrate-config", str(old), str(new)])


def validate(path: Path) -> "subprocess.CompletedProcess[str]":
    """Run the validator."""
    return run(["validate-config", str(path)])


def run(words: list[str], cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run one of the tools in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(HOME.parent)}
    command = [sys.executable, "-m", "fleet_1_0_5.tools", *words]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd or HOME.parent, env=env, check=False, timeout=60
    )
