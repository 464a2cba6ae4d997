"""How the baseline says no: every error body has a code, a message and, for wrong input, the fields."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

CODES = {400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 409: "conflict"}
SUBJECTS = (
    ("/api/tasks", "invalid_task"),
    ("/api/workflows", "invalid_workflow"),
    ("/api/messages", "invalid_message"),
)


class RefusalError(Exception):
    """A request that the service understands and declines."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = tuple(fields)


def not_found(kind: str, identifier: str) -> RefusalError:
    """The refusal of an unknown id."""
    return RefusalError(404, f"{kind}_not_found", f"there is no {kind} {identifier!r}")


def install(app: FastAPI) -> None:
    """Answers every kind of error in the form above."""

    @app.exception_handler(RefusalError)
    async def refused(_request: Request, error: RefusalError) -> JSONResponse:
        return _answer(error.status, error.code, error.message, error.fields)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        problems = error.errors()
        fields = sorted({_field(problem["loc"]) for problem in problems})
        message = f"{_field(problems[0]['loc'])}: {problems[0]['msg']}"
        in_query = all(problem["loc"][0] == "query" for problem in problems)
        return _answer(422, "invalid_query" if in_query else _subject(request.url.path), message, fields)

    @app.exception_handler(ValidationError)
    async def wrong_record(_request: Request, error: ValidationError) -> JSONResponse:
        fields = sorted({".".join(str(step) for step in problem["loc"]) for problem in error.errors()})
        return _answer(422, "invalid_record", f"{fields[0]}: {error.errors()[0]['msg']}", fields)

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
