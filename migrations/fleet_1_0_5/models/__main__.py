"""python -m fleet_1_0_5.models: starts the stub of the model API; with --beside it ends as soon as its parent does."""

import threading

from fleet_1_0_5.seeded import apply_seeded
from plumbing.server import end_with_input, serve, service_parser

NAME = "fleet-models"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(
        NAME, "A stub of the model API: deterministic answers, injectable latency, errors and tokens."
    )
    parser.add_argument("--beside", action="store_true", help="end when standard input ends")
    options = parser.parse_args()
    apply_seeded("models")

    from fleet_1_0_5.models.app import create_app

    if options.beside:
        threading.Thread(target=end_with_input, daemon=True).start()
    serve(create_app(), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
