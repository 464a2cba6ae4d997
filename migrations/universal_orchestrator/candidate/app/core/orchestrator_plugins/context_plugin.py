"""ContextPlugin: keeps contexts of sessions small: compressed, counted against a window, cleaned up; loses no value."""

import json
import zlib
from typing import Any

from .contract import OrchestratorPlugin, PluginMetadata, PluginType

WINDOW_BYTES = 256 * 1024
IDLE_S = 3600.0


class ContextPlugin(OrchestratorPlugin):
    """Contexts are JSON values by session; `window_bytes` is what all of them may use together, uncompressed."""

    def __init__(self, window_bytes: int = WINDOW_BYTES) -> None:
        super().__init__(
            PluginMetadata("context", "1.0.0", PluginType.CONTEXT, "Contexts of sessions, kept small", priority=50)
        )
        self.window_bytes = window_bytes
        self._plain: dict[str, bytes] = {}
        self._packed: dict[str, bytes] = {}
        self._used_s: dict[str, float] = {}
        self._context: Any = None

    async def initialize(self, orchestrator_context: Any) -> bool:
        """Take the clock."""
        self._context = orchestrator_context
        return True

    def remember(self, session: str, value: Any) -> int:
        """Keep a value for a session; its size in bytes."""
        self._packed.pop(session, None)
        self._plain[session] = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
        self._used_s[session] = self._context.clock()
        return len(self._plain[session])

    def recall(self, session: str) -> Any:
        """The value, compressed or not; KeyError for an unknown session."""
        self._used_s[session] = self._context.clock() if session in self._used_s else 0.0
        if session in self._packed:
            return json.loads(zlib.decompress(self._packed[session]))
        if session not in self._plain:
            del self._used_s[session]
            raise KeyError(session)
        return json.loads(self._plain[session])

    def optimise(self) -> dict[str, int]:
        """Compress what is not compressed; bytes before and after, over all sessions."""
        before = self.size_bytes
        for session in list(self._plain):
            self._packed[session] = zlib.compress(self._plain.pop(session), 9)
        return {"before": before, "after": self.size_bytes}

    def clean_up(self, idle_s: float = IDLE_S) -> int:
        """Forget sessions that nobody used for so long; how many."""
        old = [session for session, at in self._used_s.items() if self._context.clock() - at > idle_s]
        for session in old:
            self._plain.pop(session, None)
            self._packed.pop(session, None)
            del self._used_s[session]
        return len(old)

    @property
    def size_bytes(self) -> int:
        """What all contexts use now."""
        return sum(map(len, self._plain.values())) + sum(map(len, self._packed.values()))

    @property
    def usage_percent(self) -> float:
        """How much of the window is used."""
        return round(100.0 * self.size_bytes / self.window_bytes, 3)

    async def health_check(self) -> dict[str, Any]:
        """Degraded when the window is full."""
        full = self.usage_percent >= 100.0
        return {"status": "degraded" if full else "healthy", "usage_percent": self.usage_percent}


PLUGIN = ContextPlugin
