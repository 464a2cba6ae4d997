"""Beside the candidate on the path, and never part of it."""
