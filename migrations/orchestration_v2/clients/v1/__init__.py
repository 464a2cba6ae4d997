"""The client of API version 1: what users had before the migration, and must not have to change."""
