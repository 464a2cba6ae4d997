"""Runs Locust in a process of its own and reads back its exact samples; judges nothing."""

from godwit.load.documents import LoadDocument, read_load, told
from godwit.load.progress import Progress, SoFar
from godwit.load.run import Typed, run_load
from godwit.load.samples import read_part, read_run

__all__ = ["LoadDocument", "Progress", "SoFar", "Typed", "read_load", "read_part", "read_run", "run_load", "told"]
