"""The command client of both sides: `python -m v3_roadmap.clients.commands --url URL NAME key=value ...`; prints one line of JSON.

Exit 0 done, 1 refused, 2 misused, 3 nobody answers.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any

NUMBERS = frozenset({"capacity", "priority", "percent"})
TIMEOUT_S = 30


def main() -> None:
    """Reads the command line and runs a command, all of them, or lists them."""
    parser = argparse.ArgumentParser(prog="coordinate", description="Runs commands of the coordination service.")
    parser.add_argument("--url", default=os.environ.get("V3_URL"), help="http://host:port; V3_URL without it")
    parser.add_argument("--all", action="store_true", help="one story in which all 15 commands play a part")
    parser.add_argument("--list", action="store_true", help="print the names of all commands that are there")
    parser.add_argument("name", nargs="?")
    parser.add_argument("arguments", nargs="*", metavar="key=value")
    options = parser.parse_args()
    if not options.url or (options.name is None) != (options.all or options.list):
        parser.error("--url (or V3_URL) and one of NAME, --all and --list are wanted")
    wrong = [word for word in options.arguments if "=" not in word]
    if wrong:
        parser.error(f"{wrong[0]!r} is not key=value")
    client = Client(options.url.rstrip("/"))
    try:
        if options.list:
            print("\n".join(client.names()))
        elif options.all:
            for name, result in story(client):
                print(json.dumps({"command": name, "result": result}, ensure_ascii=False))
        else:
            print(json.dumps(client.run(options.name, _arguments(options.arguments)), ensure_ascii=False))
    except Refusal as refusal:
        sys.exit(_end(f"{options.name or 'story'}: {refusal}", 1))
    except OSError as error:
        sys.exit(_end(f"{options.url}: nobody answers: {error}", 3))


class Refusal(Exception):
    """The service declined; the message starts with its code."""


class Client:
    """A service at a URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    def run(self, name: str, arguments: dict[str, Any]) -> Any:
        """The result of a command; raises Refusal, or OSError where nobody answers."""
        return self._ask(f"/commands/{name}", json.dumps(arguments).encode())["result"]

    def names(self) -> list[str]:
        """The commands that are there."""
        return [command["name"] for command in self._ask("/commands", None)["commands"] if command["present"]]

    def _ask(self, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(self._url + path, body, {"content-type": "application/json"})  # noqa: S310 - the user's own URL
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refusal(_reason(error.read(), error.code)) from None


def story(client: Client, agent: str = "story-agent", team: str = "story-team") -> list[tuple[str, Any]]:
    """Every command once at least, as an agent would need them; leaves no agent behind."""
    done: list[tuple[str, Any]] = []

    def run(name: str, **arguments: Any) -> Any:
        done.append((name, client.run(name, arguments)))
        return done[-1][1]

    run("register-agent", agent=agent, team=team, specialization="reviews")
    run("heartbeat", agent=agent)
    run("set-capacity", agent=agent, capacity=2)
    for description in ("first", "second"):
        run("add-work", type="review", description=description, team=team)
    first = run("claim-work", agent=agent)["work"]["id"]
    second = run("claim-work", agent=agent)["work"]["id"]
    run("progress-work", agent=agent, work=first, percent=50)
    run("complete-work", agent=agent, work=first, outcome="success")
    run("release-work", agent=agent, work=second)
    run("agent-status", agent=agent)
    for name in ("list-agents", "list-work", "team-report"):
        run(name, team=team)
    run("health-score")
    run("dashboard")
    run("claim-work", agent=agent)
    run("complete-work", agent=agent, work=second, outcome="failure")
    run("deregister-agent", agent=agent)
    return done


def _arguments(words: list[str]) -> dict[str, Any]:
    pairs = dict(word.split("=", 1) for word in words)
    return {
        key: int(value) if key in NUMBERS and value.lstrip("-").isdecimal() else value for key, value in pairs.items()
    }


def _reason(body: bytes, status: int) -> str:
    try:
        error = json.loads(body)["error"]
        return f"{error['code']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        return f"status {status}"


def _end(line: str, code: int) -> int:
    print(line, file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
