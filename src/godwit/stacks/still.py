"""A stack that runs nothing by itself: started means that its users may begin; it refuses to start when it is not whole."""

from godwit.stacks.health import failure, tail
from godwit.stacks.stack import Request
from godwit.verdict import Health, Sample, StackError


class StillStack:
    """What is imported or called rather than running; a driver says how its health is told (`ask`)."""

    writable = True
    kind = "still"
    store: str | None = None

    def __init__(self, request: Request, url: str) -> None:
        self.role, self.version, self.log_path = request.role, request.spec.version, request.log_path
        self.url = url
        self._request = request
        self._started = False

    def ask(self) -> Health:
        """What it says of itself now."""
        raise NotImplementedError

    def start(self) -> None:
        """Ask it how it is; StackError when it is not healthy."""
        if self._started:
            raise StackError(f"{self.role} ({self.kind}) runs already; stop it first")
        health = self.ask()
        if not health.healthy:
            raise failure(self.role, self.kind, self.url, health.detail, self.logs(20), self.log_path)
        self._started = True
        self._note(f"starting {health.version}")

    def stop(self, timeout_s: float = 10.0) -> None:
        """Its users may no longer begin."""
        if self._started:
            self._note("ended gracefully")
        self._started = False

    def kill(self) -> None:
        """The same at once; there is nothing to end."""
        self._started = False

    def is_running(self) -> bool:
        """Whether its users may begin."""
        return self._started

    def health(self) -> Health:
        """What it says of itself, once it was started."""
        return self.ask() if self._started else Health(False, 0, None, detail="not running")

    def logs(self, last: int = 50) -> list[str]:
        """The last lines that were noted of it."""
        return tail(self.log_path, last)

    def pids(self) -> tuple[int, ...]:
        """Nothing: it has no process of its own."""
        return ()

    def sample(self, *, whole: bool = True) -> Sample:
        """Raise StackError: it has no process of its own."""
        raise StackError(f"{self.role} ({self.kind}) has no process of its own: nothing to sample")

    def close(self) -> None:
        """Stop it; what was made for it is kept."""
        self.stop()

    def _told(self, version: str | None, body: object) -> Health:
        """Healthy when it is the plan's version."""
        if version == self.version:
            return Health(True, 200, version, body, "healthy")
        return Health(False, 200, version, body, f"it has version {version!r}, the plan says {self.version!r}")

    def _note(self, text: str) -> None:
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("a", encoding="utf-8") as log:
            log.write(f"{text}\n")
