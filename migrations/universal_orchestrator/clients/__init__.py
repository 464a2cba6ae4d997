"""Programs that use the orchestrators: untouched ones of every call style, and migrated ones."""
