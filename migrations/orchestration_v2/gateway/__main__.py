"""python -m orchestration_v2.gateway: starts the gateway between two URLs; ends with one line when it cannot."""

from pathlib import Path

from plumbing.defects import apply_from_environment
from plumbing.door import side
from plumbing.server import fail, serve, service_parser

NAME = "orchestration-gateway"
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
    parser = service_parser(NAME, "The door for all users: flags choose the side that serves a request.")
    parser.add_argument("--baseline", required=True, type=side, help="http://host:port of the baseline")
    parser.add_argument("--candidate", required=True, type=side, help="http://host:port of the candidate")
    parser.add_argument("--data", required=True, type=Path, help="folder for flags.json, feedback.jsonl, audit.jsonl")
    options = parser.parse_args()
    apply_from_environment("gateway", DEFECT_TABLES)

    from orchestration_v2.gateway.app import create_app
    from orchestration_v2.gateway.flags import FlagError

    try:
        options.data.mkdir(parents=True, exist_ok=True)
        app = create_app(options.baseline, options.candidate, options.data)
    except (FlagError, OSError) as error:
        fail(f"{NAME}: {error}", code=2)
    serve(app, host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
