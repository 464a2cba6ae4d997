"""python -m v3_roadmap.cluster.node: starts one coordination node; ends with one line when it cannot."""

import argparse
from pathlib import Path

from plumbing.server import fail, serve, service_parser
from v3_roadmap.seeded import apply_seeded


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser("v3-node", "One node of the cluster: a primary has a vote, a worker has a replica.")
    parser.add_argument("--id", required=True, help="its name, and that of its certificate")
    parser.add_argument("--role", required=True, choices=["primary", "worker"])
    parser.add_argument("--primaries", required=True, type=_places, help="n1=host:port,n2=host:port,...: for peers")
    parser.add_argument("--tls", required=True, type=Path, help="folder with ca.pem, ID.pem and ID.key")
    parser.add_argument("--data", required=True, type=Path, help="folder for its journal")
    options = parser.parse_args()
    name = f"v3-node {options.id}"
    apply_seeded("node")

    from v3_roadmap.cluster.app import create_app
    from v3_roadmap.cluster.replica import Replica
    from v3_roadmap.cluster.transport import Place

    if (options.id in options.primaries) != (options.role == "primary"):
        fail(f"{name}: a primary stands in --primaries, a worker does not", code=2)
    for file in ("ca.pem", f"{options.id}.pem", f"{options.id}.key"):
        if not (options.tls / file).is_file():
            fail(f"{name}: {options.tls / file} is missing; write it by v3_roadmap.cluster.certificates", code=2)
    if not options.port:
        fail(f"{name}: a port is wanted that others can be told of", code=2)
    options.data.mkdir(parents=True, exist_ok=True)
    place = Place(options.id, options.primaries, options.tls)
    app = create_app(lambda: Replica(place, options.role, options.data), f"http://{options.host}:{options.port}")
    serve(app, host=options.host, port=options.port, name=name)


def _places(text: str) -> dict[str, tuple[str, int]]:
    places = {}
    for word in text.split(","):
        node, _, address = word.partition("=")
        host, _, port = address.rpartition(":")
        if not node or not host or not port.isdecimal():
            raise argparse.ArgumentTypeError(f"{word!r} is not ID=host:port")
        places[node] = (host, int(port))
    return places


if __name__ == "__main__":
    main()
