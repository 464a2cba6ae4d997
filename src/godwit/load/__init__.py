"""Runs Locust in a process of its own and reads back its exact samples; judges nothing."""

from godwit.load.progress import Progress, SoFar
from godwit.load.run import run_load
from godwit.load.samples import read_run

__all__ = ["Progress", "SoFar", "read_run", "run_load"]
