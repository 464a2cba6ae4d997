"""`python -m fleet_1_0_5.clients.migrated --url URL`: reads tasks and tools as streams where the fleet can, and says what it met."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
from httpx_sse import EventSource

EVENTS = {"accept": "text/event-stream"}
ORDER = {"agentType": "test-generator", "description": "to be read as it comes", "outputTokens": 400}
LARGE = ORDER | {"inputTokens": 8000, "outputTokens": 2000, "steps": 12, "context": [f"file-{n}" for n in range(12)]}
MADE = ("id", "createdAt")

Events = list[tuple[str, Any]]


def events_of(client: httpx.Client, path: str, body: Any) -> Events:
    """The events of an answer; a whole answer is one event."""
    with client.stream("POST", path, json=body, headers=EVENTS) as answer:
        if "event-stream" not in answer.headers["content-type"]:
            answer.read()
            return [("whole" if answer.is_success else f"refused {answer.status_code}", answer.json())]
        return [(event.event, json.loads(event.data)) for event in EventSource(answer).iter_sse()]


def streams(client: httpx.Client) -> Iterator[str]:
    """A task as a stream, and the same as a whole."""
    met = events_of(client, "/tasks", ORDER)
    chunks = [said for name, said in met if name == "chunk"]
    if not chunks:
        yield f"tasks come as a {met[-1][0]}"
    else:
        yield f"first comes {met[0][0]}, last {met[-1][0]}"
        yield f"chunks in order: {[chunk['index'] for chunk in chunks] == list(range(len(chunks)))}"
    streamed, whole = met[-1][1], client.post("/tasks", json=ORDER).json()
    same = {name: value for name, value in streamed.items() if name not in MADE}
    yield f"streamed equals whole: {same == {name: value for name, value in whole.items() if name not in MADE}}"
    yield f"it is kept: {client.get('/tasks/' + streamed['id']).json() == streamed}"


def models(client: httpx.Client) -> Iterator[str]:
    """A small and a large task."""
    features = client.get("/health").json().get("features")
    yield f"features {features}"
    yield f"a small task is for {client.post('/tasks', json=ORDER).json()['model']}"
    yield f"a large task is for {client.post('/tasks', json=LARGE).json()['model']}"


def tools(client: httpx.Client) -> Iterator[str]:
    """A tool as a stream."""
    met = events_of(client, "/tools/test-data/execute", {"params": {"count": 3}})
    yield f"data come as {' '.join(name for name, _ in met)}"


def main() -> int:
    """Run the script: 0 when it came to its end, 1 when the service was in its way."""
    parser = argparse.ArgumentParser(prog="fleet-client-1.0.5", description=__doc__)
    parser.add_argument("--url", required=True, help="where the fleet is, http://host:port")
    url = parser.parse_args().url
    if urlsplit(url).scheme not in ("http", "https"):
        parser.error(f"'{url}' is no URL; write http://host:port")
    try:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            for part in (models, streams, tools):
                for line in part(client):
                    print(line)
    except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
        print(f"stopped: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
