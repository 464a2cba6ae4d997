"""python -m v3_roadmap.models: starts the stub of the model API."""

from plumbing.server import serve, service_parser
from v3_roadmap.seeded import apply_seeded

NAME = "v3-models"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "A stub of the model API: answers by the prompt alone, with failures on demand.")
    options = parser.parse_args()
    apply_seeded("models")

    from v3_roadmap.models.app import create_app

    serve(create_app(), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
