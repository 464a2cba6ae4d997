"""python -m orchestration_v2.candidate: starts the candidate on a store and a bus; ends with one line when it cannot."""

from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from orchestration_v2.seeded import apply_seeded
from plumbing.server import fail, serve, service_parser
from plumbing.store import StoreError, open_engine

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
    try:
        store = open_engine(options.store)
        create_tables(store)
    except (StoreError, SQLAlchemyError) as error:
        fail(f"{NAME}: {str(error).splitlines()[0]}", code=2 if isinstance(error, StoreError) else 1)
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
