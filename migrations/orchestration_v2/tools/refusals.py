"""How a tool says no: one line for each reason, never a traceback."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the tool
    """Raised before anything was changed; `lines` holds one reason each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines
