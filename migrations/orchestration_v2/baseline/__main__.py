"""python -m orchestration_v2.baseline: starts the baseline on a store; ends with one line when it cannot."""

from sqlalchemy.exc import SQLAlchemyError

from plumbing.defects import apply_from_environment
from plumbing.server import fail, serve, service_parser
from plumbing.store import StoreError, open_engine

NAME = "orchestration-v1"
DEFECT_TABLES = (
    "orchestration_v2.defects",
    "orchestration_v2.compatibility_defects",
    "orchestration_v2.rollout_defects",
    "orchestration_v2.bucket_defects",
    "orchestration_v2.matrix_defects",
    "orchestration_v2.switch_defects",
    "orchestration_v2.crash_defects",
    "orchestration_v2.state_defects",
    "orchestration_v2.writing_defects",
    "orchestration_v2.conversion_defects",
    "orchestration_v2.tools.defects",
)


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "The orchestration service that answers today.")
    parser.add_argument("--store", required=True, help="sqlite:////path.db or postgresql+psycopg://...")
    options = parser.parse_args()
    apply_from_environment("baseline", DEFECT_TABLES)

    from orchestration_v2.baseline.app import create_app
    from orchestration_v2.baseline.service import V1OrchestrationEngine
    from orchestration_v2.baseline.store import create_tables
    from plumbing.identifiers import Identifiers
    from plumbing.metrics import ServiceMetrics

    try:
        engine = open_engine(options.store)
        create_tables(engine)
    except (StoreError, SQLAlchemyError) as error:
        fail(f"{NAME}: {str(error).splitlines()[0]}", code=2 if isinstance(error, StoreError) else 1)
    app = create_app(V1OrchestrationEngine(engine, ServiceMetrics(), Identifiers()))
    serve(app, host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
