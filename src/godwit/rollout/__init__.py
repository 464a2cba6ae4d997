"""Moves traffic: the router's flags and assignments, made-up users, and the steps of a runbook; judges nothing."""

from godwit.rollout.assignments import Rows, bulk, word
from godwit.rollout.controls import Control, EnvironmentControl, FileControl, HttpControl, RefusedError
from godwit.rollout.in_memory import InMemoryControl
from godwit.rollout.router import RouterControl
from godwit.rollout.runbooks import Journal, StepRecord, execute
from godwit.rollout.served_flags import ServedControl
from godwit.rollout.users import shaped, users

__all__ = [
    "Control",
    "EnvironmentControl",
    "FileControl",
    "HttpControl",
    "InMemoryControl",
    "Journal",
    "RefusedError",
    "RouterControl",
    "Rows",
    "ServedControl",
    "StepRecord",
    "bulk",
    "execute",
    "shaped",
    "users",
    "word",
]
