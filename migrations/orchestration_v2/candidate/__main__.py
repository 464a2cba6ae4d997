"""python -m orchestration_v2.candidate: starts the candidate on a store and a bus; ends with one line when it cannot."""

from typing import TYPE_CHECKING

from orchestration_v2.seeded import apply_seeded
from plumbing.server import engine_or_fail, fail, serve, service_parser

if TYPE_CHECKING:
    from orchestration_v2.candidate.bus import EventBus

NAME = "orchestration-v2"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "The orchestration service of teams, with a state manager and an event bus.")
    parser.add_argument("--store", required=True, help="sqlite:////path.db or postgresql+psycopg://...")
    parser.add_argument("--bus", default="memory", help="memory (the default) or redis://host:port")
    options = parser.parse_args()
    apply_seeded("candidate")

    from orchestration_v2.candidate.app import create_app
    from orchestration_v2.candidate.service import V2OrchestrationEngine
    from orchestration_v2.candidate.state import StateManager
    from orchestration_v2.candidate.store import create_tables
    from plumbing.identifiers import Identifiers
    from plumbing.metrics import ServiceMetrics

    bus, identifiers = _open_bus(options.bus), Identifiers()
    store = engine_or_fail(options.store, create_tables, NAME)
    engine = V2OrchestrationEngine(StateManager(store), bus, ServiceMetrics(), identifiers)
    serve(create_app(engine, identifiers), host=options.host, port=options.port, name=NAME)


def _open_bus(word: str) -> "EventBus":
    from orchestration_v2.candidate.bus import BusError, MemoryBus

    if word == "memory":
        return MemoryBus()
    if not word.startswith(("redis://", "rediss://")):
        fail(f"{NAME}: bus {word!r} is not supported; use memory or redis://host:port", code=2)
    from orchestration_v2.candidate.redis_bus import RedisBus

    try:
        return RedisBus(word)
    except BusError as error:
        fail(f"{NAME}: {error}", code=2)


if __name__ == "__main__":
    main()
