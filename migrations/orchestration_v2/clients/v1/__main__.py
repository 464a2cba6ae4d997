"""`python -m orchestration_v2.clients.v1 --url URL`: a user's script of before the migration; it says what it met."""

import argparse
import sys
import uuid
from collections.abc import Callable, Iterator
from urllib.error import URLError
from urllib.parse import urlsplit

from orchestration_v2.clients.v1.sdk import Orchestration, OrchestrationError

ESTIMATE = 9007199254740995
TITLE = "Grüße 🚀 שלום"


def agents(api: Orchestration, _: str) -> Iterator[str]:
    """Say who works here."""
    for agent in sorted(api.agents(), key=lambda it: it["id"]):
        yield f"agent {agent['id']} is {agent['role']}, may talk to {len(agent['talks_to'])}"


def life_of_a_task(api: Orchestration, me: str) -> Iterator[str]:
    """Create a task, read it back, complete it, and meet the refusals that scripts rely on."""
    made = api.create_task(title=TITLE, role="pm", created_by=me, priority=2, estimate=ESTIMATE)
    again = api.task(made["id"])
    yield f"task of {again['agent']}, priority {again['priority']}, fields {', '.join(sorted(again))}"
    yield f"title and estimate came back: {(again['title'], again['estimate']) == (TITLE, ESTIMATE)}"
    done = api.complete(made["id"], {"lines": [1, None]})
    yield f"task is {done['status']} with {done['result']}"
    yield refusal("completing it again", lambda: api.complete(made["id"], None))
    api.delete(made["id"])
    yield refusal("reading it after its deletion", lambda: api.task(made["id"]))
    yield refusal("a task without a title", lambda: api.create_task(title="", created_by=me))


def pages(api: Orchestration, me: str) -> Iterator[str]:
    """Create three tasks, one of them twice with one key, and walk through them in pages of two."""
    made = [api.create_task(f"{me}-{key}", title=key, role="sre", created_by=me)["id"] for key in ("a", "b", "c", "a")]
    yield f"the same key twice made one task: {made[0] == made[3]}"
    met = [task["id"] for task in api.tasks(2, created_by=me)]
    yield f"the walk met each task once: {sorted(met) == sorted(set(made))}, in order: {met == sorted(met)}"
    for task_id in set(made):
        api.delete(task_id)


def life_of_a_workflow(api: Orchestration, me: str) -> Iterator[str]:
    """Run a workflow of two steps to its end, with a break."""
    steps = [{"agent": "pm"}, {"agent": "sre"}]
    flow = api.start_workflow(title="Release", owner=me, critical=False, steps=steps)["id"]
    for deed in ("advance", "pause", "resume", "advance"):
        state = api.workflow(flow, deed)
        yield f"after {deed}: {state['status']}, steps {', '.join(step['state'] for step in state['steps'])}"
    yield refusal("pausing what is over", lambda: api.workflow(flow, "pause"))


def refusal(what: str, ask: Callable[[], object]) -> str:
    """What a request that must be refused is refused with."""
    try:
        ask()
    except OrchestrationError as error:
        return f"{what}: {error.status} {error.code}"
    return f"{what}: not refused"


def main() -> int:
    """Run the script: 0 when it came to its end, 1 when the service was in its way."""
    parser = argparse.ArgumentParser(prog="orchestration-client-v1", description=__doc__)
    parser.add_argument("--url", required=True, help="where the service is, http://host:port")
    url = parser.parse_args().url
    if urlsplit(url).scheme not in ("http", "https"):
        parser.error(f"'{url}' is no URL; write http://host:port")
    me = f"client-v1-{uuid.uuid4().hex[:12]}"
    try:
        for part in (agents, life_of_a_task, pages, life_of_a_workflow):
            for line in part(Orchestration(url), me):
                print(line)
    except (OrchestrationError, URLError, OSError, KeyError, TypeError, ValueError) as error:
        print(f"stopped: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
