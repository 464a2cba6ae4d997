"""Applies the seeded defect that the environment names to one part of v3-roadmap; does nothing where there is no table."""

import importlib.util

from plumbing.defects import apply_from_environment

TABLES = (
    "v3_roadmap.script_defects",
    "v3_roadmap.state_defects",
    "v3_roadmap.system_defects",
    "v3_roadmap.operation_defects",
)


def apply_seeded(part: str) -> None:
    """Patches this process if the defect belongs to `part`: baseline, candidate, router, models, node, balancer or tools."""
    apply_from_environment(part, tuple(table for table in TABLES if importlib.util.find_spec(table)))
