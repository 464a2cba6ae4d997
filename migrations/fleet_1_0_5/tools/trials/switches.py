"""Trials of the switches: the order of sources, inner switches, overrides, malformed values, change without a restart."""

import itertools
import time
from pathlib import Path

from fleet_1_0_5.tools.trials.routing import HAIKU, ORDER, SONNET
from fleet_1_0_5.tools.trials.sentences import Sentences
from fleet_1_0_5.tools.trials.standing import Service, standing

SIMPLE = {**ORDER, "inputTokens": 100, "outputTokens": 100}
FEATURES = {
    "multiModelRouter": ("FEATURE_MULTI_MODEL_ROUTER", "routing.enabled"),
    "streaming": ("FEATURE_STREAMING", "streaming.enabled"),
}
EFFECT_S = 30.0


def precedence(say: Sentences, folder: Path) -> None:
    """Override above environment above file above false, and a feature only with its inner switch: all cases of both features."""
    for variable in (None, "true", "false"):
        env = {} if variable is None else {words[0]: variable for words in FEATURES.values()}
        with standing("candidate", folder, config="fleet.test.yaml", env=env) as fleet:
            for file, inner, override in itertools.product((True, False), (True, False), (None, False, True)):
                fleet.change(_changes(file, inner, override))
                wanted = _effective(variable, file, inner, override)
                shown = fleet.get("/admin/flags?agentType=test-generator")["effective"]
                found = {name: shown[name] for name in FEATURES}
                case = f"env {variable}, file {file}, inner {inner}, override {override}"
                say.same(f"{case}: features of test-generator", found, dict.fromkeys(FEATURES, wanted))
                others = _effective(variable, file, inner, None)
                say.same(f"{case}: health", fleet.get("/health")["features"], dict.fromkeys(FEATURES, others))
                model = HAIKU if wanted else SONNET
                say.same(f"{case}: a task is done by", fleet.ask("POST", "/tasks", SIMPLE).body["model"], model)


def _changes(file: bool, inner: bool, override: bool | None) -> dict[str, object]:
    changes: dict[str, object] = {"featureOverrides.agentType.test-generator": None}
    if override is not None:
        changes["featureOverrides.agentType.test-generator"] = dict.fromkeys(FEATURES, override)
    return {
        **changes,
        **{f"features.{name}": file for name in FEATURES},
        **{words[1]: inner for words in FEATURES.values()},
    }


def _effective(variable: str | None, file: bool, inner: bool, override: bool | None) -> bool:
    said = [override, None if variable is None else variable == "true", file]
    return inner and bool(next(each for each in said if each is not None))


def malformed(say: Sentences, folder: Path) -> None:
    """A malformed value turns nothing on, is told, and never stops the service."""
    env = {"FEATURE_STREAMING": "yes please", "FEATURE_MULTI_MODEL_ROUTER": "", "STREAMING_BUFFER_SIZE": "many"}
    with standing("candidate", folder, config="fleet.test.yaml", env={**env, "STREAMING_ENABLED": "TRUE"}) as fleet:
        say.same(
            "malformed variables turn nothing on", fleet.get("/health")["features"], dict.fromkeys(FEATURES, False)
        )
        told = " ".join(fleet.get("/admin/flags")["problems"])
        say.say("each of them is told", "yes please" in told and "STREAMING_BUFFER_SIZE" in told, told)
    with standing("candidate", folder, config="fleet.test.yaml") as fleet:
        fleet.change({"features.multiModelRouter": "on", "routing.enabled": True})
        say.same(
            "a malformed switch in the file turns nothing on",
            fleet.get("/health")["features"]["multiModelRouter"],
            False,
        )
        fleet.config.write_text("features: [\n", encoding="utf-8")
        say.same("a file that breaks leaves the service healthy", fleet.get("/health")["status"], "healthy")
        say.same("unknown flags are refused", fleet.ask("PUT", "/admin/flags", {"turbo": True}).status, 422)
        say.same("malformed ones, too", fleet.ask("PUT", "/admin/flags", {"streaming": "yes"}).status, 422)
        say.same("and change nothing", fleet.get("/health")["features"], dict.fromkeys(FEATURES, False))


def router(say: Sentences, folder: Path) -> None:
    """There is a router if and only if routing is on; what its absence looks like, how it is found out, and what cures it."""
    with standing("candidate", folder, config="fleet.test.yaml") as fleet:
        answer = fleet.ask("GET", "/admin/select?complexity=0.1")
        say.say(
            "without routing it says ModelRouter not initialized", "ModelRouter not initialized" in answer.text, answer
        )
        found = fleet.get("/admin/flags")["sources"]["multiModelRouter"]
        say.same("the diagnosis names the source", found, {"value": False, "source": "file"})
        fleet.change({"features.multiModelRouter": True})
        answer = fleet.ask("GET", "/admin/select?complexity=0.1")
        say.say(
            "with the feature on and its inner switch off it still says so", "not initialized" in answer.text, answer
        )
        fleet.change({"routing.enabled": True})
        say.same("with both on there is a router", fleet.ask("GET", "/admin/select?complexity=0.1").status, 200)
        fleet.change({"routing.models": []})
        say.same("a list of models that cannot be used leaves the last one in force", model(fleet), HAIKU)
        say.say("and is told", fleet.get("/admin/flags")["problems"], fleet.get("/admin/flags"))


def hot(say: Sentences, folder: Path) -> None:
    """A switch acts within 30 seconds in the same process, and requests meanwhile are all answered."""
    with standing("candidate", folder, config="fleet.test.yaml") as fleet:
        pid = fleet.process.pid
        for wanted in (True, False):
            fleet.change({"features.multiModelRouter": wanted, "routing.enabled": True})
            began, failed = time.monotonic(), 0
            while (shown := fleet.get("/health")["features"]["multiModelRouter"]) is not wanted:
                failed += fleet.ask("POST", "/tasks", SIMPLE).status != 201
                if time.monotonic() - began > EFFECT_S:
                    break
                time.sleep(0.05)
            say.same(f"the file's {wanted} acts within 30 s", shown, wanted)
            say.same("tasks are done by it", model(fleet), HAIKU if wanted else SONNET)
            say.same("no request has failed meanwhile", failed, 0)
        say.say("it is the same process", fleet.process.poll() is None and fleet.process.pid == pid)


def model(fleet: Service) -> str:
    """Which model does a simple task."""
    return str(fleet.ask("POST", "/tasks", SIMPLE).body.get("model"))
