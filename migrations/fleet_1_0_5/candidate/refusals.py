"""Error answers of the candidate, in the form that 1.0.4 has always had: code, message, fields."""

from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

NOUNS = {"tasks": "invalid_task", "agents": "invalid_agent", "tools": "invalid_call"}


class Declined(Exception):
    """A command that was understood and not carried out."""

    def __init__(self, status: HTTPStatus, code: str, message: str, fields: list[str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.content: dict[str, object] = {"code": code, "message": message}
        if fields:
            self.content["fields"] = fields

    @classmethod
    def missing(cls, noun: str, identifier: str) -> "Declined":
        """There is nothing with this id."""
        return cls(HTTPStatus.NOT_FOUND, f"{noun}_not_found", f"there is no {noun} {identifier!r}")

    @classmethod
    def conflict(cls, code: str, message: str) -> "Declined":
        """The state does not allow it."""
        return cls(HTTPStatus.CONFLICT, code, message)

    @classmethod
    def wrong(cls, code: str, field: str, text: str) -> "Declined":
        """A field cannot be what it is."""
        return cls(HTTPStatus.UNPROCESSABLE_ENTITY, code, f"{field}: {text}", [field])


def register(app: Starlette) -> None:
    """Lets the application answer all errors in one form."""
    app.add_exception_handler(Declined, _on_declined)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)


async def _on_declined(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Declined)  # noqa: S101 - registered for this type only
    return JSONResponse({"error": error.content}, error.status)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    found = [(_dotted(problem["loc"]), problem) for problem in error.errors()]
    code = NOUNS.get(request.url.path.strip("/").split("/")[0], "invalid_request")
    if all(problem["loc"][0] == "query" for _, problem in found):
        code = "invalid_query"
    message = f"{found[0][0]}: {found[0][1]['msg']}"
    content = {"code": code, "message": message, "fields": sorted({name for name, _ in found})}
    return JSONResponse({"error": content}, HTTPStatus.UNPROCESSABLE_ENTITY)


async def _on_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    code = HTTPStatus(error.status_code).name.lower()
    return JSONResponse({"error": {"code": code, "message": error.detail}}, error.status_code, error.headers)


def _dotted(location: tuple[int | str, ...]) -> str:
    inside = [str(step) for step in location[1:]]
    if not inside or inside[0].isdecimal():
        return str(location[0])
    return ".".join(inside)
