"""Trials of the reports: 13 figures with their targets, 20 boxes that trials decide, four sections each, nothing open that counts."""

import json
from pathlib import Path

from plumbing.proof import Proof
from v3_roadmap.reporting.cards import BOXES, KPIS
from v3_roadmap.reporting.reports import Results, cards, dashboard, read_results, review
from v3_roadmap.tools.cli import trials
from v3_roadmap.tools.refusals import RefusedError

TARGETS: dict[str, float | str] = {
    "uptime": 99.99, "response-p95": 100, "model-success": 99.9, "memory": 80, "operations": 1000, "critical-bugs": 0,
    "coverage": 95, "security": "A+", "deployment": 95, "maintenance": 75, "productivity": 50, "time-to-deploy": 15,
    "satisfaction": 90,
}  # fmt: skip
BETTER: dict[str, float | str] = {
    "uptime": 99.995,
    "response-p95": 9,
    "memory": 70,
    "operations": 90_000,
    "time-to-deploy": 0.2,
}
WORSE: dict[str, float | str] = {
    "uptime": 99.98, "response-p95": 101, "model-success": 99.8, "memory": 81, "operations": 999, "critical-bugs": 1,
    "coverage": 94.9, "security": "A", "deployment": 94, "maintenance": 74, "productivity": 49, "time-to-deploy": 16,
    "satisfaction": 89,
}  # fmt: skip
TEXTS = dict.fromkeys(("Risks", "Resources", "Alignment", "Planning"), "Nothing new.")


def report(proof: Proof, folder: Path) -> None:
    """Every figure and box is there and says met, missed or open by what was measured."""
    nothing = Results({}, {}, (), {})
    proof.same("13 figures with their targets", {row["id"]: row["target"] for row in dashboard(nothing)}, TARGETS)
    proof.same("nothing measured is open, all of it", {row["state"] for row in dashboard(nothing)}, {"open"})
    exact = Results({}, TARGETS, (), {})
    proof.same("at its target each is met", [row["id"] for row in dashboard(exact) if row["state"] != "met"], [])
    proof.same(
        "better is met as well", [r["id"] for r in dashboard(Results({}, BETTER, (), {})) if r["state"] == "missed"], []
    )
    proof.same(
        "worse is missed, each", [r["id"] for r in dashboard(Results({}, WORSE, (), {})) if r["state"] != "missed"], []
    )
    _boxes(proof, nothing)
    _reviews(proof)
    _files(proof, folder)


def _boxes(proof: Proof, nothing: Results) -> None:
    weeks = [box.week for box in BOXES]
    proof.same(
        "five cards of four boxes",
        {week: weeks.count(week) for week in weeks},
        dict.fromkeys(("1", "2", "3-4", "5-6", "7-8"), 4),
    )
    named = {trial for box in BOXES for trial in box.trials}
    proof.same("every box is decided by trials that there are", sorted(named - trials().keys()), [])
    proof.same("without results all are open", {card["state"] for card in cards(nothing)}, {"open"})
    everything = Results(dict.fromkeys(named, "passed"), {}, tuple(box.title for box in BOXES if not box.trials), {})
    proof.same("with all of them all are met", {card["state"] for card in cards(everything)}, {"met"})
    for word, state in (("failed", "missed"), ("inconclusive", "open")):
        wrong = [
            trial
            for trial in named
            if {
                card["state"]
                for card in cards(Results({**everything.outcomes, trial: word}, {}, everything.signed, {}))
            }
            != {"met", state}
        ]
        proof.same(f"one trial that is {word} leaves its boxes {state}", wrong, [])


def _reviews(proof: Proof) -> None:
    results = Results({}, {"time-to-deploy": 0.2}, (), TEXTS)
    for kind in ("weekly", "monthly"):
        text = review(kind, results)
        proof.same(f"the {kind} report has four sections", text.count("\n## "), 4)
        proof.refuses(
            f"a {kind} report with a section that nobody wrote is refused",
            RefusedError,
            review,
            kind,
            Results({}, {}, (), {}),
        )
    weekly = review("weekly", results)
    proof.that("the weekly report has every figure", all(kpi.title in weekly for kpi in KPIS))
    proof.that("and every box", all(box.title in weekly for box in BOXES))
    proof.same("what was not measured is said so", weekly.count("not measured"), len(KPIS) - 1)


def _files(proof: Proof, folder: Path) -> None:
    whole: dict[str, object] = {
        "outcomes": {"workflows": "passed"},
        "figures": {"memory": 70},
        "signed": [],
        "texts": TEXTS,
    }
    changes: dict[str, dict[str, object]] = {
        "an outcome that nobody knows": {"outcomes": {"workflows": "green"}},
        "a figure that nobody knows": {"figures": {"colour": 1}},
        "no list of outcomes": {"outcomes": None},
    }
    for name, change in changes.items():
        (folder / "results.json").write_text(json.dumps(whole | change), encoding="utf-8")
        proof.refuses(f"{name} is refused", RefusedError, read_results, folder / "results.json")
    (folder / "results.json").write_text(json.dumps(whole), encoding="utf-8")
    proof.same("right ones are read", read_results(folder / "results.json").figures, {"memory": 70})
