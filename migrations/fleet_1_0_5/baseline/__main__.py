"""python -m fleet_1_0_5.baseline: starts version 1.0.4 on a configuration and a store; ends with one line when it cannot."""

import shutil
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from fleet_1_0_5.seeded import apply_seeded
from plumbing.server import fail, serve, service_parser
from plumbing.store import StoreError, open_engine

NAME = "fleet-1.0.4"
LIBRARY = Path(__file__).with_name("library")


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "The fleet of agents that answers today.")
    parser.add_argument("--config", required=True, type=Path, help="fleet.yaml")
    parser.add_argument("--template", type=Path, help="copied to the place of --config where there is nothing yet")
    parser.add_argument("--store", required=True, help="sqlite:////path.db or postgresql+psycopg://...")
    parser.add_argument("--models", help="http://host:port of the model API; a stub is started without it")
    parser.add_argument("--extensions", type=Path, help="folder of the modules that `class` in fleet.yaml names")
    options = parser.parse_args()
    apply_seeded("baseline")

    from fleet_1_0_5.baseline.app import create_app
    from fleet_1_0_5.baseline.fleet import FleetManager
    from fleet_1_0_5.baseline.settings import SettingsError, read_settings
    from fleet_1_0_5.models.beside import models_routes, models_url

    sys.path[:0] = [str(LIBRARY), *([str(options.extensions)] if options.extensions else [])]
    try:
        if options.template and not options.config.exists():
            shutil.copyfile(options.template, options.config)
        settings = read_settings(options.config)
        engine = open_engine(options.store)
        url = models_url(options.models or settings.api.modelsUrl, NAME)
        fleet = FleetManager(settings, engine=engine, models_url=url)
        fleet.load()
    except (SettingsError, StoreError, SQLAlchemyError, OSError) as error:
        fail(f"{NAME}: {str(error).splitlines()[0]}", code=1 if isinstance(error, SQLAlchemyError) else 2)
    serve(create_app(fleet, models_routes(url)), host=options.host, port=options.port, name=NAME)


if __name__ == "__main__":
    main()
