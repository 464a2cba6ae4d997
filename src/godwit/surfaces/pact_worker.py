"""Verifies one Pact file against one running stack with the Pact project's own verifier, as a process of its own.

Told as JSON on stdin (`file`, `url`, `states`), it writes its results to the file named by its one argument. The verifier
is native code that sends usage statistics unless told otherwise and may hang: it never runs in godwit's own process.
"""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from godwit.plan import Request
from godwit.surfaces.http import exchange


class States:
    """Brings the stack into the states that a pact names; troubles are kept, since the verifier retries what raises."""

    def __init__(self, url: str, states: dict[str, list[Any]]) -> None:
        self._url = url
        self._states = {name: [Request.model_validate(item) for item in items] for name, items in states.items()}
        self.troubles: list[str] = []

    def enter(self, state: str = "", action: str = "", parameters: dict[str, Any] | None = None) -> None:
        """Send what the plan has for a state; its parameters are known to the requests by their names."""
        if not state or action == "teardown":
            return
        for answer in exchange(self._states.get(state, []), self._url, captured=dict(parameters or {})):
            if answer.status == 0 or answer.status >= 400:
                said = answer.error or f"answered {answer.status}"
                self.troubles.append(f"state '{state}' could not be entered: {answer.request} {said}")


def main() -> int:
    """Verify, and write what the verifier found."""
    from pact import Verifier

    told = json.load(sys.stdin)
    states = States(told["url"], told["states"])
    verifier = Verifier("provider", host=urlsplit(told["url"]).hostname)
    verifier.add_transport(url=told["url"])
    verifier.add_source(told["file"])
    verifier.state_handler(states.enter, teardown=False)
    verifier.set_request_timeout(10_000)
    try:
        verifier.verify()
    except RuntimeError:  # it says no more than that something was found, and the results say what
        pass
    results = {"results": verifier.results, "troubles": states.troubles}
    Path(sys.argv[1]).write_text(json.dumps(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
