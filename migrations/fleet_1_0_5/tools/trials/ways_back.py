"""Trials of the immediate and the partial rollback: what calls for them, how soon they act, what they leave alone, and what follows."""

import json
import threading
import time
from dataclasses import asdict
from pathlib import Path

from fleet_1_0_5.tools.alerts import breached
from fleet_1_0_5.tools.figures import figures, scrape
from fleet_1_0_5.tools.rollback import Incident, after_watch, decide, read_incidents, take
from fleet_1_0_5.tools.trials.routing import HAIKU, ORDER, SONNET
from fleet_1_0_5.tools.trials.sentences import Sentences
from fleet_1_0_5.tools.trials.standing import Service, standing
from fleet_1_0_5.tools.trials.streaming import without_ids
from fleet_1_0_5.tools.trials.switches import EFFECT_S, SIMPLE

TYPES = ("test-generator", "coverage-analyzer", "quality-gate")
WHOLE_S, WATCH_S, LOOK_S = 120.0, 600, 60


class Callers:
    """Asks a service without a pause, and counts what fails."""

    def __init__(self, fleet: Service) -> None:
        self._fleet = fleet
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._call)
        self.asked, self.failed = 0, 0

    def __enter__(self) -> "Callers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _call(self) -> None:
        while not self._ends.is_set():
            self.asked += 1
            try:
                self.failed += self._fleet.ask("POST", "/tasks", SIMPLE).status != 201
            except Exception:  # noqa: BLE001 - whatever happens to a request, it was not answered
                self.failed += 1


def immediate(say: Sentences, folder: Path) -> None:
    """A critical bug: both features off within 30 seconds, in the same process, without a failed request, back to 1.0.4."""
    ledger = incidents(folder, [{"critical": True}])
    with standing("candidate", folder, config="fleet.prod.yaml") as fleet, standing("baseline", folder) as old:
        pid = fleet.process.pid
        say.same("before, a simple task is done by Haiku", done_by(fleet, "test-generator"), HAIKU)
        began = time.monotonic()
        found = read_incidents(ledger)
        say.same("a critical bug calls for the immediate rollback", decide(found), "immediate")
        with Callers(fleet) as callers:
            take("immediate", fleet.config, found)
            seconds = until_off(fleet)
            time.sleep(0.5)
        say.say(f"both features are off after {seconds:.1f} s, under 30", seconds < EFFECT_S, seconds)
        say.same("health shows both off", set(fleet.get("/health")["features"].values()), {False})
        say.say("requests ran meanwhile", callers.asked > 3, callers.asked)
        say.same("and none failed", callers.failed, 0)
        say.say("it is the same process", fleet.process.poll() is None and fleet.process.pid == pid)
        say.same("tasks are answered as by 1.0.4", answers(fleet), answers(old))
        events = fleet.stream("/tasks", ORDER)
        say.same("and nothing streams any more", [event.name for event in events], ["json"])
        breaches = sum(bool(watched(fleet)) for _ in range(0, WATCH_S, LOOK_S))
        say.same("ten simulated minutes of watching find it stable", after_watch("immediate", breaches), "immediate")
        seconds = time.monotonic() - began
        say.say(f"all of it took {seconds:.1f} s, under two minutes", seconds < WHOLE_S, seconds)


def escalation(say: Sentences, folder: Path) -> None:
    """What stays unstable after the immediate rollback goes on to the full one; what is stable does not."""
    with standing("candidate", folder, config="fleet.prod.yaml") as fleet:
        take("immediate", fleet.config, read_incidents(incidents(folder, [{"critical": True}])))
        until_off(fleet)
        fleet.models({"error_rate": 0.5})
        for _ in range(20):
            fleet.ask("POST", "/tasks", ORDER)
        say.say(
            "with half of the model's calls failing the alert is called for",
            "FleetErrorRate" in watched(fleet),
            watched(fleet),
        )
        say.same("then the full rollback follows", after_watch("immediate", 1), "full")
        say.same("else it does not", after_watch("immediate", 0), "immediate")


def partial(say: Sentences, folder: Path) -> None:
    """A bug of one agent type: its features are off, those of the others stay on."""
    ledger = incidents(folder, [{"critical": True, "agentType": TYPES[0]}, {"critical": False, "agentType": TYPES[1]}])
    with standing("candidate", folder, config="fleet.prod.yaml") as fleet:
        found = read_incidents(ledger)
        say.same("a bug of one agent type calls for the partial rollback", decide(found), "partial")
        take("partial", fleet.config, found)
        say.same("its features are off", features(fleet, TYPES[0]), {"multiModelRouter": False, "streaming": False})
        for other in TYPES[1:]:
            say.same(f"those of {other} stay on", features(fleet, other), {"multiModelRouter": True, "streaming": True})
        say.same("its tasks are done by Sonnet", done_by(fleet, TYPES[0]), SONNET)
        say.same("those of another by Haiku", done_by(fleet, TYPES[1]), HAIKU)
        names = [event.name for event in fleet.stream("/tasks", ORDER)]
        say.same("its tasks do not stream", names, ["json"])
        say.same("health still shows the fleet's features", set(fleet.get("/health")["features"].values()), {True})
    say.same("two agent types call for the immediate one", decide(found_in(folder, [*TYPES[:2]])), "immediate")
    say.same("no critical incident calls for none", decide([]), "none")


def incidents(folder: Path, lines: list[dict[str, object]]) -> Path:
    """A ledger of incidents."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "incidents.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def found_in(folder: Path, types: list[str]) -> list[Incident]:
    """Critical incidents of some agent types."""
    return read_incidents(incidents(folder, [{"critical": True, "agentType": each} for each in types]))


def until_off(fleet: Service) -> float:
    """Seconds until health shows both features off; past the limit it says so."""
    began = time.monotonic()
    while any(fleet.get("/health")["features"].values()) and time.monotonic() - began < EFFECT_S:
        time.sleep(0.02)
    return time.monotonic() - began


def watched(fleet: Service) -> list[str]:
    """The alerts that a running fleet calls for."""
    return [name for name in breached("dev", asdict(figures(scrape(fleet.url), {}, 1.0))) if name != "FleetMemory"]


def answers(fleet: Service) -> list[object]:
    """What one task of each type is answered, without ids of its own."""
    return [without_ids(fleet.ask("POST", "/tasks", {**ORDER, "agentType": each}).body) for each in TYPES]


def features(fleet: Service, agent_type: str) -> dict[str, bool]:
    """The features in effect for an agent type."""
    effective = fleet.get(f"/admin/flags?agentType={agent_type}")["effective"]
    return {name: effective[name] for name in ("multiModelRouter", "streaming")}


def done_by(fleet: Service, agent_type: str) -> str:
    """Which model does a simple task of an agent type."""
    return str(fleet.ask("POST", "/tasks", {**SIMPLE, "agentType": agent_type}).body.get("model"))
