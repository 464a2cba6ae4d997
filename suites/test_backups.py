"""Backups are worth something: what is damaged is noticed before it is needed, and never restored."""

from godwit import assert_holds


def test_the_whole_backup_is_verified(backup, backups):
    """A whole backup is taken for whole by the tool that verifies it, and is the same afterwards."""
    assert_holds(backups.verified(backup))


def test_the_damage_is_noticed(backup_damage, backups):
    """A backup that is tampered with, truncated, incomplete or has foreign files is refused by the tool that verifies it."""
    assert_holds(backups.noticed(backup_damage))


def test_a_damaged_backup_is_not_restored(restore_damage, backups):
    """A damaged backup is refused by the restore, which leaves nothing half done."""
    assert_holds(backups.not_restored(restore_damage))


def test_the_backup_is_encrypted_where_it_must_be(backup, backups):
    """The files of a backup that must be encrypted show no line of the originals."""
    assert_holds(backups.encrypted(backup))
