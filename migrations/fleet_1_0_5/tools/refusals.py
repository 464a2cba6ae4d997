"""How a tool says no: one line for each reason, never a traceback."""


class RefusedError(Exception):
    """Raised before anything was changed; `lines` holds one reason each."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines
