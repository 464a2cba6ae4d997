"""python -m orchestration_v2.gateway: starts the gateway between two URLs; ends with one line when it cannot."""

from pathlib import Path

from orchestration_v2.seeded import apply_seeded
from plumbing.door import side
from plumbing.server import fail, serve, service_parser

NAME = "orchestration-gateway"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "The door for all users: flags choose the side that serves a request.")
    parser.add_argument("--baseline", required=True, type=side, help="http://host:port of the baseline")
    parser.add_argument("--candidate", required=True, type=side, help="http://host:port of the candidate")
    parser.add_argument("--data", required=True, type=Path, help="folder for flags.json, feedback.jsonl, audit.jsonl")
    options = parser.parse_args()
    apply_seeded("gateway")

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
