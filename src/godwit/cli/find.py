"""Finds a plan by the name of a reference migration or by its path; refuses anything else with what there is."""

import difflib
from pathlib import Path

from godwit.plan import Plan, load_plan
from godwit.session.shipped import catalogue, migrations
from godwit.verdict import PlanError


def find_plan(name: str) -> Path:
    """The path of a plan: a file, a folder with a plan.yaml, or the id of a reference migration."""
    path = Path(name)
    if path.is_file():
        return path
    if (path / "plan.yaml").is_file():
        return path / "plan.yaml"
    known = migrations()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise PlanError(f"no plan file and no migration '{name}'{hint}\n  migrations: {', '.join(known) or 'none'}")


def read_plan(name: str) -> Plan:
    """Find a plan and load it; `${NAME}` stays as it is written, because it may stand for a secret."""
    return load_plan(find_plan(name), {}, catalogue())
