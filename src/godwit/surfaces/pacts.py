"""Has a Pact file verified against a running stack and gives what was seen of each interaction; judges nothing."""

import importlib.util
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from godwit.plan import Request
from godwit.surfaces.cli import run_command
from godwit.verdict import HarnessError, Interaction, Mismatch

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def verify_pact(file: Path, url: str, states: Mapping[str, Sequence[Request]], timeout_s: float) -> list[Interaction]:
    """Verify every interaction of a Pact file against the stack at `url`, in file order.

    HarnessError says why that could not be done: the verifier is not installed, a state could not be entered, or it
    did not end in time.
    """
    if importlib.util.find_spec("pact") is None:
        raise HarnessError("Pact files need the Pact verifier: pip install 'pytest-godwit[pacts]'")
    asked = {name: [request.model_dump(mode="json") for request in requests] for name, requests in states.items()}
    told = json.dumps({"file": str(file), "url": url, "states": asked})
    env = {name: text for name, text in os.environ.items() if name.lower() not in _PROXIES}
    env |= {"PACT_DO_NOT_TRACK": "true", "NO_PROXY": "*"}
    with tempfile.TemporaryDirectory() as folder:
        left = Path(folder) / "results.json"
        words = (sys.executable, "-P", "-m", "godwit.surfaces.pact_worker", str(left))
        ended = run_command(words, cwd=Path(folder), env=env, timeout_s=timeout_s, stdin=told.encode())
        if ended.timed_out:
            raise HarnessError(f"the Pact verifier did not end within {timeout_s:g} s on {file.name} against {url}")
        if not left.is_file():
            tail = "\n  ".join(ended.stderr.splitlines()[-5:])
            raise HarnessError(f"the Pact verifier ended with exit code {ended.exit} on {file.name}\n  {tail}")
        return _interactions(json.loads(left.read_text(encoding="utf-8")), file)


def _interactions(told: Mapping[str, Any], file: Path) -> list[Interaction]:
    if told["troubles"]:
        raise HarnessError(f"{file.name}: {'; '.join(told['troubles'][:3])}")
    results = told["results"]
    rows = results.get("interactionResults", [])
    errors = results.get("errors", [])
    if errors and not rows:
        raise HarnessError(f"{file.name}: {errors[0].get('mismatch', {}).get('message', 'the verifier gave up')}")
    return [_interaction(row) for row in rows]


def _interaction(row: Mapping[str, Any]) -> Interaction:
    found = row.get("mismatch") or {}
    single = [{"type": "error", "mismatch": found["message"]}] if found.get("message") else []
    mismatches = tuple(_mismatch(each) for each in [*found.get("mismatches", ()), *single])
    if row.get("result") != "OK" and not mismatches:
        mismatches = (Mismatch("error", "", "", "", "the verifier says no more"),)
    states = tuple(str(state) for state in row.get("providerStates", ()))
    return Interaction(str(row.get("consumer", "")), str(row.get("description", "")), states, mismatches)


def _mismatch(each: Mapping[str, Any]) -> Mismatch:
    kind = str(each.get("type", "")).removesuffix("Mismatch").lower()
    where = str(each.get("path") or each.get("key") or "")
    return Mismatch(
        kind, where, str(each.get("expected", "")), str(each.get("actual", "")), str(each.get("mismatch", ""))
    )
