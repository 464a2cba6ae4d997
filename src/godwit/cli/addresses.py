"""Addresses that a command may ask: loopback, and hosts that were allowed by name; asks none."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from godwit.verdict import GodwitError


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def check_system(option: str, url: str, allowed: Sequence[str]) -> None:
    """Refuse what is no address of a system, and a host that nobody allowed."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise GodwitError(f"{option} {url}: {error}") from None
    if parts.scheme not in ("http", "https") or not host or parts.path.strip("/") or parts.query:
        raise GodwitError(f"{option} {url} is no address of a system; write http://HOST:PORT without a path")
    if not is_loopback(host) and host not in allowed:
        raise GodwitError(f"{option} {url}: {host} is not this machine; allow it with --allow {host}")
