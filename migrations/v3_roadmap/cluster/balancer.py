"""python -m v3_roadmap.cluster.balancer: starts a balancer before the nodes; ends with one line when it cannot."""

from plumbing.door import side
from plumbing.server import serve, service_parser
from v3_roadmap.seeded import apply_seeded

NAME = "v3-balancer"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "A balancer before the nodes; a second one beside it is its standby.")
    parser.add_argument("--nodes", required=True, help="URL,URL,...: nodes that know the others")
    options = parser.parse_args()
    try:
        seeds = [side(word) for word in options.nodes.split(",")]
    except Exception as error:  # noqa: BLE001 - argparse's own kind of error; the user gets one line
        parser.error(f"--nodes: {error}")
    apply_seeded("balancer")

    from v3_roadmap.cluster.door import create_app

    serve(create_app(seeds), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
