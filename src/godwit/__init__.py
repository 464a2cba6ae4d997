"""godwit verifies migrations: a baseline and a candidate, phase by phase, to a verdict with its evidence."""

__version__ = "0.1.0"
