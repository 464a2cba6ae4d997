"""State of both versions: sample data, its conversion, copies and backups."""
