"""GET, PUT and DELETE /internal/faults of a Starlette service, for callers on this machine; needs no FastAPI."""

import ipaddress

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plumbing.door import refusal
from plumbing.faults import Faults, FaultSettings


def fault_control(faults: Faults) -> Route:
    """The route for the faults of one service."""

    async def control(request: Request) -> Response:
        if not _is_close(request):
            return JSONResponse({"detail": "faults are set from this machine only"}, status_code=403)
        try:
            if request.method == "PUT":
                faults.apply(FaultSettings.model_validate_json(await request.body()))
        except ValidationError as error:
            problem = error.errors()[0]
            return refusal("invalid_faults", problem["msg"], [".".join(map(str, problem["loc"]))])
        except LookupError as error:
            return JSONResponse({"detail": str(error)}, status_code=409)
        if request.method == "DELETE":
            faults.apply(FaultSettings())
            return Response(status_code=204)
        return JSONResponse(faults.settings.model_dump())

    return Route("/internal/faults", control, methods=["GET", "PUT", "DELETE"])


def _is_close(request: Request) -> bool:
    try:
        return ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
