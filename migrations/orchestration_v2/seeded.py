"""The tables of seeded defects by name, so that no service imports what patches its siblings; knows no defect itself."""

from plumbing.defects import apply_from_environment

TABLES = (
    "orchestration_v2.defects",
    "orchestration_v2.compatibility_defects",
    "orchestration_v2.rollout_defects",
    "orchestration_v2.bucket_defects",
    "orchestration_v2.matrix_defects",
    "orchestration_v2.switch_defects",
    "orchestration_v2.crash_defects",
    "orchestration_v2.state_defects",
    "orchestration_v2.writing_defects",
    "orchestration_v2.conversion_defects",
    "orchestration_v2.tools.defects",
)


def apply_seeded(part: str) -> None:
    """Patches this process if the environment names a defect of `part`: baseline, candidate, gateway or tools."""
    apply_from_environment(part, TABLES)
