"""Applies the seeded defect that the environment names to one part of the fleet; does nothing without one."""

from plumbing.defects import apply_from_environment

TABLES = (
    "fleet_1_0_5.defects",
    "fleet_1_0_5.rollout_defects",
    "fleet_1_0_5.writing_defects",
    "fleet_1_0_5.state_defects",
)


def apply_seeded(part: str) -> None:
    """Patches this process if the defect belongs to `part`: baseline, candidate, router, models or tools."""
    apply_from_environment(part, TABLES)
