"""Applies the seeded defect that the environment names to one part of the fleet; does nothing where there is no table."""

import importlib.util

from plumbing.defects import apply_from_environment

TABLES = (
    "fleet_1_0_5.defects",
    "fleet_1_0_5.rollout_defects",
    "fleet_1_0_5.writing_defects",
    "fleet_1_0_5.state_defects",
)


def apply_seeded(part: str) -> None:
    """Patches this process if the defect belongs to `part`: baseline, candidate, router or models."""
    apply_from_environment(part, tuple(table for table in TABLES if importlib.util.find_spec(table)))
