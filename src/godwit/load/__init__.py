"""Runs Locust in a process of its own and reads back its exact samples; judges nothing."""

from godwit.load.run import Progress, run_load

__all__ = ["Progress", "run_load"]
