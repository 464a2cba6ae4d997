"""The operators' tools of the migration, from seeding to rollback; they never serve requests."""
