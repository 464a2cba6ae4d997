"""Writes the reports from results: what was not measured is said to be open, and is never counted as met."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from v3_roadmap.reporting.cards import BOXES, KPIS, MONTHLY, WEEKLY, Box, Kpi
from v3_roadmap.tools.refusals import RefusedError

OUTCOMES = ("passed", "failed", "inconclusive")
MET, MISSED, OPEN = "met", "missed", "open"


@dataclass(frozen=True, slots=True)
class Results:
    """Outcomes of trials by name, figures by the id of a KPI, titles of boxes that people signed off, and texts by section."""

    outcomes: Mapping[str, str]
    figures: Mapping[str, float | str]
    signed: tuple[str, ...]
    texts: Mapping[str, str]


def read_results(path: Path) -> Results:
    """The results in a JSON file; raises RefusedError for one that cannot be read or has words that nobody knows."""
    try:
        document = json.loads(path.read_bytes())
        results = Results(document["outcomes"], document["figures"], tuple(document["signed"]), document["texts"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(f"{path}: no results: {error!r}; outcomes, figures, signed and texts are wanted") from error
    if not isinstance(results.outcomes, dict) or not isinstance(results.figures, dict):
        raise RefusedError(f"{path}: outcomes and figures are objects by name")
    unknown = [
        f"{name}: {word!r} is none of {', '.join(OUTCOMES)}"
        for name, word in results.outcomes.items()
        if word not in OUTCOMES
    ]
    unknown += [
        f"{name} is no figure of the dashboard" for name in results.figures if name not in {kpi.id for kpi in KPIS}
    ]
    if unknown:
        raise RefusedError(*(f"{path}: {line}" for line in unknown))
    return results


def state_of_kpi(kpi: Kpi, results: Results) -> str:
    """Whether a figure meets its target, misses it, or is open."""
    value = results.figures.get(kpi.id)
    if value is None:
        return OPEN
    if isinstance(kpi.target, str) or isinstance(value, str):
        return MET if value == kpi.target else MISSED
    met = {">=": value >= kpi.target, "<=": value <= kpi.target, "==": value == kpi.target}[kpi.sign]
    return MET if met else MISSED


def state_of_box(box: Box, results: Results) -> str:
    """Missed where one of its trials failed, open where one is missing or inconclusive, else met."""
    if not box.trials:
        return MET if box.title in results.signed else OPEN
    outcomes = [results.outcomes.get(trial, "inconclusive") for trial in box.trials]
    if "failed" in outcomes:
        return MISSED
    return MET if set(outcomes) == {"passed"} else OPEN


def dashboard(results: Results) -> list[dict[str, Any]]:
    """Every figure with its value, target and state."""
    return [
        {"id": kpi.id, "title": kpi.title, "group": kpi.group, "current": results.figures.get(kpi.id), "target": kpi.target,
         "unit": kpi.unit, "state": state_of_kpi(kpi, results), "by": "people" if kpi.is_of_people else "measurement"}
        for kpi in KPIS
    ]  # fmt: skip


def cards(results: Results) -> list[dict[str, str]]:
    """Every box with its state."""
    return [{"week": box.week, "title": box.title, "state": state_of_box(box, results)} for box in BOXES]


def review(kind: str, results: Results) -> str:
    """The weekly or the monthly report as Markdown, with four sections each; refuses a section that nobody wrote."""
    sections = {"weekly": WEEKLY, "monthly": MONTHLY}[kind]
    lines = [f"# {kind.capitalize()} report", ""]
    missing = [
        name
        for name in sections
        if not results.texts.get(name, "").strip() and name not in {"Milestones", "Metrics", "Value"}
    ]
    if missing:
        raise RefusedError(*(f"{kind} report: nobody wrote the section {name!r}" for name in missing))
    for name, title in sections.items():
        lines += [f"## {title}", "", *_section(name, results), ""]
    return "\n".join(lines)


def _section(name: str, results: Results) -> list[str]:
    if name == "Milestones":
        return [f"- week {card['week']}: {card['title']}: {card['state']}" for card in cards(results)]
    if name in {"Metrics", "Value"}:
        shown = [row for row in dashboard(results) if name == "Metrics" or row["group"] == "Business Value"]
        return [
            f"- {row['title']}: {_value(row)} against {row['target']} {row['unit']}: {row['state']}" for row in shown
        ]
    return [results.texts[name]]


def _value(row: Mapping[str, Any]) -> str:
    return "not measured" if row["current"] is None else f"{row['current']} {row['unit']}"
