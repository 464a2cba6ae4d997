"""Tools that agents and callers may use: what every tool is, and those that the fleet brings along."""

from typing import Any

from fleet_1_0_5.baseline.refusals import FleetError

MOST_RECORDS = 1000


class BaseMCPTool:
    """A tool; subclasses have a name, a description and execute."""

    name = ""
    description = ""

    async def execute(self, params: Any) -> Any:
        """What the tool does; to be implemented."""
        raise NotImplementedError(f"{type(self).__name__} does not implement execute")


class TokenCountTool(BaseMCPTool):
    """Counts tokens roughly."""

    name = "token-count"
    description = "Counts the tokens of a text, four signs each"

    async def execute(self, params: Any) -> Any:
        """{text} to {tokens}."""
        text = params.get("text")
        if not isinstance(text, str):
            raise FleetError(422, "invalid_call", "params.text: a text is needed", ["params.text"])
        return {"tokens": -(-len(text) // 4)}


class DataTool(BaseMCPTool):
    """Makes test data."""

    name = "test-data"
    description = "Makes records of test data, the same for the same seed"

    async def execute(self, params: Any) -> Any:
        """{count, seed} to {records}."""
        count, seed = params.get("count", 3), params.get("seed", 0)
        if not _is_count(count) or not isinstance(seed, int):
            raise FleetError(422, "invalid_call", f"params.count: 0 to {MOST_RECORDS}", ["params.count"])
        return {"records": [{"id": n, "value": (seed * 31 + n * 17) % 101} for n in range(count)]}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_RECORDS


OWN_TOOLS: tuple[type[BaseMCPTool], ...] = (DataTool, TokenCountTool)
