"""python -m v3_roadmap.candidate: starts V3 on a store and a cache; ends with one line when it cannot."""

import os
import sys

from plumbing.server import fail, serve, service_parser
from v3_roadmap.seeded import apply_seeded

NAME = "v3"


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser(NAME, "V3: ai_coordination_system_v3, one service with all coordination commands.")
    parser.add_argument("--store", required=True, help="postgresql://user:password@host/name or sqlite:////path.db")
    parser.add_argument("--cache", required=True, help="redis://host:port/number, or memory")
    parser.add_argument("--models", help="http://host:port of the model API; a stub is started without it")
    parser.add_argument("--traces", default=os.environ.get("V3_OTLP_URL"), help="http://host:port of a collector")
    options = parser.parse_args()
    apply_seeded("candidate")

    from v3_roadmap.candidate.app import create_app
    from v3_roadmap.candidate.cache import open_cache
    from v3_roadmap.candidate.schema import phase_of
    from v3_roadmap.candidate.service import CoordinationService
    from v3_roadmap.candidate.store import open_store
    from v3_roadmap.candidate.traces import Tracer
    from v3_roadmap.models.beside import models_control, models_url

    phase, pool = phase_of(os.environ.get("V3_SCHEMA", "1")), _pool(os.environ.get("V3_POOL", "4"))
    try:
        cache, store = open_cache(options.cache), open_store(options.store, pool)
        service = CoordinationService(store, cache, phase, Tracer(options.traces), pool)
    except ValueError as error:
        fail(f"{NAME}: {error}", code=2)
    except Exception as error:  # noqa: BLE001 - whatever a database driver raises, the user gets one line
        fail(f"{NAME}: {str(error).splitlines()[0]}")
    for part, used in (("store", store), ("cache", cache)):
        if used.is_fallback:
            print(f"{NAME}: the {part} is {used.kind}, a fallback that was asked for", file=sys.stderr, flush=True)
    url = models_url(options.models, NAME)
    service.use_models(url, os.environ.get("V3_MODEL_KEY", "a-key"))
    serve(create_app(service, models_control(url)), host=options.host, port=options.port, name=NAME)


def _pool(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 100:
        fail(f"V3_POOL={word}: a number from 1 to 100 is wanted", code=2)
    return int(word)


if __name__ == "__main__":
    main()
