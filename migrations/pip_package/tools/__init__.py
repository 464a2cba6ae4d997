"""Tools of the migration: sample installations, stand-in integrations, canonical views."""
