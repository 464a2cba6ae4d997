"""What plugins get to see: configuration, roster, vital signs, a bus of events and a list of alerts; decides nothing."""

import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

logger = logging.getLogger("universal_orchestrator")
Listener = Callable[[str, Mapping[str, Any]], Awaitable[None] | None]


class OrchestratorContext:
    """Shared by the orchestrator and its plugins. `clock` gives seconds and may be replaced."""

    def __init__(self, config: Any, roster: Any, vital_signs: Any) -> None:
        self.config = config
        self.roster = roster
        self.vital_signs = vital_signs
        self.clock: Callable[[], float] = time.monotonic
        self.alerts: deque[dict[str, Any]] = deque(maxlen=max(config.history, 1))
        self._listeners: dict[str, list[Listener]] = {}

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Have `listener(topic, details)` called for every event of a topic; * stands for all."""
        self._listeners.setdefault(topic, []).append(listener)

    async def publish(self, topic: str, details: Mapping[str, Any]) -> None:
        """Tell all listeners; one that fails is logged and does not keep the others from hearing."""
        for listener in (*self._listeners.get(topic, ()), *self._listeners.get("*", ())):
            try:
                waiting = listener(topic, details)
                if waiting is not None:
                    await waiting
            except Exception:
                logger.exception("a listener of %s failed", topic)

    def alert(self, source: str, message: str, level: str = "warning") -> None:
        """Raise an alert once; the same one again changes nothing until it is resolved."""
        if not any(each["source"] == source and each["message"] == message for each in self.alerts):
            self.alerts.append({"source": source, "message": message, "level": level})
            logger.warning("alert of %s: %s", source, message)

    def resolve(self, source: str) -> None:
        """Take back all alerts of a source."""
        kept = [each for each in self.alerts if each["source"] != source]
        self.alerts.clear()
        self.alerts.extend(kept)

    @property
    def critical_alerts(self) -> int:
        """How many alerts are critical."""
        return sum(each["level"] == "critical" for each in self.alerts)
