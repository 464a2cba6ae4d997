"""Trials of the router: which model for which complexity, how often it is right, and what it costs to the token."""

import random
from pathlib import Path
from typing import Any

from fleet_1_0_5.tools.costs import price
from fleet_1_0_5.tools.trials.sentences import Sentences
from fleet_1_0_5.tools.trials.standing import Service, standing

HAIKU, SONNET, OPUS = "claude-haiku-4", "claude-sonnet-4.5", "claude-opus-4"
RANGES = {HAIKU: (0.0, 0.4), SONNET: (0.3, 0.8), OPUS: (0.7, 1.0)}
ORDER = {"agentType": "test-generator", "description": "Write tests"}
ON = {"features.multiModelRouter": True, "routing.enabled": True, "routing.costTracking.enabled": True}
SEED, CORPUS = 105, 400


def selection(say: Sentences, folder: Path) -> None:
    """Every complexity has a model whose range has it; in an overlap it is the cheapest, and always the same."""
    with standing("candidate", folder, config="fleet.test.yaml", changes=ON) as fleet:
        chosen = {step / 100: model_for(fleet, step / 100) for step in range(101)}
        outside = {score: name for score, name in chosen.items() if not _in_range(score, name)}
        say.same("each complexity from 0 to 1 has a model whose range holds it", outside, {})
        overlaps = {score: chosen[score] for score in chosen if 0.3 <= score <= 0.4}
        say.same("between 0.3 and 0.4 it is Haiku, the cheaper", set(overlaps.values()), {HAIKU})
        overlaps = {score: chosen[score] for score in chosen if 0.7 <= score <= 0.8}
        say.same("between 0.7 and 0.8 it is Sonnet, the cheaper", set(overlaps.values()), {SONNET})
        again = {score: model_for(fleet, score) for score in chosen}
        say.same("asked again it is the same", again, chosen)
        found = fleet.get("/admin/select?complexity=0.9")
        say.same("the provider's id is told", found["providerId"], "claude-opus-4-20250514")
        sizes: dict[str, tuple[str, dict[str, Any]]] = {
            "simple": (HAIKU, {"inputTokens": 400, "outputTokens": 200}),
            "medium": (
                SONNET,
                {"inputTokens": 2000, "outputTokens": 1000, "steps": 6, "context": ["a", "b", "c", "d"]},
            ),
            "complex": (OPUS, {"inputTokens": 6000, "outputTokens": 2000, "steps": 10, "context": ["x"] * 10}),
        }
        for label, (wanted, size) in sizes.items():
            answer = fleet.ask("POST", "/tasks", {**ORDER, **size, "label": label}).body
            say.same(f"a {label} task is done by {wanted}", answer.get("model"), wanted)


def corpus(say: Sentences, folder: Path) -> None:
    """The router is right for more than 95 % of a labelled corpus, one model for all is not."""
    with standing("candidate", folder, config="fleet.test.yaml", changes=ON) as fleet:
        right = {"router": 0, "single": 0}
        for wanted, size in labelled(SEED, CORPUS):
            query = "&".join(f"{name}={value}" for name, value in size.items())
            found = fleet.get(f"/admin/select?{query}")["modelName"]
            right["router"] += found == wanted
            right["single"] += wanted == SONNET
        share = 100 * right["router"] / CORPUS
        say.say(f"the router is right in {share:.1f} % of {CORPUS} labelled tasks, over 95 %", share > 95, share)
        say.say("that is more often than one model for all", right["router"] > right["single"], right)


def labelled(seed: int, n: int) -> list[tuple[str, dict[str, int]]]:
    """Tasks as people label them: small ones, middling ones, large ones; the model that each is for, and its size."""
    chance = random.Random(seed)
    kinds = {
        HAIKU: ((50, 1500), (0, 2), (0, 2)),
        SONNET: ((1600, 5000), (5, 9), (4, 7)),
        OPUS: ((6500, 12000), (9, 14), (8, 14)),
    }
    found = []
    for _ in range(n):
        name = chance.choices(list(kinds), (6, 3, 1))[0]
        tokens, steps, context = (chance.randint(*span) for span in kinds[name])
        found.append(
            (
                name,
                {"inputTokens": tokens // 2, "outputTokens": tokens - tokens // 2, "steps": steps, "context": context},
            )
        )
    return found


def prices(say: Sentences, folder: Path) -> None:
    """What a task cost is recorded to the token, and the ledger equals what was billed."""
    with standing("candidate", folder, config="fleet.test.yaml", changes=ON) as fleet:
        orders: dict[str, dict[str, Any]] = {
            HAIKU: {"inputTokens": 1000, "outputTokens": 600},
            SONNET: {"inputTokens": 3000, "outputTokens": 1000, "steps": 6, "context": ["a"] * 4},
            OPUS: {"inputTokens": 6000, "outputTokens": 2000, "steps": 10, "context": ["x"] * 10},
        }
        for score, size in orders.items():
            task = fleet.ask("POST", "/tasks", {**ORDER, **size}).body
            wanted = price(score, task["usage"]["inputTokens"], task["usage"]["outputTokens"])
            record = next((each for each in costs_of(fleet) if each["taskId"] == task["id"]), {})
            say.say(f"{score} cost {wanted:.6f} USD", abs(record.get("usd", 0) - wanted) < 1e-9, record)
        say.same("there is one cost record for each task", len(costs_of(fleet)), 3)
        told = sum(each["usd"] for each in costs_of(fleet))
        metrics = fleet.ask("GET", "/metrics").text
        billed = float(
            next(line.split()[-1] for line in metrics.splitlines() if line.startswith("fleet_cost_usd_total"))
        )
        say.say("the ledger equals what the model API billed", abs(told - billed) < 1e-9, (told, billed))
        partitions = fleet.get("/memory")["partitions"]
        for name in ("routing/costs", "routing/selections"):
            say.say(f"partition {name} was created on demand", name in partitions, partitions)
        chosen = fleet.get("/memory/routing/selections?limit=500")["entries"]
        fields = {"taskId", "complexity", "model", "reason"}
        say.say(
            "each selection is recorded with its reason", len(chosen) == 3 and fields <= set(chosen[0]["value"]), chosen
        )


def costs_of(fleet: Service) -> list[dict[str, float]]:
    """The cost records of a running fleet."""
    entries = fleet.get("/memory/routing/costs?limit=500")["entries"]
    return [entry["value"] for entry in entries if entry["key"].startswith("tasks/")]


def model_for(fleet: Service, complexity: float) -> str:
    """The model for a complexity."""
    return str(fleet.get(f"/admin/select?complexity={complexity}")["modelName"])


def _in_range(score: float, name: str) -> bool:
    low, high = RANGES.get(name, (2.0, -1.0))
    return low <= score <= high
