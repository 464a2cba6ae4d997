"""Tools of 1.0.5: as in 1.0.4 they execute; those that can also stream say so."""

from http import HTTPStatus
from typing import Any

from fleet_1_0_5.candidate.refusals import Declined
from fleet_1_0_5.candidate.streaming import StreamCallbacks, tell

RECORDS_LIMIT = 1000


class BaseMCPTool:
    """A tool; subclasses have a name, a description and execute."""

    name = ""
    description = ""

    async def execute(self, params: Any) -> Any:
        """What the tool does; to be implemented."""
        raise NotImplementedError(f"{type(self).__name__} does not implement execute")

    def supportsStreaming(self) -> bool:
        """Whether executeStreaming tells more than the result."""
        return False

    async def executeStreaming(self, params: Any, callbacks: StreamCallbacks) -> Any:
        """As execute, with the result told at once."""
        await tell(callbacks.onStart, {"tool": self.name})
        result = await self.execute(params)
        await tell(callbacks.onComplete, {"data": result})
        return result


class StreamingMCPTool(BaseMCPTool):
    """A tool that streams: subclasses say in `pieces` what execute would gather, and in `gather` how."""

    def supportsStreaming(self) -> bool:
        """It does."""
        return True

    def pieces(self, params: Any) -> Any:
        """What the result is made of, piece by piece; to be implemented."""
        raise NotImplementedError(f"{type(self).__name__} does not implement pieces")

    def gather(self, pieces: list[Any]) -> Any:
        """The result; to be implemented."""
        raise NotImplementedError(f"{type(self).__name__} does not implement gather")

    async def execute(self, params: Any) -> Any:
        """All pieces, gathered."""
        return self.gather(list(self.pieces(params)))

    async def executeStreaming(self, params: Any, callbacks: StreamCallbacks) -> Any:
        """Each piece as it comes, and then all of them, gathered."""
        pieces = self.pieces(params)
        await tell(callbacks.onStart, {"tool": self.name})
        told = []
        for index, piece in enumerate(pieces):
            told.append(piece)
            await tell(callbacks.onChunk, {"index": index, "data": piece})
        result = self.gather(told)
        await tell(callbacks.onComplete, {"data": result})
        return result


class TokenCountTool(BaseMCPTool):
    """Counts tokens roughly."""

    name = "token-count"
    description = "Counts the tokens of a text, four signs each"

    async def execute(self, params: Any) -> Any:
        """{text} to {tokens}."""
        match params:
            case {"text": str(text)}:
                return {"tokens": (len(text) + 3) // 4}
        raise Declined.wrong("invalid_call", "params.text", "a text is needed")


class DataTool(StreamingMCPTool):
    """Makes test data."""

    name = "test-data"
    description = "Makes records of test data, the same for the same seed"

    def pieces(self, params: Any) -> list[dict[str, int]]:
        """{count, seed} to records."""
        count, seed = params.get("count", 3), params.get("seed", 0)
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= RECORDS_LIMIT:
            raise Declined.wrong("invalid_call", "params.count", f"0 to {RECORDS_LIMIT}")
        if not isinstance(seed, int):
            raise Declined.wrong("invalid_call", "params.count", f"0 to {RECORDS_LIMIT}")
        return [{"id": number, "value": (31 * seed + 17 * number) % 101} for number in range(count)]

    def gather(self, pieces: list[Any]) -> dict[str, Any]:
        """The records as one result."""
        return {"records": pieces}


TOOLS: tuple[type[BaseMCPTool], ...] = (DataTool, TokenCountTool)


def unknown_tool(name: str) -> Declined:
    """The refusal of a name that no tool has."""
    return Declined(HTTPStatus.NOT_FOUND, "tool_not_found", f"there is no tool {name!r}")
