"""Brings versions up and down, says how they are and what they use, and leaves nothing behind; judges nothing."""

from godwit.stacks.idle import idle_samples
from godwit.stacks.machine import Neighbours
from godwit.stacks.opening import OpenStacks, drivers, open_again, open_stacks
from godwit.stacks.owners import cache_dir, ownership
from godwit.stacks.places import Placement, Places, fill, fill_text
from godwit.stacks.sampling import Sampler
from godwit.stacks.stack import Driver, Request, Runtime, Site, Stack
from godwit.stacks.sweeping import sweep


def engine_answers() -> bool:
    """Whether a Docker Engine answers; the client is loaded only to ask."""
    from godwit.stacks.engine import answers

    return answers()


__all__ = [
    "Driver",
    "Neighbours",
    "OpenStacks",
    "Placement",
    "Places",
    "Request",
    "Runtime",
    "Sampler",
    "Site",
    "Stack",
    "cache_dir",
    "drivers",
    "engine_answers",
    "fill",
    "fill_text",
    "idle_samples",
    "open_again",
    "open_stacks",
    "ownership",
    "sweep",
]
