"""How V2 says no: every error body has a code, a message and, for wrong arguments, the fields."""

from collections.abc import Sequence

from starlette.responses import JSONResponse


class Refused(Exception):
    """A request that is understood and declined."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = list(fields)

    def answer(self) -> JSONResponse:
        """As the user gets it."""
        error: dict[str, object] = {"code": self.code, "message": str(self)}
        if self.fields:
            error["fields"] = self.fields
        return JSONResponse({"error": error}, status_code=self.status)


def unknown_agent(agent: str) -> Refused:
    """Nobody is registered under that id."""
    return Refused(404, "agent_not_found", f"there is no agent {agent!r}")


def conflict(message: str) -> Refused:
    """It contradicts how things stand."""
    return Refused(409, "conflict", message)
