"""Gives a stack a fault, proves that it took effect, and takes it back; judges nothing."""

from godwit.faults.http import clear, current, inject, injected
from godwit.faults.tracing import REFUSED, Blow, Deed, Point, Traced, run_for, trace, untraceable

__all__ = [
    "REFUSED",
    "Blow",
    "Deed",
    "Point",
    "Traced",
    "clear",
    "current",
    "inject",
    "injected",
    "run_for",
    "trace",
    "untraceable",
]
