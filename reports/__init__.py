"""What reports look like: templates, categories and schemas; no code decides anything here."""
