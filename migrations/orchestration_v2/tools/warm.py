"""Converts one store after the other in a process that stays up; does what `migrate` does, without a command line or a record."""

from orchestration_v2.seeded import apply_seeded
from orchestration_v2.tools import transfer

apply_seeded("tools")


def migrate(source: str, target: str) -> None:
    """Convert a v1 store into a v2 store, as `migrate --validate --allow-active` does; raises what it is refused with."""
    order = transfer.Migration(source, target, validate=True, keep_target=False, allow_active=True)
    transfer.migrate_orchestration_state(order)


def add(source: str, target: str) -> None:
    """Convert a v1 store and keep what the v2 store has besides, as `migrate --keep-target` does."""
    order = transfer.Migration(source, target, validate=True, keep_target=True, allow_active=True)
    transfer.migrate_orchestration_state(order)
