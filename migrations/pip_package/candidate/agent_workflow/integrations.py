"""Asks Discord, Claude and GitHub whether they answer with the credentials at hand; changes nothing but channel topics."""

import os
from dataclasses import dataclass
from typing import Any

VARIABLE = "AGENT_WORKFLOW_INTEGRATIONS"
TIMEOUT_S = 5.0
NAMES = {"discord": "Discord bot", "claude": "Claude API", "github": "GitHub"}
URLS = {
    "discord": "https://discord.com/api/v10",
    "claude": "https://api.anthropic.com",
    "github": "https://api.github.com",
}
NEEDED = ("send_messages", "manage_channels")


@dataclass(frozen=True, slots=True)
class Connection:
    """One integration: whether it works, and what was found by each look at it, in their order."""

    name: str
    works: bool
    detail: str
    looks: dict[str, tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an integration is and what it is asked with."""

    name: str
    url: str
    secret: str
    guild: str = ""


def endpoints(config: dict[str, Any], secrets: dict[str, str]) -> list[Endpoint]:
    """The integrations that the settings and the credentials make out."""
    found = []
    discord, claude = config.get("discord") or {}, config.get("ai_provider") or {}
    if discord.get("enabled"):
        secret = secrets.get(str(discord.get("credential", "DISCORD_BOT_TOKEN")), "")
        found.append(
            Endpoint("discord", _url("discord", discord.get("api_base")), secret, str(discord.get("guild_id", "")))
        )
    if claude:
        secret = secrets.get(str(claude.get("credential", "CLAUDE_API_KEY")), "")
        found.append(Endpoint("claude", _url("claude", claude.get("base_url")), secret))
    if "GITHUB_TOKEN" in secrets:
        found.append(Endpoint("github", _url("github", None), secrets["GITHUB_TOKEN"]))
    return found


def connect(endpoint: Endpoint) -> Connection:
    """One integration, asked; never an exception for one that does not answer."""
    looks = _discord(endpoint) if endpoint.name == "discord" else _plain(endpoint)
    wrong = [f"{what}: {detail}" for what, (good, detail) in looks.items() if not good]
    return Connection(endpoint.name, not wrong, "; ".join(wrong) or "working", looks)


def synchronise(endpoint: Endpoint, registry: dict[str, Any]) -> list[str]:
    """Tells each project's Discord channel which project it belongs to; returns those that took it."""
    done = []
    for name, project in registry.get("projects", {}).items():
        channel = (project.get("discord_channel") or {}).get("id")
        if channel and _ask(endpoint, f"/channels/{channel}", "PATCH", {"topic": f"project {name}"})[0]:
            done.append(name)
    return done


def _discord(endpoint: Endpoint) -> dict[str, tuple[bool, str]]:
    answer = {
        "network connectivity": _ask(endpoint, "/gateway"),
        "token validation": _ask(endpoint, "/users/@me"),
        "API status": _ask(endpoint, "/status"),
        "guild permissions": _ask(endpoint, f"/guilds/{endpoint.guild}/permissions"),
    }
    looks = {what: (good, said if isinstance(said, str) else "good") for what, (good, said) in answer.items()}
    status = answer["API status"][1]
    if isinstance(status, dict) and status.get("status") != "operational":
        looks["API status"] = (False, f"service {status.get('status')}")
    granted = answer["guild permissions"][1]
    if isinstance(granted, dict) and (missing := sorted(set(NEEDED) - set(granted.get("granted", [])))):
        looks["guild permissions"] = (False, f"missing {', '.join(missing)}")
    return looks


def _plain(endpoint: Endpoint) -> dict[str, tuple[bool, str]]:
    good, said = _ask(endpoint, "/v1/models" if endpoint.name == "claude" else "/user")
    return {"answer": (good, said if isinstance(said, str) else "good")}


def _ask(endpoint: Endpoint, path: str, method: str = "GET", body: Any = None) -> tuple[bool, Any]:
    """Whether it answered well, and its JSON or what was wrong."""
    import httpx

    headers = (
        {"x-api-key": endpoint.secret} if endpoint.name == "claude" else {"Authorization": f"Bearer {endpoint.secret}"}
    )
    if endpoint.name == "discord":
        headers = {"Authorization": f"Bot {endpoint.secret}"}
    try:
        answer = httpx.request(
            method, endpoint.url + path, headers=headers, json=body, timeout=TIMEOUT_S, trust_env=False
        )
        if answer.is_success:
            return True, answer.json()
    except httpx.TimeoutException:
        return False, "connection timeout"
    except (httpx.HTTPError, ValueError) as error:
        return False, f"{type(error).__name__}: {error}"
    return False, "token refused" if answer.status_code == 401 else f"HTTP {answer.status_code}"


def ask(endpoint: Endpoint, path: str, method: str = "GET", body: Any = None) -> Any:
    """What it answers, or None when it does not answer well."""
    good, said = _ask(endpoint, path, method, body)
    return said if good else None


def _url(name: str, configured: Any) -> str:
    stand_in = os.environ.get(VARIABLE)
    return f"{stand_in.rstrip('/')}/{name}" if stand_in else str(configured or URLS[name]).rstrip("/")
