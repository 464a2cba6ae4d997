"""python -m v3_roadmap.baseline.app NAME: one of the three applications of V2, with the routes that all three have."""

import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plumbing.door import json_of
from plumbing.identifiers import now_text
from plumbing.server import end_with_input, engine_or_fail, serve, service_parser
from plumbing.store import writing
from v3_roadmap.baseline import arguments, coordination, registry, xavos
from v3_roadmap.baseline.catalogue import APPS
from v3_roadmap.baseline.refusals import Refused
from v3_roadmap.baseline.tables import Command, create_tables, xavos_log
from v3_roadmap.seeded import apply_seeded


class App:
    """One application: its commands, and its own view of agents, work and status."""

    def __init__(self, name: str, engine: sa.Engine) -> None:
        self._name = name
        self._engine = engine

    def asgi(self) -> Starlette:
        """The application as a service."""
        get = {"/agents": registry.list_agents, "/work": coordination.list_work, "/status": xavos.dashboard}
        routes = [Route(path, self._reader(read)) for path, read in get.items()]
        routes += [Route("/commands/{name}", self.command, methods=["POST"]), Route("/health", self.health)]
        return Starlette(routes=routes)

    async def command(self, request: Request) -> Response:
        """Serves one command."""
        name = request.path_params["name"]
        try:
            if name not in APPS[self._name]:
                raise Refused(404, "command_missing", f"there is no command {name!r}")
            given = arguments.checked(name, await json_of(request))
            return JSONResponse({"command": name, "result": self._run(name, APPS[self._name][name], given)})
        except Refused as refused:
            return refused.answer()

    async def health(self, _request: Request) -> Response:
        """Whether the store can be used."""
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.select(1))
        except SQLAlchemyError:
            return JSONResponse({"app": self._name, "status": "unhealthy"}, status_code=503)
        return JSONResponse({"app": self._name, "status": "healthy"})

    def _run(self, name: str, command: Command, given: dict[str, Any]) -> dict[str, Any]:
        with writing(self._engine) as connection:
            result = command(connection, given)
            connection.execute(xavos_log.insert().values(at=now_text(), what=name, who=given.get("agent")))
            return result

    def _reader(self, read: Command) -> Callable[[Request], Any]:
        async def answer(_request: Request) -> Response:
            with self._engine.connect() as connection:
                return JSONResponse(read(connection, {"team": None, "status": None}))

        return answer


def main() -> None:
    """Reads the command line and serves until SIGTERM."""
    parser = service_parser("v2-app", "One of the three applications of V2.")
    parser.add_argument("name", choices=sorted(APPS))
    parser.add_argument("--store", required=True, help="sqlite:////path.db or postgresql+psycopg://...")
    parser.add_argument("--beside", action="store_true", help="end when standard input ends")
    options = parser.parse_args()
    apply_seeded("baseline")
    engine = engine_or_fail(options.store, create_tables, f"v2-{options.name}")
    if options.beside:
        threading.Thread(target=end_with_input, daemon=True).start()
    serve(App(options.name, engine).asgi(), host=options.host, port=options.port, name=f"v2-{options.name}")


if __name__ == "__main__":
    main()
