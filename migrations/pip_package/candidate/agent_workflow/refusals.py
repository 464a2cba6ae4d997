"""The one error that a command tells in a line and exit code; refuses to be a traceback."""


class RefusedError(Exception):
    """Something that cannot be done as asked; `code` is the word under which the error reference has it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
