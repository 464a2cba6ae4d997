"""Touches a running stack as its users do: over HTTP, by its commands, by its metrics, as Python; compares nothing."""

from godwit.surfaces.benchmarks import UnmeasuredError, lacking, run_benchmarks
from godwit.surfaces.cli import CommandResult, run_command
from godwit.surfaces.config_files import format_of, read_config, spoiled
from godwit.surfaces.files import written
from godwit.surfaces.http import Pair, exchange, exchange_at_once, exchange_each, exchange_pairs, send
from godwit.surfaces.kept import KeptConnection
from godwit.surfaces.metrics import growth, scrape
from godwit.surfaces.openapi_cases import Made, UnreadableError, requests_of, values_of
from godwit.surfaces.pacts import verify_pact
from godwit.surfaces.pointers import AbsentError, at
from godwit.surfaces.python import LostError, Worker, read_calls, record_calls
from godwit.surfaces.python_api import claims
from godwit.surfaces.recordings import Recorded, read_recording
from godwit.surfaces.replaying import replay
from godwit.surfaces.streams import listen

__all__ = [
    "AbsentError",
    "CommandResult",
    "KeptConnection",
    "LostError",
    "Made",
    "Pair",
    "Recorded",
    "UnmeasuredError",
    "UnreadableError",
    "Worker",
    "at",
    "claims",
    "exchange",
    "exchange_at_once",
    "exchange_each",
    "exchange_pairs",
    "format_of",
    "growth",
    "lacking",
    "listen",
    "read_calls",
    "read_config",
    "read_recording",
    "record_calls",
    "replay",
    "requests_of",
    "run_benchmarks",
    "run_command",
    "scrape",
    "send",
    "spoiled",
    "values_of",
    "verify_pact",
    "written",
]
