"""python -m fleet_1_0_5.models: starts the stub of the model API; with --beside it ends as soon as its parent does."""

import os
import signal
import sys
import threading
from pathlib import Path

from fleet_1_0_5.seeded import apply_seeded
from plumbing.server import serve, service_parser

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
        threading.Thread(target=_end_with_input, daemon=True).start()
    serve(create_app(), host=options.host, port=options.port, name=NAME)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    # Who would read what it says last has gone.
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the end
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
