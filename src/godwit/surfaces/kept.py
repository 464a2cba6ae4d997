"""Connections that stay open while something changes: each is opened once, and says why it answers no more; opens none anew."""

import http.client
from urllib.parse import urlsplit


class KeptConnection:
    """One open connection to a stack."""

    def __init__(self, url: str, path: str, timeout_s: float = 10.0) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
        self._path = f"{parts.path.rstrip('/')}{path}"
        self.trouble = ""

    def open(self) -> None:
        """Connect and ask once; `trouble` says so where the server keeps no connection open."""
        self.ask()
        # From here on a closed connection is to be seen: the library would open another one without a word.
        self._connection.auto_open = 0

    def ask(self) -> bool:
        """Whether it answers on the connection that was opened; after the first trouble it is not asked again."""
        if self.trouble:
            return False
        try:
            self._connection.request("GET", self._path)
            answer = self._connection.getresponse()
            answer.read()
        except (http.client.HTTPException, OSError) as error:
            self.trouble = str(error) or type(error).__name__
        else:
            self.trouble = "the server closes it after its answer" if answer.will_close else ""
        return not self.trouble

    def close(self) -> None:
        """Close it."""
        self._connection.close()
