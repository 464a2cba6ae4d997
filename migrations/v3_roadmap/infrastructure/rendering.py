"""The composed stack as it is in one environment: every ${NAME} filled in from its file; refuses a name that has no value."""

import re
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from ruamel.yaml import YAML

from v3_roadmap.tools.refusals import RefusedError

HERE = Path(__file__).parent
ENVIRONMENTS = ("development", "staging", "production")
NAME = re.compile(r"\$\{(\w+)\}")


def rendered(environment: str, folder: Path = HERE) -> dict[str, Any]:
    """The document of compose.yaml in an environment; raises RefusedError for names without a value."""
    values = dotenv_values(folder / f"environments/{environment}.env")
    text = (folder / "compose.yaml").read_text(encoding="utf-8")
    missing = sorted({name for name in NAME.findall(text) if not values.get(name)})
    if missing:
        raise RefusedError(*(f"environments/{environment}.env: {name} has no value" for name in missing))
    document: dict[str, Any] = YAML(typ="safe").load(NAME.sub(lambda match: str(values[match[1]]), text))
    return document


def differing(one: object, other: object, where: str = "") -> list[str]:
    """Where two documents differ, as paths."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [path for key in keys for path in differing(one.get(key), other.get(key), f"{where}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [path for number, (left, right) in pairs for path in differing(left, right, f"{where}/{number}")]
    return [] if one == other else [where]
