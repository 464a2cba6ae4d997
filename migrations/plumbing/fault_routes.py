"""PUT, GET and DELETE /internal/faults of a FastAPI service; for loopback callers, unless told otherwise."""

import ipaddress
import os

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from plumbing.faults import Faults, FaultSettings


def fault_routes(faults: Faults) -> APIRouter:
    """PUT, GET and DELETE /internal/faults."""
    router = APIRouter(
        prefix="/internal/faults", dependencies=[Depends(_refuse_strangers)], tags=["internal"], include_in_schema=False
    )

    @router.put("")
    async def put_faults(settings: FaultSettings) -> FaultSettings:
        try:
            faults.apply(settings)
        except LookupError as error:
            raise HTTPException(409, str(error)) from error
        return faults.settings

    @router.get("")
    async def get_faults() -> FaultSettings:
        return faults.settings

    @router.delete("", status_code=204, response_class=Response)
    async def delete_faults() -> Response:
        faults.apply(FaultSettings())
        return Response(status_code=204)

    return router


async def _refuse_strangers(request: Request) -> None:
    if os.environ.get("ORCHESTRATION_FAULTS_FROM") == "anywhere":
        return  # a container is called through its published port, and sees the bridge's address instead of loopback
    host = request.client.host if request.client else ""
    try:
        close = ipaddress.ip_address(host).is_loopback
    except ValueError:
        close = False
    if not close:
        raise HTTPException(403, "faults are set from this machine only")
