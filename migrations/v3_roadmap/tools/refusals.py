"""How a tool says no: one line for each reason, never a traceback."""


class RefusedError(Exception):
    """What was asked for is not done; `lines` say why and what to do."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines
