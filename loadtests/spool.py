"""How requests that have ended lie in a file, 20 bytes each; knows no network and no Locust."""

import struct
from pathlib import Path

RECORD = struct.Struct("<IQIHBB")
"""Turn, when it was due (µs since the start), latency (µs, 0 unless it was answered well), operation, side, kind."""

WARM = 0x80
"""Set in the kind of what was sent while warming up."""

_KEPT_BYTES = 64 * RECORD.size


class Spool:
    """Records on their way to a file; memory holds the last few only."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._held = bytearray()
        self.written = 0

    def add(self, *record: int) -> None:
        """Keep a record: see RECORD."""
        self._held += RECORD.pack(*record)
        if len(self._held) >= _KEPT_BYTES:
            self.flush()

    def flush(self) -> None:
        """Have everything in the file."""
        if self._held:
            self._file.write(self._held)
            self.written += len(self._held)
            self._held.clear()

    def close(self) -> None:
        """Write the rest, and no more."""
        self.flush()
        self._file.close()
