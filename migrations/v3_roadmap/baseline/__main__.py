"""python -m v3_roadmap.baseline: starts V2, three applications behind one door; ends with one line when it cannot."""

from concurrent.futures import ThreadPoolExecutor

from plumbing.server import fail, serve, service_parser, start_beside
from plumbing.store import StoreError, open_engine
from v3_roadmap.seeded import apply_seeded

NAME = "v2"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "V2: the applications coordination, registry and xavos behind one door.")
    parser.add_argument("--store", required=True, help="sqlite:////path.db or postgresql+psycopg://...")
    parser.add_argument("--models", help="http://host:port of the model API; a stub is started without it")
    options = parser.parse_args()
    apply_seeded("baseline")

    from v3_roadmap.baseline.catalogue import APPS
    from v3_roadmap.baseline.delays import delays_from_environment
    from v3_roadmap.baseline.door import create_app
    from v3_roadmap.baseline.tables import create_tables
    from v3_roadmap.models.beside import models_url

    delays = delays_from_environment()
    try:
        create_tables(open_engine(options.store))
    except StoreError as error:
        fail(f"{NAME}: {error}", code=2)
    except Exception as error:  # noqa: BLE001 - whatever a database driver raises, the user gets one line
        fail(f"{NAME}: {str(error).splitlines()[0]}")
    url = models_url(options.models, NAME)
    words = [["v3_roadmap.baseline.app", app, "--store", options.store] for app in APPS]
    with ThreadPoolExecutor() as starting:
        started = list(starting.map(lambda one: start_beside(one, NAME), words))
    sides = {app: found for app, (_, found) in zip(APPS, started, strict=True)}
    serve(create_app(sides, url, delays), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
