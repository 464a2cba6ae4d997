"""Decides by the incidents which way back is taken, and takes it on a running candidate; the full one is the runbook's."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from fleet_1_0_5.tools.refusals import RefusedError

Kind = Literal["none", "immediate", "partial", "full"]
FEATURES = ("multiModelRouter", "streaming")


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong: for which agent type (None: for all), and whether it is critical."""

    agent_type: str | None
    critical: bool


def read_incidents(path: Path) -> list[Incident]:
    """The incidents of a ledger, one as JSON on each line; a ledger that cannot be read is refused."""
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [Incident(line.get("agentType"), bool(line["critical"])) for line in lines]
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise RefusedError(f"{path}: is no ledger of incidents ({type(error).__name__})") from None


def decide(incidents: list[Incident]) -> Kind:
    """A critical bug calls for the immediate rollback, one confined to an agent type for the partial one."""
    types = {each.agent_type for each in incidents if each.critical}
    if not types:
        return "none"
    return "partial" if len(types) == 1 and None not in types else "immediate"


def take(kind: Kind, config: Path, incidents: list[Incident]) -> None:
    """Switch the features off in the configuration that the service watches: all of them, or those of one agent type."""
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(config.read_text(encoding="utf-8"))
    off = dict.fromkeys(FEATURES, False)
    if kind == "immediate":
        document["features"] = {**document.get("features", {}), **off}
    elif kind == "partial":
        name = next(str(each.agent_type) for each in incidents if each.critical)
        document.setdefault("featureOverrides", {}).setdefault("agentType", {})[name] = off
    else:
        raise RefusedError(f"{kind}: only the immediate and the partial rollback change the configuration")
    partial = config.with_name(f".{config.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        YAML().dump(document, file)
    partial.replace(config)


def after_watch(kind: Kind, breaches: int) -> Kind:
    """What follows a rollback that was watched: nothing if it is stable, else the full one."""
    return "full" if breaches and kind != "none" else kind
