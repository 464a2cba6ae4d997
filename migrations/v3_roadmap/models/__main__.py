"""python -m v3_roadmap.models: starts the stub of the model API; with --beside it ends as soon as its parent does."""

import threading

from plumbing.server import end_with_input, serve, service_parser
from v3_roadmap.seeded import apply_seeded

NAME = "v3-models"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "A stub of the model API: answers by the prompt alone, with failures on demand.")
    parser.add_argument("--beside", action="store_true", help="end when standard input ends")
    options = parser.parse_args()
    apply_seeded("models")

    from v3_roadmap.models.app import create_app

    if options.beside:
        threading.Thread(target=end_with_input, daemon=True).start()
    serve(create_app(), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
