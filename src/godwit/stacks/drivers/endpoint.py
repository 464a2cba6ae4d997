"""A stack that answers already at a URL: never started or stopped; refuses hosts beyond loopback unless allowed."""

import ipaddress
import urllib.parse

from godwit.plan import EndpointDriver
from godwit.stacks.health import check, failure, wait_until_healthy
from godwit.stacks.places import Placement, Places
from godwit.stacks.stack import Request, Stack
from godwit.verdict import GodwitError, Health, Sample, StackError


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Endpoints:
    """The `endpoint` driver."""

    def place(self, request: Request) -> Placement:
        """The URL as the plan says it; raises GodwitError for one that godwit was not allowed to touch."""
        section: EndpointDriver = request.section
        parts = urllib.parse.urlsplit(section.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise GodwitError(
                f"stacks.{request.role}.drivers.endpoint.url: {section.url!r} is not an http or https URL"
            )
        if not is_loopback(parts.hostname) and not {parts.hostname, parts.netloc} & set(request.allow):
            raise GodwitError(
                f"stacks.{request.role}.drivers.endpoint.url: {parts.hostname} is not this machine, and godwit touches "
                f"other hosts only when told; allow {parts.hostname} (and write:{parts.hostname} to let it write there)"
            )
        own = {
            "python": request.site.python,
            "host": parts.hostname,
            "port": str(parts.port or (443 if parts.scheme == "https" else 80)),
            "work": str(request.work),
            "url": section.url.rstrip("/"),
        }
        return Placement(own, own, section.store)

    def open(self, request: Request, places: Places) -> Stack:
        """The stack as it is."""
        return EndpointStack(request, places)


class EndpointStack:
    """A version that somebody else runs."""

    def __init__(self, request: Request, places: Places) -> None:
        own = places.of(request.role)
        parts = urllib.parse.urlsplit(own["url"])
        self.role, self.version, self.log_path = request.role, request.spec.version, request.log_path
        self.url, self.store = own["url"], places.store(request.role)
        self.writable = bool({f"write:{parts.hostname}", f"write:{parts.netloc}"} & set(request.allow))
        self._spec = request.spec

    def start(self) -> None:
        """Wait until it is healthy; nothing is started."""
        timeout_s = self._spec.health.timeout_s if self._spec.health else 0.0
        why = wait_until_healthy(self.health, timeout_s, lambda: "")
        if why:
            raise failure(self.role, "endpoint", f"GET {self.url}", why, [], "an endpoint, which godwit cannot see")

    def stop(self, timeout_s: float = 10.0) -> None:
        """Do nothing: it is not ours."""

    def kill(self) -> None:
        """Raise StackError: it is not ours."""
        raise StackError(f"{self.role} (endpoint {self.url}) is not godwit's own and is never killed")

    def is_running(self) -> bool:
        """Whether anything answers."""
        return self.health().status != 0

    def health(self) -> Health:
        """What it answers now."""
        return check(self.url, self._spec)

    def logs(self, last: int = 50) -> list[str]:
        """Nothing: its logs cannot be seen."""
        del last
        return []

    def pids(self) -> tuple[int, ...]:
        """Nothing: its processes are not ours."""
        return ()

    def sample(self, *, whole: bool = True) -> Sample:
        """Raise StackError: its resources cannot be seen."""
        raise StackError(f"{self.role} (endpoint {self.url}) is not godwit's own: its resources cannot be seen")

    def runtime(self) -> None:
        """Nothing: its code is not on this machine."""

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""
