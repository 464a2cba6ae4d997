"""How the fleet says no: every error body has a code, a message and, for wrong input, the fields."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

CODES = {404: "not_found", 405: "method_not_allowed"}
SUBJECTS = (("/tasks", "invalid_task"), ("/agents", "invalid_agent"), ("/tools", "invalid_call"))


class FleetError(Exception):
    """A request that the fleet understands and declines."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = tuple(fields)


def install(app: FastAPI) -> None:
    """Answers every kind of error in the form above."""

    @app.exception_handler(FleetError)
    async def declined(_request: Request, error: FleetError) -> JSONResponse:
        return _answer(error.status, error.code, str(error), error.fields)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        fields = sorted({_field(problem["loc"]) for problem in found})
        in_query = all(problem["loc"][0] == "query" for problem in found)
        code = "invalid_query" if in_query else _subject(request.url.path)
        return _answer(422, code, f"{_field(found[0]['loc'])}: {found[0]['msg']}", fields)

    @app.exception_handler(HTTPException)
    async def plain(_request: Request, error: HTTPException) -> JSONResponse:
        answer = _answer(error.status_code, CODES.get(error.status_code, "refused"), str(error.detail))
        answer.headers.update(error.headers or {})
        return answer


def _field(location: Sequence[int | str]) -> str:
    path = [str(step) for step in location[1:]]
    # A body that is no JSON at all is located by a position in its text.
    return ".".join(path) if path and not path[0].isdecimal() else str(location[0])


def _subject(path: str) -> str:
    return next((code for prefix, code in SUBJECTS if path.startswith(prefix)), "invalid_request")


def _answer(status: int, code: str, message: str, fields: Sequence[str] = ()) -> JSONResponse:
    error: dict[str, object] = {"code": code, "message": message}
    if fields:
        error["fields"] = list(fields)
    return JSONResponse({"error": error}, status_code=status)
