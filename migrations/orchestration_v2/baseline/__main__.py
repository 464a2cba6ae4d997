"""python -m orchestration_v2.baseline: starts the baseline on a store; ends with one line when it cannot."""

from orchestration_v2.seeded import apply_seeded
from plumbing.server import engine_or_fail, serve, service_parser

NAME = "orchestration-v1"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "The orchestration service that answers today.")
    parser.add_argument("--store", required=True, help="sqlite:////path.db or postgresql+psycopg://...")
    options = parser.parse_args()
    apply_seeded("baseline")

    from orchestration_v2.baseline.app import create_app
    from orchestration_v2.baseline.service import V1OrchestrationEngine
    from orchestration_v2.baseline.store import create_tables
    from plumbing.identifiers import Identifiers
    from plumbing.metrics import ServiceMetrics

    engine = engine_or_fail(options.store, create_tables, NAME)
    app = create_app(V1OrchestrationEngine(engine, ServiceMetrics(), Identifiers()))
    serve(app, host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
