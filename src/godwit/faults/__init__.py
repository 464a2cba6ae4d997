"""Gives a stack a fault, proves that it took effect, and takes it back; judges nothing."""

from godwit.faults.http import clear, current, inject, injected

__all__ = ["clear", "current", "inject", "injected"]
