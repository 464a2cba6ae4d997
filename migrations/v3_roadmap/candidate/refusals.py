"""How V3 says no: one exception, one form of answer."""

from starlette.responses import JSONResponse


class Declined(Exception):
    """A request that is understood and declined; `code` is what clients rely on."""

    def __init__(self, status: int, code: str, message: str, *fields: str) -> None:
        super().__init__(message)
        self.status, self.code, self.fields = status, code, fields

    def response(self) -> JSONResponse:
        """The answer."""
        body: dict[str, object] = {"code": self.code, "message": str(self)}
        return JSONResponse({"error": body | ({"fields": [*self.fields]} if self.fields else {})}, self.status)

    @classmethod
    def no_agent(cls, agent: str) -> "Declined":
        """There is none of that id."""
        return cls(404, "agent_not_found", f"no agent is called {agent!r}")

    @classmethod
    def conflict(cls, message: str) -> "Declined":
        """It contradicts how things stand."""
        return cls(409, "conflict", message)
