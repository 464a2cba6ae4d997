"""`python -m fleet_1_0_5.clients.legacy --url URL`: a user's script of before the migration; it says what it met."""

import argparse
import sys
import uuid
from collections.abc import Callable, Iterator
from urllib.error import URLError
from urllib.parse import urlsplit

from fleet_1_0_5.clients.legacy.sdk import Fleet, FleetRefusal

TITLE = "Grüße 🚀 שלום"


def agents(fleet: Fleet, _: str) -> Iterator[str]:
    """Say who works here."""
    kinds = sorted({agent["type"] for agent in fleet.get("/agents")["agents"]})
    yield f"agents of types {', '.join(kinds)}"
    yield f"a new one is {fleet.spawn('test-generator')['status']}"
    yield refusal("spawning a pilot", lambda: fleet.spawn("pilot"))


def tasks(fleet: Fleet, me: str) -> Iterator[str]:
    """Have tasks done, read them back, meet the refusals that scripts rely on."""
    done = fleet.do("test-generator", f"{TITLE} {me}", outputTokens=150, priority=2, label="simple")
    again = fleet.get(f"/tasks/{done['id']}")
    yield f"task is {done['status']} by {done['model']}, {done['result']['count']} cases, fields {', '.join(sorted(done))}"
    yield f"it is kept as it was answered: {again == done}, used {again['usage']}"
    yield f"the walk meets it once: {[task['id'] for task in fleet.tasks(50)].count(done['id']) == 1}"
    yield refusal("a task for a pilot", lambda: fleet.do("pilot", "fly"))
    yield refusal("a task without words", lambda: fleet.do("test-generator", ""))
    yield refusal("a task that is not there", lambda: fleet.get("/tasks/no-such-task"))
    notes = {entry["key"]: entry["value"] for entry in fleet.get("/memory/coordination?limit=500")["entries"]}
    yield f"agents remember it: {notes.get('tasks/' + done['id'])}"


def tools(fleet: Fleet, _: str) -> Iterator[str]:
    """Call tools."""
    yield f"tools {', '.join(tool['name'] for tool in fleet.get('/tools')['tools'])}"
    yield f"tokens {fleet.call('token-count', text='eight by four')}"
    yield f"data {fleet.call('test-data', count=2, seed=3)}"
    yield refusal("a hammer", lambda: fleet.call("hammer"))


def refusal(what: str, ask: Callable[[], object]) -> str:
    """What a request that must be refused is refused with."""
    try:
        ask()
    except FleetRefusal as error:
        return f"{what}: {error.status} {error.code}"
    return f"{what}: not refused"


def main() -> int:
    """Run the script: 0 when it came to its end, 1 when the service was in its way."""
    parser = argparse.ArgumentParser(prog="fleet-client-1.0.4", description=__doc__)
    parser.add_argument("--url", required=True, help="where the fleet is, http://host:port")
    url = parser.parse_args().url
    if urlsplit(url).scheme not in ("http", "https"):
        parser.error(f"'{url}' is no URL; write http://host:port")
    me = uuid.uuid4().hex[:12]
    try:
        for part in (agents, tasks, tools):
            for line in part(Fleet(url), me):
                print(line)
    except (FleetRefusal, URLError, OSError, KeyError, TypeError, ValueError) as error:
        print(f"stopped: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
