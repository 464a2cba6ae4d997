"""Where seeded defects enter a Python process: folders for the path, one for each side that can have one."""
