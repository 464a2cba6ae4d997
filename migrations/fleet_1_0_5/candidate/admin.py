"""What operators ask of the candidate: its switches and their sources, a selection on trial, the state of the budgets."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import JSONResponse

from fleet_1_0_5.candidate.documents import Spending
from fleet_1_0_5.candidate.feature_flags import SWITCHES
from fleet_1_0_5.candidate.fleet import FleetManager
from fleet_1_0_5.candidate.refusals import Declined
from fleet_1_0_5.candidate.routing import ModelRouter, Size

Count = Annotated[int, Query(ge=0)]


def admin_routes(fleet: FleetManager) -> APIRouter:
    """Routes under /admin, in no document for users."""
    router = APIRouter(prefix="/admin", include_in_schema=False)

    @router.get("/flags")
    async def flags(agentType: str | None = None) -> Response:
        return JSONResponse(_flags(fleet, agentType))

    @router.put("/flags")
    async def set_flags(request: Request) -> Response:
        fleet.flags.set_now(_changes(await _json(request)))
        return JSONResponse(_flags(fleet, None))

    @router.get("/select")
    async def select(
        complexity: Annotated[float | None, Query(ge=0, le=1)] = None,
        inputTokens: Count = 1000,
        outputTokens: Count = 600,
        steps: Count = 0,
        context: Count = 0,
    ) -> Response:
        model_router = fleet.router()
        size = Size(inputTokens + outputTokens, steps, context)
        chosen = model_router.select(size) if complexity is None else model_router.select_for(complexity)
        shown = {"modelName": chosen.modelName, "providerId": chosen.providerId}
        return JSONResponse(shown | {"complexity": chosen.complexity, "reason": chosen.reason})

    @router.get("/costs")
    async def costs() -> Response:
        return JSONResponse(_costs(fleet))

    @router.post("/spend", status_code=201)
    async def spend(spending: Spending) -> Response:
        default = ModelRouter(fleet.settings.routing).default().name
        record = fleet.costs.record(fleet.new_id("spending"), default, (0, 0), spending.usd)
        fleet.costs.alert(fleet.settings.routing.costTracking)
        return JSONResponse(record, 201)

    return router


def _flags(fleet: FleetManager, agent_type: str | None) -> dict[str, Any]:
    effective = fleet.flags.features(agent_type) | {"costTracking": fleet.flags.tracks_costs(agent_type)}
    sources = fleet.flags.sources(agent_type)
    return {"effective": effective, "sources": sources, "problems": fleet.flags.problems()}


def _changes(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Declined(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_flags", "flags come as a JSON object")
    wrong = sorted(
        name for name, value in body.items() if name not in SWITCHES or not (value is None or isinstance(value, bool))
    )
    if wrong:
        known = ", ".join(sorted(SWITCHES))
        text = "is true, false or null" if wrong[0] in SWITCHES else f"is no flag; known flags are {known}"
        raise Declined(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_flags", f"{wrong[0]} {text}", wrong)
    return body


def _costs(fleet: FleetManager) -> dict[str, Any]:
    records = fleet.costs.records()
    by_model: dict[str, float] = {}
    for record in records:
        by_model[record["model"]] = by_model.get(record["model"], 0.0) + record["usd"]
    budgets = fleet.costs.spent(fleet.settings.routing.costTracking)
    return {
        "tasks": len(records),
        "usd": sum(record["usd"] for record in records),
        "byModel": by_model,
        "budgets": {b.period: {"spent": b.usd, "limit": b.limit, "percent": b.percent} for b in budgets},
        "alerts": fleet.costs.alerts(),
    }


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None
